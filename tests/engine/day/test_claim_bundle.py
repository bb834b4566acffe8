import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.day.claim_bundle import claim, refresh, swap
from engine.day.customer_rights import erase
from engine.day.offers_at_login import offers_at_login
from engine.day.recall_product import lift_recall, recall_product
from engine.day.stop_offers import resume_offers, stop_offers
from engine.day.substitute_items import substitute_items
from engine.day.tell_stock import StockRow, tell_stock
from engine.day.till.redeem import redeem, redeem_session
from engine.day.till.rollback import rollback
from engine.day.till.validate import Hold, validate
from engine.domain.claim_rules import ClaimTerms, Drawn, How
from engine.domain.offer_errors import Refused
from engine.domain.till.basket import Basket, BasketLine, Unit
from engine.store import Store
from engine.store.choices.drawn_sets import keep_set
from engine.store.choices.recall_rendering import render_recalled
from engine.store.log.events import events_after
from engine.store.log.exported_log import came_of
from engine.store.log.exported_offers import current_offers
from engine.store.nights.bundle_records import committed_milli, end_bundle, offers_lately
from engine.store.nights.claimed_sets import pools_now
from engine.store.nights.merged_cards import take_over_card
from engine.store.nights.offer_use import over_kinds
from engine.store.nights.offerable_products import OfferableRow, stage_offerable
from engine.store.nights.run_records import current_run, run_of, withdraw_run
from engine.store.nights.shared_bundles import stage_sharers
from tests.engine.bundles import MONDAY, NIGHT, day
from tests.engine.day.till.test_substitutes import with_substitutes
from tests.engine.pools import STOCKED, TERMS, publish_pools

NOON = MONDAY.replace(hour=12)
LATER = NOON + timedelta(hours=1)


def seen(store: Store, now: datetime = NOON, customer: str = "anna") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(offers_at_login(store, customer, now).body)
    return found


def names(view: dict[str, Any] | bytes) -> list[str]:
    shown = json.loads(view) if isinstance(view, bytes) else view
    return [offer["id"] for offer in shown["offers"]]


def told(view: dict[str, Any] | bytes) -> dict[str, Any]:
    shown = json.loads(view) if isinstance(view, bytes) else view
    found: dict[str, Any] = shown["bundle"]["claim"]
    return found


