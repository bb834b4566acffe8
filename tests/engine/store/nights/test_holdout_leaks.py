"""What the store knows of held-out customers who were served all the same."""

from datetime import timedelta

from engine.day.till.redeem import redeem
from engine.domain.contacts import Channel, Contact, Found
from engine.store import Store
from engine.store.choices.contact_log import record_contacts
from engine.store.nights.holdout_leaks import Leaks, leaks
from engine.store.nights.merged_cards import take_over_card
from tests.engine.bundles import MONDAY
from tests.engine.shop import NOON, basket, give_favourite, line, publish_shop
from tests.engine.store.nights.test_assigned_arms import begun

BOTH = ("bundle", "favourite")
WEEK_AGO = MONDAY - timedelta(days=7)


def test_a_holdout_that_was_kept_without_offers_leaks_nothing(store: Store) -> None:
    number = begun(store, ("anna", "holdout"), ("zoe", "treated"))
    publish_shop(store, ["zoe"])
    give_favourite(store, "zoe")
    assert leaks(store, number, covers=BOTH, since=WEEK_AGO) == Leaks(1, 0, 0, 0)


def test_who_is_served_by_whatever_the_holdout_covers_is_counted_once(store: Store) -> None:
    number = begun(store, ("anna", "holdout"), ("ben", "holdout"), ("zoe", "treated"))
    publish_shop(store, ["anna", "zoe"])
    for name in ("anna", "ben"):
        give_favourite(store, name)
    record_contacts(store, [Contact("ben", NOON, Found.MOVED, Channel.CALL, "Olga", "by the sea")], now=NOON)
    assert leaks(store, number, covers=BOTH, since=WEEK_AGO) == Leaks(2, 2, 0, 1)
    assert leaks(store, number, covers=["bundle"], since=WEEK_AGO) == Leaks(2, 1, 0, 1)
    assert leaks(store, number, covers=BOTH, since=NOON + timedelta(days=1)) == Leaks(2, 0, 0, 0)


def test_what_a_merged_card_brings_is_contamination_and_no_leak(store: Store) -> None:
    number = begun(store, ("anna", "holdout"), ("card", "treated"))
    publish_shop(store, ["card"])
    take_over_card(store, "card", "anna", at=NOON)
    assert leaks(store, number, covers=BOTH, since=WEEK_AGO) == Leaks(0, 0, 0, 0)


def test_bundles_of_a_programme_that_the_holdout_does_not_cover_are_no_leak_of_another(store: Store) -> None:
    number = begun(store, ("anna", "holdout"), ("zoe", "treated"))
    publish_shop(store, ["zoe"], of="weekly")
    publish_shop(store, ["anna", "zoe"], of="daily", attempt=2, days=2)
    redeem(store, basket(line(0)), now=NOON)
    weekly, daily = (
        leaks(store, number, covers=["bundle"], since=WEEK_AGO, programme=name)
        for name in ("weekly", "daily")
    )
    assert (weekly, daily) == (Leaks(1, 0, 0, 0), Leaks(1, 1, 1, 0))
