"""Validate, hold, redeem, roll back: what a till may do with one customer's offers."""

import json
from datetime import datetime, timedelta

import pytest

from engine.day.till.redeem import redeem, redeem_session
from engine.day.till.release_session import release
from engine.day.till.rollback import rollback
from engine.day.till.validate import Hold, Validation, validate
from engine.domain.bundle import OfferState
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.nights.login_views import view_of
from tests.engine.bundles import day
from tests.engine.shop import BANANAS as SHELF_BANANAS
from tests.engine.shop import NOON, PLANTAINS, STOCKED, basket, give_favourite, line, publish_shop, rules

FIVE_MINUTES = timedelta(minutes=5)
TILL_7 = Hold("330-7-8812", FIVE_MINUTES)
TILL_8 = Hold("330-8-0017", FIVE_MINUTES)


@pytest.fixture(autouse=True)
def shop(store: Store) -> None:
    publish_shop(store, ["anna", "boris"])


def why_not(done: Validation) -> dict[str, str]:
    return dict(done.receipt.not_applied)


def states(store: Store, at: object = NOON) -> list[str]:
    view = view_of(store, "anna", at)  # type: ignore[arg-type] - a moment
    assert view is not None
    return [offer["state"] for offer in json.loads(view.body)["offers"]]


def slots_used(store: Store) -> int:
    view = view_of(store, "anna", NOON)
    assert view is not None
    return int(json.loads(view.body)["bundle"]["slots_used"])


def test_a_redemptions_id_does_not_follow_from_who_it_was_and_when(
    store: Store, embedded_store: Store
) -> None:
    publish_shop(embedded_store, ["anna"])
    here, there = (redeem(one, basket(line(0)), now=NOON).redemption_id for one in (store, embedded_store))
    assert here != there
    assert rollback(store, here, now=NOON).customer_id == "anna"


def test_a_dry_validation_prices_the_basket_and_holds_nothing(store: Store) -> None:
    done = validate(store, basket(line(2, 2)), now=NOON)
    (found,) = done.receipt.lines
    assert (found.line_id, found.offer_id, found.units_milli, found.discount_minor) == ("2", "o_2", 2000, 90)
    assert why_not(done) == dict.fromkeys(("o_0", "o_1", "o_3", "o_4"), "item_not_in_basket")
    assert (done.session_key, done.expires_at, states(store)) == (None, None, ["activated"] * 5)


def test_a_held_offer_is_reserved_for_others_and_on_the_phone_until_the_session_ends(store: Store) -> None:
    done = validate(store, basket(line(0)), now=NOON, hold=TILL_7)
    assert done.expires_at == NOON + FIVE_MINUTES
    other = validate(store, basket(line(0), till="8"), now=NOON)
    assert why_not(other)["o_0"] == "reserved_elsewhere"
    assert states(store)[:2] == ["reserved", "activated"]
    later = NOON + FIVE_MINUTES
    assert states(store, later)[:2] == ["activated", "activated"]
    assert validate(store, basket(line(0)), now=later).receipt.discount_minor == 45


def test_a_session_holds_no_longer_than_the_programme_says(store: Store) -> None:
    done = validate(store, basket(line(0)), now=NOON, hold=Hold("k", timedelta(hours=3)))
    assert done.expires_at == NOON + timedelta(seconds=900)


def test_the_same_session_prices_the_basket_anew(store: Store) -> None:
    validate(store, basket(line(0)), now=NOON, hold=TILL_7)
    again = validate(store, basket(line(1)), now=NOON, hold=TILL_7)
    assert why_not(again)["o_0"] == "item_not_in_basket"
    assert states(store) == ["activated", "reserved", "activated", "activated", "activated"]


def test_a_validation_that_arrives_late_does_not_change_what_a_later_one_holds(store: Store) -> None:
    first = basket(line(0), at=NOON - timedelta(seconds=9))
    second = basket(line(0), line(1), at=NOON - timedelta(seconds=4))
    validate(store, second, now=NOON, hold=TILL_7)
    with pytest.raises(Refused, match="A later state of this basket") as refused:
        validate(store, first, now=NOON, hold=TILL_7)
    assert refused.value.key == "basket_outdated"
    assert redeem_session(store, TILL_7.key, now=NOON).receipt.discount_minor == 90


