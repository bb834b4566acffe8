import json
from datetime import datetime, timedelta, timezone

import pytest

from engine.domain.bundle import Bundle, Item, Kind, Offer, OfferState, Reason
from engine.domain.customer_view import (
    by_bundle,
    keep_offers,
    moment_text,
    render,
    render_empty,
    together,
    with_states,
    without_offers,
)
from tests.engine.bundles import MONDAY, bundle, day

MILK = Bundle(
    id="b_7f3",
    run_id="2017-12-04.1",
    customer_id="1029",
    valid_from=day(4),
    valid_to=day(10),
    offers=(
        Offer(
            id="o_1",
            item=Item("995242", "FLUID MILK WHITE ONLY 1 GA", 299),
            kind=Kind.PREFERRED,
            state=OfferState.ACTIVATED,
            discount_bp=1500,
            max_units=4,
            reason=Reason("due_now", "You usually buy it every 6 days"),
            p_buy=0.4,
            propensity=1.0,
            expected_cost_milli=18_000,
        ),
    ),
    slots_total=6,
    slots_used=1,
)


def test_the_view_is_byte_for_byte_what_the_documentation_shows() -> None:
    assert render(MILK, as_of=MONDAY, currency="USD").decode() == (
        '{"customer_id":"1029","as_of":"2017-12-04T00:00:00Z",'
        '"bundle":{"id":"b_7f3","run_id":"2017-12-04.1","valid_from":"2017-12-04T00:00:00Z",'
        '"valid_to":"2017-12-10T00:00:00Z","slots_total":6,"slots_used":1},'
        '"offers":[{"id":"o_1","item":{"id":"995242","name":"FLUID MILK WHITE ONLY 1 GA"},"kind":"preferred",'
        '"state":"activated","discount_bp":1500,"price_minor":299,"offer_price_minor":254,"currency":"USD",'
        '"max_units":4,"reason":{"code":"due_now","text":"You usually buy it every 6 days"}}]}'
    )


def test_without_a_bundle_the_list_is_empty() -> None:
    assert render_empty("4711", as_of=MONDAY) == (
        b'{"customer_id":"4711","as_of":"2017-12-04T00:00:00Z","bundle":null,"offers":[]}'
    )


def test_before_the_first_night_there_is_no_as_of() -> None:
    assert json.loads(render_empty("4711", as_of=None))["as_of"] is None


def test_a_family_has_no_price() -> None:
    family = Offer(**(vars(MILK.offers[0]) | {"item": Item("BANANAS", "BANANAS", None)}))
    shown = json.loads(render(Bundle(**(vars(MILK) | {"offers": (family,)})), as_of=MONDAY, currency="USD"))
    assert (shown["offers"][0]["price_minor"], shown["offers"][0]["offer_price_minor"]) == (None, None)


def test_names_go_out_as_the_shop_writes_them() -> None:
    named = Offer(**(vars(MILK.offers[0]) | {"item": Item("1", 'Молоко "1 л"', 8990)}))
    body = render(Bundle(**(vars(MILK) | {"offers": (named,)})), as_of=MONDAY, currency="RUB")
    assert 'Молоко \\"1 л\\"'.encode() in body


def test_a_changed_state_changes_nothing_else() -> None:
    body = render(bundle("anna"), as_of=MONDAY, currency="USD")
    states = {f"o_{number}": OfferState.ACTIVATED for number in range(5)}
    after = with_states(body, states | {"o_3": OfferState.REDEEMED}, slots_used=1)
    expected = json.loads(body)
    expected["offers"][3]["state"] = "redeemed"
    expected["bundle"]["slots_used"] = 1
    assert json.loads(after) == expected
    assert with_states(after, states, slots_used=0) == body


def test_kept_offers_are_as_many_slots_as_are_left() -> None:
    shown = json.loads(keep_offers(render(bundle("anna"), as_of=MONDAY, currency="USD"), {"o_1", "o_4"}))
    assert [one["id"] for one in shown["offers"]] == ["o_1", "o_4"]
    assert shown["bundle"]["slots_total"] == 2


def test_moments_are_shown_in_utc_without_fractions() -> None:
    eastern = timezone(timedelta(hours=-5))
    assert moment_text(datetime(2017, 12, 4, 23, 0, 0, 750_000, tzinfo=eastern)) == "2017-12-05T04:00:00Z"


def test_a_moment_without_time_zone_is_refused() -> None:
    naive = MONDAY.replace(tzinfo=None)
    with pytest.raises(ValueError, match="expected a moment with a time zone, got 2017-12-04T00:00:00"):
        moment_text(naive)


def test_two_bundles_are_one_list_and_the_first_one_is_still_the_bundle() -> None:
    late = Bundle(**(vars(MILK) | {"id": "b_8", "valid_to": day(11)}))
    first, second = (
        render(MILK, as_of=MONDAY, currency="USD"),
        render(late, as_of=day(5), currency="USD", programme="weekly", disclosure="By an algorithm."),
    )
    shown = json.loads(together([first, second]))
    assert list(shown) == ["customer_id", "as_of", "bundle", "bundles", "offers", "disclosure"]
    assert (shown["as_of"], shown["bundle"]["id"]) == ("2017-12-05T00:00:00Z", "b_7f3")
    assert [one.get("programme") for one in shown["bundles"]] == [None, "weekly"]
    assert [list(one)[:2] for one in shown["offers"]] == [["id", "bundle_id"]] * 2
    assert [one["bundle_id"] for one in shown["offers"]] == ["b_7f3", "b_8"]


def test_what_was_withdrawn_of_either_bundle_is_told() -> None:
    body = render(MILK, as_of=MONDAY, currency="USD")
    shown = json.loads(together([body, without_offers(body, {"o_1": "Recalled."})]))
    assert (len(shown["offers"]), [one["id"] for one in shown["withdrawn"]]) == (1, ["o_1"])


def test_a_list_is_parted_by_bundle_again() -> None:
    one = render(MILK, as_of=MONDAY, currency="USD")
    two = render(Bundle(**(vars(MILK) | {"id": "b_8"})), as_of=MONDAY, currency="USD", programme="daily")
    parted = by_bundle(json.loads(together([one, two])))
    assert [(bundle["id"], len(offers)) for bundle, offers in parted] == [("b_7f3", 1), ("b_8", 1)]
    assert by_bundle(json.loads(one)) == [(json.loads(one)["bundle"], json.loads(one)["offers"])]
    assert by_bundle(json.loads(render_empty("zoe", as_of=None))) == []
