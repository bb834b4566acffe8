"""What tills made of offers, as the next night's budget asks."""

from datetime import timedelta

from engine.day.till.redeem import redeem
from engine.day.till.rollback import rollback
from engine.domain.expected_use import KindOfOffers
from engine.store import Store
from engine.store.nights.offer_use import over_kinds, promised_in
from tests.engine.bundles import NIGHT, day
from tests.engine.shop import NOON, basket, line, publish_shop

# Two bundles of five offers each, p_buy .25 and 1,000 thousandths expected, from the 4th up to the 10th.
EXPECTED = KindOfOffers(uses=2.5, expected_milli=10_000, variance=round(10 * 1_000**2 / 0.25))


def given(redeemed: int, minor: int) -> KindOfOffers:
    return KindOfOffers(2.5, 10_000, redeemed, minor * 1_000, EXPECTED.variance)


def test_offers_of_bundles_that_are_over_tell_what_was_given_on_them(store: Store) -> None:
    publish_shop(store, ["anna", "boris"])
    redeem(store, basket(line(0), line(1)), now=NOON)
    assert over_kinds(store, day(1), day(9)) == {}, "they are not over"
    assert over_kinds(store, day(4), day(10)) == {"preferred": given(2, 90)}
    assert over_kinds(store, day(10), day(31)) == {}, "they ended before"


def test_what_came_back_was_not_given(store: Store) -> None:
    publish_shop(store, ["anna", "boris"])
    taken_back = redeem(store, basket(line(0)), now=NOON)
    redeem(store, basket(line(1)), now=NOON)
    rollback(store, taken_back.redemption_id, now=NOON)
    assert over_kinds(store, day(4), day(10)) == {"preferred": given(1, 45)}


def test_a_period_has_promised_what_is_open_and_given_what_is_over(store: Store) -> None:
    publish_shop(store, ["anna", "boris"])
    redeem(store, basket(line(0)), now=NOON)
    during = promised_in(store, day(4), day(11), NOON + timedelta(days=1))
    assert (during.expected_milli, during.over_milli) == (10_000, 0)
    assert during.open_kinds == {"preferred": given(1, 45)}
    after = promised_in(store, day(4), day(11), day(10))
    assert (after.expected_milli, after.over_milli, after.open_kinds) == (10_000, 45_000, {})


def test_what_a_new_attempt_replaces_is_not_promised(store: Store) -> None:
    publish_shop(store, ["anna", "boris"])
    assert promised_in(store, day(4), day(11), day(4), replacing=NIGHT).open_kinds == {}