def test_a_validation_that_arrives_after_its_basket_was_paid_holds_nothing(store: Store) -> None:
    first = basket(line(0), line(1), at=NOON - timedelta(seconds=9))
    redeem(store, basket(line(0), at=NOON - timedelta(seconds=4)), now=NOON, session_key=TILL_7.key)
    with pytest.raises(Refused) as refused:
        validate(store, first, now=NOON, hold=TILL_7)
    assert refused.value.key == "basket_outdated"
    assert states(store)[:2] == ["redeemed", "activated"]


@pytest.mark.parametrize("at", [None, NOON, NOON + timedelta(hours=1)])
def test_a_validation_that_is_not_known_to_be_older_prices_the_basket_anew(
    store: Store, at: datetime | None
) -> None:
    validate(store, basket(line(0), at=NOON), now=NOON, hold=TILL_7)
    validate(store, basket(line(1), at=at), now=NOON, hold=TILL_7)
    assert states(store)[:2] == ["activated", "reserved"]


def test_a_session_key_of_another_customer_is_refused_while_it_lives(store: Store) -> None:
    validate(store, basket(line(0)), now=NOON, hold=TILL_7)
    boris = basket(line(0), customer_id="boris")
    with pytest.raises(Refused, match="held under this session key") as refused:
        validate(store, boris, now=NOON, hold=TILL_7)
    assert refused.value.key == "session_taken"
    assert validate(store, boris, now=NOON + FIVE_MINUTES, hold=TILL_7).receipt.discount_minor == 45


def test_redeeming_uses_the_offer_and_a_slot(store: Store) -> None:
    done = redeem(store, basket(line(2, 2)), now=NOON)
    assert done.receipt.discount_minor == 90
    assert (states(store)[2], slots_used(store)) == ("redeemed", 1)
    assert why_not(validate(store, basket(line(2)), now=NOON))["o_2"] == "already_redeemed"


def test_redeeming_twice_is_refused(store: Store) -> None:
    redeem(store, basket(line(2)), now=NOON)
    with pytest.raises(Refused) as refused:
        redeem(store, basket(line(2)), now=NOON)
    assert refused.value.key == "nothing_to_redeem"
    assert slots_used(store) == 1


def test_a_session_is_redeemed_as_it_was_priced_also_after_the_bundle_has_ended(store: Store) -> None:
    last_minute = day(10) - timedelta(minutes=1)
    validate(store, basket(line(0, 3)), now=last_minute, hold=TILL_7)
    done = redeem_session(store, TILL_7.key, now=day(10))
    assert done.receipt.discount_minor == 135
    assert why_not(validate(store, basket(line(1)), now=day(10))) == {}


def test_an_expired_session_cannot_be_redeemed(store: Store) -> None:
    validate(store, basket(line(0)), now=NOON, hold=TILL_7)
    with pytest.raises(Refused) as refused:
        redeem_session(store, TILL_7.key, now=NOON + FIVE_MINUTES)
    assert refused.value.key == "session_expired"


@pytest.mark.parametrize("act", [redeem_session, release])
def test_a_session_is_redeemed_or_released_once(store: Store, act: object) -> None:
    validate(store, basket(line(0)), now=NOON, hold=TILL_7)
    redeem_session(store, TILL_7.key, now=NOON)
    with pytest.raises(Refused) as refused:
        act(store, TILL_7.key, now=NOON)  # type: ignore[operator]
    assert refused.value.key == "session_not_found"


def test_a_released_session_frees_its_offers_at_once(store: Store) -> None:
    validate(store, basket(line(0)), now=NOON, hold=TILL_7)
    release(store, TILL_7.key, now=NOON)
    assert states(store)[0] == "activated"


def test_redeeming_the_basket_of_a_session_ends_the_session(store: Store) -> None:
    validate(store, basket(line(0)), now=NOON, hold=TILL_7)
    done = redeem(store, basket(line(0), line(1)), now=NOON, session_key=TILL_7.key)
    assert done.receipt.discount_minor == 90
    assert states(store)[:3] == ["redeemed", "redeemed", "activated"]