def refused(what: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(Refused) as caught:
        what(*arguments, **named)
    return caught.value.key


def basket(view: dict[str, Any] | bytes, *places: int, customer: str = "anna") -> Basket:
    offers = (json.loads(view) if isinstance(view, bytes) else view)["offers"]
    lines = tuple(
        BasketLine(str(place), offers[place]["item"]["id"], 1000, Unit.PIECE, 299) for place in places
    )
    return Basket(customer, lines, "330", "7")


def test_a_login_says_how_many_can_be_claimed_and_until_when_and_shows_none_of_them(store: Store) -> None:
    publish_pools(store, ["anna"])
    view = seen(store)
    assert view["offers"] == []
    assert told(view) == {
        "claimed": False,
        "shown": 6,
        "of": 18,
        "until": "2017-12-05T00:00:00Z",
        "refreshes_left": 3,
        "swaps_left": 1,
    }
    assert (view["bundle"]["slots_total"], view["bundle"]["slots_used"]) == (6, 0)


def test_a_claimed_set_is_six_offers_that_count_at_the_till_and_the_others_do_not(store: Store) -> None:
    publish_pools(store, ["anna"])
    every = [f"9952{number:02d}" for number in range(18)]
    whole = Basket("anna", tuple(BasketLine(item, item, 1000, Unit.PIECE, 299) for item in every))
    assert validate(store, whole, now=NOON).receipt.lines == ()

    view = claim(store, "anna", NOON)

    assert len(set(names(view))) == 6
    assert {offer["state"] for offer in json.loads(view)["offers"]} == {"activated"}
    assert told(view) | {"until": ""} == told(seen(store)) | {"claimed": True, "set": 1, "until": ""}
    applied = validate(store, whole, now=LATER).receipt.lines
    assert {line.offer_id for line in applied} == set(names(view))
    assert offers_at_login(store, "anna", LATER).body == view


def test_a_set_claimed_twice_is_the_same_set(store: Store) -> None:
    publish_pools(store, ["anna"])
    assert claim(store, "anna", NOON) == claim(store, "anna", LATER)


def test_three_other_sets_can_be_had_a_day_and_the_till_takes_the_last_one(store: Store) -> None:
    publish_pools(store, ["anna"])
    sets = [claim(store, "anna", NOON), *(refresh(store, "anna", NOON) for _ in range(3))]
    assert Counter(name for view in sets[:3] for name in names(view)).most_common(1)[0][1] == 1
    assert [told(view)["refreshes_left"] for view in sets] == [3, 2, 1, 0]
    assert refused(refresh, store, "anna", NOON) == "no_refresh_left"

    assert validate(store, basket(sets[1], 0), now=NOON).receipt.lines == ()
    assert len(redeem(store, basket(sets[3], 0, 1), now=NOON).receipt.lines) == 2
    assert seen(store)["bundle"]["slots_used"] == 2


def test_a_set_of_which_something_is_used_or_held_stays_and_a_returned_one_may_go(store: Store) -> None:
    publish_pools(store, ["anna"])
    view = claim(store, "anna", NOON)
    validate(store, basket(view, 0), now=NOON, hold=Hold("till-1", timedelta(minutes=5)))
    assert refused(refresh, store, "anna", NOON) == "set_in_use"
    assert refused(swap, store, "anna", names(view)[0], NOON) == "offer_reserved"
    sold = redeem_session(store, "till-1", now=NOON)
    assert refused(refresh, store, "anna", NOON) == "set_in_use"
    assert refused(swap, store, "anna", names(view)[0], NOON) == "offer_redeemed"
    rollback(store, sold.redemption_id, now=NOON)
    assert len(names(refresh(store, "anna", NOON))) == 6


def test_one_unused_offer_is_given_for_another_also_after_others_were_used(store: Store) -> None:
    publish_pools(store, ["anna"])
    view = claim(store, "anna", NOON)
    redeem(store, basket(view, 0), now=NOON)
    given = names(view)[1]

    swapped = swap(store, "anna", given, NOON)

    assert set(names(view)) - set(names(swapped)) == {given}
    assert (len(names(swapped)), told(swapped)["swaps_left"]) == (6, 0)
    assert seen(store)["bundle"]["slots_used"] == 1
    assert refused(swap, store, "anna", given, NOON) == "offer_not_found"
    assert refused(swap, store, "anna", names(swapped)[1], NOON) == "no_swap_left"


def test_of_two_phones_that_want_another_set_the_second_is_told_that_there_is_one(store: Store) -> None:
    publish_pools(store, ["anna"])
    claim(store, "anna", NOON)
    refresh(store, "anna", NOON, seen=1)
    assert refused(refresh, store, "anna", NOON, seen=1) == "set_outdated"
    assert told(seen(store))["refreshes_left"] == 2


def test_nothing_is_drawn_before_a_claim_nor_by_who_has_nothing_to_claim(store: Store) -> None:
    publish_pools(store, ["anna"])
    assert refused(refresh, store, "anna", NOON) == "not_claimed"
    assert refused(swap, store, "anna", "p_anna_2017-12-04.1_0", NOON) == "not_claimed"
    for what in (claim, refresh):
        assert refused(what, store, "boris", NOON) == "nothing_to_claim"
    assert refused(claim, store, "anna", day(5)) == "nothing_to_claim"


def test_an_ended_day_offers_a_new_claim_of_the_same_pool_and_what_was_used_stays_used(store: Store) -> None:
    publish_pools(store, ["anna"], days=3)
    monday = claim(store, "anna", NOON)
    redeem(store, basket(monday, 0, 1), now=NOON)
    used = set(names(monday)[:2])

    tuesday = seen(store, day(5))
    assert (tuesday["offers"], told(tuesday)["claimed"]) == ([], False)
    assert validate(store, basket(monday, 2), now=day(5)).receipt.lines == ()
    again = claim(store, "anna", day(5))

    assert not used & set(names(again))
    assert (told(again)["set"], told(again)["refreshes_left"], told(again)["swaps_left"]) == (2, 3, 1)
    assert json.loads(again)["bundle"]["slots_used"] == 0
    assert len(redeem(store, basket(again, *range(6)), now=day(5)).receipt.lines) == 6
    assert told(seen(store, day(6)))["claimed"] is False
    assert seen(store, day(7))["bundle"] is None


def test_a_set_of_two_days_can_be_refreshed_as_often_again_on_the_second(store: Store) -> None:
    terms = ClaimTerms(shown=6, days=2, refreshes_a_day=1, swaps_a_day=1)
    publish_pools(store, ["anna"], days=3, terms=terms)
    claim(store, "anna", NOON)
    monday = refresh(store, "anna", NOON)
    assert refused(refresh, store, "anna", NOON) == "no_refresh_left"

    tuesday = seen(store, day(5))

    assert names(tuesday) == names(monday)
    assert (told(tuesday)["refreshes_left"], told(tuesday)["until"]) == (1, "2017-12-06T00:00:00Z")
    assert names(refresh(store, "anna", day(5))) != names(monday)
    assert told(seen(store, day(6)))["claimed"] is False


def test_what_is_held_at_a_till_shows_as_reserved_until_the_hold_or_the_day_ends(store: Store) -> None:
    publish_pools(store, ["anna"], days=2)
    late = day(5) - timedelta(minutes=2)
    view = claim(store, "anna", late)
    validate(store, basket(view, 0), now=late, hold=Hold("till-1", timedelta(minutes=5)))
    assert [offer["state"] for offer in seen(store, late)["offers"]].count("reserved") == 1
    assert told(seen(store, day(5)))["claimed"] is False
    assert len(redeem_session(store, "till-1", now=day(5)).receipt.lines) == 1, "it was promised"
    assert names(view)[0] not in names(claim(store, "anna", day(5)))


def test_a_recalled_product_is_not_drawn_and_leaves_the_set_until_it_is_lifted(store: Store) -> None:
    publish_pools(store, ["anna"])
    for item in ("995200", "995201"):
        recall_product(store, item, reason="Spoilt.", now=NOON)
    view = claim(store, "anna", NOON)
    assert not {"995200", "995201"} & {offer["item"]["id"] for offer in json.loads(view)["offers"]}
    gone = json.loads(view)["offers"][0]
    recall_product(store, gone["item"]["id"], reason="Spoilt.", now=NOON)
    render_recalled(store, NOON)
    shown = seen(store)
    assert [one["id"] for one in shown["withdrawn"]] == [gone["id"]]
    assert len(shown["offers"]) == 5
    assert refused(swap, store, "anna", gone["id"], NOON) == "offer_not_found"
    lift_recall(store, gone["item"]["id"], now=NOON)
    render_recalled(store, NOON)
    assert names(seen(store)) == names(view)


def test_nothing_is_drawn_while_all_offers_are_stopped(store: Store) -> None:
    publish_pools(store, ["anna"])
    stop_offers(store, reason="wrong prices", now=NOON)
    assert refused(claim, store, "anna", NOON) == "offers_stopped"
    resume_offers(store, now=NOON)
    view = claim(store, "anna", NOON)
    stop_offers(store, reason="wrong prices", now=NOON)
    assert refused(refresh, store, "anna", NOON) == "offers_stopped"
    assert refused(swap, store, "anna", names(view)[0], NOON) == "offers_stopped"


def test_a_night_repeated_leaves_a_claimed_pool_and_replaces_the_others(store: Store) -> None:
    publish_pools(store, ["anna", "boris"])
    view = claim(store, "anna", NOON)
    again = publish_pools(store, ["anna", "boris"], attempt=2)
    assert (again.bundles, again.offers, again.dropped) == (1, 18, 1)
    assert offers_at_login(store, "anna", NOON).body == view
    assert told(json.loads(refresh(store, "anna", NOON)))["set"] == 2
    assert seen(store, customer="boris")["bundle"]["run_id"] == "2017-12-04.2"


def test_a_rolled_back_night_leaves_the_claimed_set_to_its_end_and_nothing_more_is_drawn(
    store: Store,
) -> None:
    publish_pools(store, ["anna", "boris"], days=3)
    view = claim(store, "anna", NOON)
    run = current_run(store)
    assert run is not None
    withdraw_run(store, run.run_id, now=NOON)
    publish_pools(store, [], attempt=2)

    shown = seen(store)

    assert names(shown) == names(view)
    assert (told(shown)["refreshes_left"], told(shown)["swaps_left"]) == (0, 0)
    assert refused(refresh, store, "anna", NOON) == "no_refresh_left"
    assert refused(swap, store, "anna", names(view)[0], NOON) == "no_swap_left"
    assert seen(store, customer="boris")["bundle"] is None
    assert len(redeem(store, basket(view, 0), now=NOON).receipt.lines) == 1
    assert seen(store, day(5))["bundle"] is None, "a new night may give them another"


def test_a_pool_of_a_merged_card_is_its_owners(store: Store) -> None:
    publish_pools(store, ["card"])
    before = claim(store, "card", NOON)
    take_over_card(store, "card", "anna", at=MONDAY)
    view = json.loads(refresh(store, "anna", NOON))
    assert (view["customer_id"], told(view)["set"]) == ("anna", 2)
    assert not set(names(view)) & set(names(before))


def test_the_log_says_what_was_shown_when_and_counts_nothing_else(store: Store) -> None:
    publish_pools(store, ["anna", "boris"])
    view = claim(store, "anna", NOON)
    swapped = swap(store, "anna", names(view)[0], LATER)
    (new,) = set(names(swapped)) - set(names(view))

    happened = [
        (one.event.kind, one.event.at, one.event.offer_id) for one in events_after(store, 0, limit=50)
    ]
    assert happened[:6] == [("drawn", NOON, name) for name in names(view)]
    assert happened[6:] == [("drawn", LATER, new), ("put_away", LATER, names(view)[0])]
    run = run_of(store, "2017-12-04.1")
    assert {one.offer_id for one in came_of(store, run)} == {*names(view), new}
    assert {one.item_id for one in current_offers(store, LATER)} == {
        offer["item"]["id"] for offer in json.loads(swapped)["offers"]
    }
    assert offers_lately(store, ["anna", "boris"], day(4), day(5)) == {"anna": (6, 0), "boris": (0, 0)}


def test_a_pool_costs_what_was_planned_of_it_whatever_is_drawn(store: Store) -> None:
    publish_pools(store, ["anna", "boris"])
    assert committed_milli(store, day(4), day(5)) == 2 * 18 * 100
    view = claim(store, "anna", NOON)
    refresh(store, "anna", NOON)
    assert committed_milli(store, day(4), day(5)) == 2 * 18 * 100
    redeem(store, basket(seen(store), 0), now=NOON)
    (kind,) = over_kinds(store, day(4), day(6)).values()
    assert (kind.expected_milli, kind.redeemed, kind.given_milli) == (3_600, 1, 45_000)
    assert view


def test_the_terms_are_those_of_the_night_that_promised_them(store: Store) -> None:
    publish_pools(store, ["anna"], days=3, terms=TERMS)
    publish_pools(store, [], night=NIGHT + timedelta(days=1), terms=ClaimTerms(2, 1, 0, 0))
    assert len(names(claim(store, "anna", day(5)))) == 6
    assert told(seen(store, day(5)))["refreshes_left"] == 3


def test_a_set_drawn_by_what_is_known_no_more_is_refused_by_the_database(store: Store) -> None:
    publish_pools(store, ["anna"])
    claim(store, "anna", NOON)
    with store.reading() as connection:
        (before,) = pools_now(connection, "anna", NOON)
    view = refresh(store, "anna", NOON)
    late = Drawn(2, How.REFRESH, NIGHT, (0, 1, 2, 3, 4, 5))
    with store.writing("anna") as connection, pytest.raises(Refused, match="Another set is shown meanwhile"):
        keep_set(connection, before, late, now=NOON, day_ends=day(5), ends=day(5))
    assert offers_at_login(store, "anna", NOON).body == view


def test_what_was_used_of_a_pool_that_ended_early_can_be_returned(store: Store) -> None:
    publish_pools(store, ["anna"], days=2)
    view = claim(store, "anna", NOON)
    sold = redeem(store, basket(view, 0), now=NOON)
    assert end_bundle(store, "anna", NOON)
    assert rollback(store, sold.redemption_id, now=LATER).discount_minor == 45
    assert seen(store, LATER)["bundle"] is None


def test_what_the_shop_says_is_sold_out_is_not_drawn(store: Store) -> None:
    publish_pools(store, ["anna"])
    tell_stock(store, [StockRow(one.product_id, None, 0) for one in STOCKED[:12]], now=NOON)

    drawn = json.loads(claim(store, "anna", LATER))["offers"]

    assert sorted(offer["item"]["id"] for offer in drawn) == [one.product_id for one in STOCKED[12:]]


def test_a_member_of_a_household_claims_the_set_that_all_of_them_use(store: Store) -> None:
    publish_pools(store, ["anna"])
    shown_last = current_run(store)
    assert shown_last is not None
    stage_sharers(store, shown_last, [("anna", 0), ("cleo", 0)])

    drawn = names(claim(store, "cleo", NOON))

    assert drawn == names(seen(store, LATER)) == names(seen(store, LATER, "cleo"))
    assert len(drawn) == 6


def test_erased_who_had_the_pool_leaves_it_to_the_household_under_other_names(store: Store) -> None:
    publish_pools(store, ["anna"])
    shown_last = current_run(store)
    assert shown_last is not None
    stage_sharers(store, shown_last, [("anna", 0), ("cleo", 0)])
    before = claim(store, "cleo", NOON)
    sold = redeem(store, basket(before, 0, customer="cleo"), now=NOON)
    validate(store, basket(before, 1, customer="cleo"), now=NOON, hold=Hold("till-1", timedelta(minutes=5)))

    erase(store, "anna", asked_at=NOON)

    view = seen(store, NOON, "cleo")
    assert [offer["state"] for offer in view["offers"]] == ["redeemed", "reserved", *["activated"] * 4]
    assert [offer["item"] for offer in view["offers"]] == [
        offer["item"] for offer in json.loads(before)["offers"]
    ]
    held = redeem_session(store, "till-1", now=NOON)
    assert [line.offer_id for line in held.receipt.lines] == [names(view)[1]]
    for bought in (held, sold):
        rollback(store, bought.redemption_id, now=NOON)
    drawn = refresh(store, "cleo", NOON)
    assert len(names(drawn)) == 6
    assert not any("anna" in name for name in (*names(view), *names(drawn)))


def test_the_pools_of_two_programmes_are_claimed_at_once_and_each_offer_is_swapped_in_its_own(
    store: Store,
) -> None:
    publish_pools(store, ["anna"], of="daily")
    publish_pools(store, ["anna"], of="weekly", attempt=2, days=7)

    whole = json.loads(claim(store, "anna", NOON))

    assert [bundle["claim"]["set"] for bundle in whole["bundles"]] == [1, 1]
    assert len(names(whole)) == 12
    swapped = json.loads(swap(store, "anna", names(whole)[0], NOON))
    assert [bundle["claim"]["swaps_left"] for bundle in swapped["bundles"]] == [0, 1]
    redeem(store, basket(swapped, 0), now=NOON)  # so the first set stays
    other = json.loads(refresh(store, "anna", NOON))
    assert [bundle["claim"]["set"] for bundle in other["bundles"]] == [2, 2]
    assert names(other)[:6] == names(swapped)[:6]
    assert refused(refresh, store, "anna", NOON, seen=1) == "set_outdated"


def test_what_stands_in_for_a_sold_out_offer_of_the_set_is_not_drawn_beside_it(store: Store) -> None:
    terms = replace(TERMS, swaps_a_day=20)
    publish_pools(store, ["anna"], terms=terms, programme=with_substitutes(2))
    run = current_run(store)
    assert run is not None
    may = [OfferableRow(one.product_id, "1500", None) for one in STOCKED]
    stage_offerable(store, run, may, "In its place")
    first = [offer["item"]["id"] for offer in json.loads(claim(store, "anna", NOON))["offers"]]
    tell_stock(store, [StockRow(first[0], None, 0)], now=NOON)
    substitute_items(store, NOON)
    view = seen(store)
    (standing,) = {offer["item"]["id"] for offer in view["offers"]} - set(first)

    for _ in range(18):
        view = json.loads(swap(store, "anna", names(view)[-1], NOON))
        assert [offer["item"]["id"] for offer in view["offers"]].count(standing) == 1
