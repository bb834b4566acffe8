"""A household's one bundle: every member sees it and uses it, and what one has used is used for all."""

import json
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from engine.day.activate import activate
from engine.day.customer_rights import erase
from engine.day.offers_at_login import offers_at_login
from engine.day.till.redeem import redeem, redeem_session
from engine.day.till.rollback import rollback
from engine.day.till.validate import Hold, validate
from engine.domain.bundle import OfferState
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.choices.favourites import render_favourites
from engine.store.log.events import events_of
from engine.store.nights.run_records import current_run
from engine.store.nights.shared_bundles import stage_sharers
from tests.engine.bundles import NIGHT
from tests.engine.shop import NOON, basket, give_favourite, line, publish_shop, rules

TILL = Hold("330-7-8812", timedelta(minutes=5))
NEXT_NIGHT = NIGHT + timedelta(days=1)


def open_shop(store: Store, *, units: dict[str, int] | None = None, **changes: Any) -> None:
    """Anna has the bundle of a household with Boris and Cleo; Zoe has her own."""
    programme = changes.pop("programme", None) or rules(share="0.0")
    publish_shop(store, changes.pop("customers", ["anna", "zoe"]), programme=programme, **changes)
    share(store, units or {"anna": 1, "boris": 1, "cleo": 1})


def share(store: Store, units: dict[str, int]) -> None:
    run = current_run(store)
    assert run is not None
    stage_sharers(store, run, sorted(units.items()))


def seen(store: Store, customer_id: str, now: Any = NOON) -> dict[str, Any]:
    return dict(json.loads(offers_at_login(store, customer_id, now).body))


def of(customer_id: str, *numbers: int) -> Any:
    return replace(basket(*(line(number) for number in numbers)), customer_id=customer_id)


def test_each_member_sees_the_bundle_as_their_own_and_their_own_favourite(store: Store) -> None:
    open_shop(store)
    give_favourite(store, "boris")
    render_favourites(store, "boris", NOON, "USD")
    anna, boris = seen(store, "anna"), seen(store, "boris")
    assert boris.pop("favourite")["item"]["id"] == "1082185"
    assert boris == anna | {"customer_id": "boris"}
    assert seen(store, "cleo")["bundle"]["id"] == seen(store, "anna")["bundle"]["id"]
    assert seen(store, "stranger")["bundle"] is None


def test_what_one_member_used_is_used_for_all_and_free_again_when_it_comes_back(store: Store) -> None:
    open_shop(store)
    bought = redeem(store, of("boris", 1), now=NOON)
    for name in ("anna", "boris", "cleo"):
        assert (seen(store, name)["offers"][1]["state"], seen(store, name)["bundle"]["slots_used"]) == (
            "redeemed",
            1,
        )
        assert dict(validate(store, of(name, 1), now=NOON).receipt.not_applied)["o_1"] == "already_redeemed"
    rollback(store, bought.redemption_id, now=NOON)
    assert validate(store, of("anna", 1), now=NOON).receipt.discount_minor == 45


def test_slots_are_used_once_over_all_members(store: Store) -> None:
    open_shop(store, slots_total=2)
    redeem(store, of("anna", 0), now=NOON)
    done = validate(store, of("cleo", 1, 2), now=NOON)
    assert ([one.offer_id for one in done.receipt.lines], dict(done.receipt.not_applied)["o_2"]) == (
        ["o_1"],
        "slots_used_up",
    )


def test_what_a_members_basket_holds_is_held_from_the_others_until_it_expires(store: Store) -> None:
    open_shop(store)
    validate(store, of("boris", 1), now=NOON, hold=TILL)
    assert seen(store, "anna")["offers"][1]["state"] == "reserved"
    other = Hold("330-8-1", timedelta(minutes=5))
    assert dict(validate(store, of("anna", 1), now=NOON).receipt.not_applied)["o_1"] == "reserved_elsewhere"
    with pytest.raises(Refused) as refused:
        validate(store, of("anna", 1), now=NOON, hold=TILL)
    assert refused.value.key == "session_taken"
    later = NOON + timedelta(minutes=6)
    validate(store, of("anna", 1), now=later, hold=other)
    assert redeem_session(store, other.key, now=later).receipt.discount_minor == 45


def test_a_days_caps_count_all_members_together(store: Store) -> None:
    open_shop(store, programme=rules(share="0.0", redemptions_a_day="1"))
    redeem(store, of("anna", 0), now=NOON)
    assert set(dict(validate(store, of("boris", 1), now=NOON).receipt.not_applied).values()) >= {
        "too_many_redemptions"
    }
    assert validate(store, of("zoe", 1), now=NOON).receipt.discount_minor == 45