def test_a_return_frees_the_slot_and_the_offer(store: Store) -> None:
    sold = redeem(store, basket(line(0), line(1)), now=NOON)
    back = rollback(store, sold.redemption_id, now=NOON, line_ids=["0"])
    assert (back.discount_minor, back.standing_minor) == (45, 45)
    assert (states(store)[:2], slots_used(store)) == (["activated", "redeemed"], 1)
    assert redeem(store, basket(line(0)), now=NOON).receipt.discount_minor == 45


def test_an_offer_on_two_lines_is_free_once_both_came_back(store: Store) -> None:
    sold = redeem(store, basket(line(0), line(0, line_id="again")), now=NOON)
    rollback(store, sold.redemption_id, now=NOON, line_ids=["again"])
    assert (states(store)[0], slots_used(store)) == ("redeemed", 1)
    rollback(store, sold.redemption_id, now=NOON, line_ids=["0"])
    assert (states(store)[0], slots_used(store)) == ("activated", 0)


@pytest.mark.parametrize(
    ("line_ids", "key"),
    [(None, "already_rolled_back"), (["0"], "already_rolled_back"), (["9"], "line_not_found")],
)
def test_what_does_not_stand_cannot_be_rolled_back(
    store: Store, line_ids: list[str] | None, key: str
) -> None:
    sold = redeem(store, basket(line(0)), now=NOON)
    rollback(store, sold.redemption_id, now=NOON)
    with pytest.raises(Refused) as refused:
        rollback(store, sold.redemption_id, now=NOON, line_ids=line_ids)
    assert (refused.value.key, slots_used(store)) == (key, 0)


def test_a_return_after_the_end_is_booked_and_gives_no_new_chance(store: Store) -> None:
    sold = redeem(store, basket(line(0)), now=NOON)
    assert rollback(store, sold.redemption_id, now=day(20)).discount_minor == 45
    with pytest.raises(Refused, match="No offer applies"):
        redeem(store, basket(line(0)), now=day(20))


def test_the_tills_clock_explains_and_ours_decides(store: Store) -> None:
    late = basket(line(0))
    told = validate(store, type(late)(**(vars(late) | {"at": day(9)})), now=day(10))
    assert why_not(told) == dict.fromkeys((f"o_{number}" for number in range(5)), "expired")
    early = validate(store, type(late)(**(vars(late) | {"at": day(4)})), now=day(3))
    assert set(why_not(early).values()) == {"not_yet_valid"}
    assert told.receipt.lines == early.receipt.lines == ()


def test_an_offer_that_was_not_chosen_does_not_count(store: Store) -> None:
    publish_shop(store, ["clara"], attempt=2, state=OfferState.OFFERED)
    done = validate(store, basket(line(0), customer_id="clara"), now=NOON)
    assert set(why_not(done).values()) == {"not_activated"}


def test_the_first_k_items_of_the_basket_win(store: Store) -> None:
    publish_shop(store, ["clara"], attempt=2, slots_total=2)
    mixed = basket(line(3), line(1), line(0), line(3, line_id="3 again"), customer_id="clara")
    done = redeem(store, mixed, now=NOON)
    assert [one.line_id for one in done.receipt.lines] == ["3", "1", "3 again"]
    assert dict(done.receipt.not_applied)["o_0"] == "slots_used_up"
    after = validate(store, basket(line(0), customer_id="clara"), now=NOON)
    assert why_not(after)["o_0"] == "slots_used_up"


def test_slots_that_are_held_are_not_free(store: Store) -> None:
    publish_shop(store, ["clara"], attempt=2, slots_total=1)
    validate(store, basket(line(0), customer_id="clara"), now=NOON, hold=TILL_7)
    other = validate(store, basket(line(1), customer_id="clara", till="8"), now=NOON, hold=TILL_8)
    assert why_not(other)["o_1"] == "slots_used_up"


BANANAS = basket(type(line(0))("b", "1082185", 3000, line(0).unit, 100))