def test_any_member_chooses_for_all(store: Store) -> None:
    choose = rules(share="0.0", mode='"choose"')
    open_shop(store, programme=choose, state=OfferState.OFFERED, slots_total=1)
    activate(store, "boris", "o_1", NOON)
    assert seen(store, "anna")["offers"][1]["state"] == "activated"
    with pytest.raises(Refused) as refused:
        activate(store, "anna", "o_2", NOON)
    assert refused.value.key == "slots_full"
    with store.reading() as connection:
        (told,) = events_of(connection, "boris")
    assert (told.bundle_id, told.item_id) == (seen(store, "anna")["bundle"]["id"], "995241")


def test_tills_side_by_side_use_a_slot_once(store: Store) -> None:
    open_shop(store)
    won: list[str] = []

    def pay(customer_id: str) -> None:
        try:
            redeem(store, of(customer_id, 1), now=NOON)
        except Refused:
            return
        won.append(customer_id)

    tills = [Thread(target=pay, args=(name,)) for name in ("anna", "boris", "cleo")]
    for till in tills:
        till.start()
    for till in tills:
        till.join()
    assert (len(won), seen(store, "anna")["bundle"]["slots_used"]) == (1, 1)


def test_who_moved_sees_the_new_households_bundle_from_the_next_night_on(store: Store) -> None:
    open_shop(store, units={"anna": 1, "boris": 1, "zoe": 2})
    publish_shop(store, [], night=NEXT_NIGHT, programme=rules(share="0.0"))
    share(store, {"anna": 1, "boris": 2, "zoe": 2})
    assert seen(store, "boris")["bundle"]["id"] == seen(store, "zoe")["bundle"]["id"]
    # who has the bundle takes it along, and uses their own
    publish_shop(store, [], night=NEXT_NIGHT, attempt=2, programme=rules(share="0.0"))
    share(store, {"anna": 2, "boris": 1, "zoe": 2})
    assert seen(store, "boris")["bundle"] is None
    assert seen(store, "anna")["bundle"]["id"] != seen(store, "zoe")["bundle"]["id"]


def test_erased_a_member_leaves_the_bundle_to_the_others_under_other_names(store: Store) -> None:
    open_shop(store)
    before = seen(store, "anna")
    redeem(store, of("anna", 0), now=NOON)
    bought = redeem(store, of("boris", 1), now=NOON)
    erase(store, "anna", asked_at=NOON + timedelta(days=3000))
    after = seen(store, "boris")
    assert (after["customer_id"], after["bundle"]["slots_used"]) == ("boris", 2)
    assert [one["item"] for one in after["offers"]] == [one["item"] for one in before["offers"]]
    assert [one["state"] for one in after["offers"]] == ["redeemed", "redeemed", *["activated"] * 3]
    assert not {one["id"] for one in after["offers"]} & {one["id"] for one in before["offers"]}
    assert after["bundle"]["id"] != before["bundle"]["id"]
    assert seen(store, "cleo")["bundle"]["id"] == after["bundle"]["id"]
    assert seen(store, "anna")["bundle"] is None
    rollback(store, bought.redemption_id, now=NOON)
    assert seen(store, "cleo")["bundle"]["slots_used"] == 1
    assert validate(store, of("cleo", 2), now=NOON).receipt.discount_minor == 45


def test_erased_another_member_changes_nothing_for_the_rest(store: Store) -> None:
    open_shop(store)
    before = seen(store, "anna")
    erase(store, "boris", asked_at=NOON)
    assert seen(store, "anna") == before
    assert seen(store, "boris")["bundle"] is None


def test_what_a_basket_holds_stays_held_when_its_customer_leaves_the_household(store: Store) -> None:
    open_shop(store)
    validate(store, of("boris", 1), now=NOON, hold=TILL)
    publish_shop(store, [], night=NEXT_NIGHT, programme=rules(share="0.0"))
    other = Hold("330-8-1", timedelta(minutes=5))
    held = validate(store, of("anna", 1), now=NOON, hold=other)
    assert dict(held.receipt.not_applied)["o_1"] == "reserved_elsewhere"
    later = NOON + timedelta(minutes=6)
    validate(store, of("anna", 1), now=later, hold=other)
    assert redeem_session(store, other.key, now=later).receipt.discount_minor == 45