def test_a_favourite_is_capped_a_day_and_takes_no_slot(store: Store) -> None:
    give_favourite(store)
    assert redeem(store, BANANAS, now=NOON).receipt.discount_minor == 90
    second = redeem(store, BANANAS, now=NOON)
    assert [one.units_milli for one in second.receipt.lines] == [1000]
    assert why_not(validate(store, BANANAS, now=NOON))["f_anna"] == "unit_cap_reached"
    assert slots_used(store) == 0
    tomorrow = NOON + timedelta(days=1)
    assert redeem(store, BANANAS, now=tomorrow).receipt.discount_minor == 90


def test_a_favourites_units_are_held_and_come_back(store: Store) -> None:
    give_favourite(store)
    validate(store, BANANAS, now=NOON, hold=TILL_7)
    assert validate(store, BANANAS, now=NOON).receipt.discount_minor == 30
    sold = redeem_session(store, TILL_7.key, now=NOON)
    rollback(store, sold.redemption_id, now=NOON + timedelta(days=1))
    assert validate(store, BANANAS, now=NOON).receipt.discount_minor == 90


def test_a_substitute_gets_the_discount_while_the_favourite_is_sold_out(store: Store) -> None:
    give_favourite(store)
    plantains = basket(type(line(0))("p", "1082186", 1000, line(0).unit, 110))
    assert why_not(validate(store, plantains, now=NOON))["f_anna"] == "item_not_in_basket"
    publish_shop(store, [], attempt=2, products=[SHELF_BANANAS._replace(stock=0), PLANTAINS])
    assert validate(store, plantains, now=NOON).receipt.discount_minor == 33


def test_one_card_is_stopped_at_the_next_till_and_after_its_redemptions(store: Store) -> None:
    publish_shop(
        store, ["clara"], attempt=2, programme=rules(redemptions_a_day="2", tills="1", units_a_day="9")
    )
    redeem(store, basket(line(0), customer_id="clara", till="1"), now=NOON)
    other = validate(store, basket(line(1), customer_id="clara", till="2"), now=NOON)
    assert set(why_not(other).values()) == {"too_many_tills", "already_redeemed"}
    redeem(store, basket(line(1), customer_id="clara", till="1"), now=NOON)
    third = validate(store, basket(line(2), customer_id="clara", till="1"), now=NOON)
    assert why_not(third)["o_2"] == "too_many_redemptions"
    hour = NOON + timedelta(hours=24)
    assert validate(store, basket(line(2), customer_id="clara", till="2"), now=hour).receipt.lines


def test_units_of_the_day_are_capped_over_all_offers_and_what_is_held_counts(store: Store) -> None:
    publish_shop(store, ["clara"], attempt=2, programme=rules(units_a_day="5"))
    validate(store, basket(line(0, 4), customer_id="clara"), now=NOON, hold=TILL_7)
    done = validate(store, basket(line(1, 3), line(2), customer_id="clara"), now=NOON)
    assert [one.units_milli for one in done.receipt.lines] == [1000]
    assert why_not(done)["o_2"] == "too_many_units"


def test_neither_an_offer_nor_a_favourite_makes_wine_cheaper_for_who_is_too_young(store: Store) -> None:
    give_favourite(store)
    fruit = SHELF_BANANAS._replace(flags="alcohol")
    milk = STOCKED[0]._replace(flags="tobacco;alcohol")
    for_adults = rules().replace('flags = ["alcohol", "tobacco", "partner"]', 'flags = ["partner"]')
    publish_shop(store, ["anna"], attempt=2, products=[fruit, milk], programme=for_adults)
    asked = basket(BANANAS.lines[0], line(0))
    told = why_not(validate(store, asked, now=NOON))
    assert (told["f_anna"], told["o_0"]) == ("legal_age", "legal_age")
    of_age = '{"of_age": ["alcohol", "tobacco"]}'
    publish_shop(
        store, ["anna"], attempt=3, products=[fruit, milk], programme=for_adults, advice={"anna": of_age}
    )
    assert len(validate(store, asked, now=NOON).receipt.lines) == 2
    of_age = '{"of_age": ["alcohol"]}'
    publish_shop(
        store, ["anna"], attempt=4, products=[fruit, milk], programme=for_adults, advice={"anna": of_age}
    )
    assert why_not(validate(store, asked, now=NOON))["o_0"] == "legal_age"
