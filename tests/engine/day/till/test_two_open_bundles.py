"""A customer comes to the till with the bundles of two programmes."""

import json

import pytest

from engine.day.offers_at_login import offers_at_login
from engine.day.till.redeem import redeem
from engine.day.till.rollback import rollback
from engine.day.till.validate import validate
from engine.domain.till.basket_pricing import WhyNot
from engine.store import Store
from tests.engine.day.till.test_baskets_at_the_till import TILL_7
from tests.engine.shop import NOON, basket, line, publish_shop, rules


@pytest.fixture(params=[("weekly", "daily"), ("daily", "weekly")])
def two(request: pytest.FixtureRequest, store: Store) -> Store:
    """The same five items: 15 % off for six days, 20 % for two, published in either order."""
    bundles = {"weekly": (6, 1500), "daily": (2, 2000)}
    for attempt, name in enumerate(request.param, start=1):
        days, depth = bundles[name]
        publish_shop(store, ["anna"], attempt=attempt, days=days, of=name, discount_bp=depth, slots_total=2)
    return store


def used(store: Store) -> dict[str, int]:
    body = json.loads(offers_at_login(store, "anna", NOON).body)
    return {one["id"].split(".")[1]: one["slots_used"] for one in body["bundles"]}


def test_the_better_of_two_offers_counts_once_with_its_bundles_slot(two: Store) -> None:
    receipt = redeem(two, basket(line(0)), now=NOON).receipt
    assert [(one.offer_id, one.discount_minor) for one in receipt.lines] == [("o_0daily", 60)]
    assert dict(receipt.not_applied)["o_0weekly"] == WhyNot.BETTER_OFFER
    assert used(two) == {"daily": 1, "weekly": 0}


def test_the_other_bundle_goes_on_where_the_better_ones_slots_are_used_up(two: Store) -> None:
    receipt = redeem(two, basket(line(0), line(1), line(2)), now=NOON).receipt
    assert [one.offer_id for one in receipt.lines] == ["o_0daily", "o_1daily", "o_2weekly"]
    assert used(two) == {"daily": 2, "weekly": 1}


def test_offers_are_told_in_the_order_in_which_the_app_shows_them(two: Store) -> None:
    told = [name for name, _ in validate(two, basket(), now=NOON).receipt.not_applied]
    shown = json.loads(offers_at_login(two, "anna", NOON).body)["offers"]
    assert told == [one["id"] for one in shown]
    assert told[0] == "o_0daily"


def test_a_held_offer_of_one_bundle_is_reserved_and_the_other_one_free(two: Store) -> None:
    validate(two, basket(line(0)), now=NOON, hold=TILL_7)
    body = json.loads(offers_at_login(two, "anna", NOON).body)
    states = {one["id"]: one["state"] for one in body["offers"] if one["id"].startswith("o_0")}
    assert states == {"o_0daily": "reserved", "o_0weekly": "activated"}


def test_what_comes_back_frees_the_slot_of_the_bundle_that_it_used(two: Store) -> None:
    done = redeem(two, basket(line(0), line(1), line(2)), now=NOON)
    rollback(two, done.redemption_id, now=NOON, line_ids=["2"])
    assert used(two) == {"daily": 2, "weekly": 0}


def test_one_cap_on_units_holds_over_all_bundles(store: Store) -> None:
    capped = rules(units_a_day="3")
    publish_shop(store, ["anna"], of="weekly", programme=capped)
    publish_shop(store, ["anna"], of="daily", attempt=2, days=2, programme=capped, slots_total=1)
    receipt = redeem(store, basket(line(0, 2), line(1, 2)), now=NOON).receipt
    assert sum(one.units_milli for one in receipt.lines) == 3_000
    assert {one.offer_id for one in receipt.lines} == {"o_0daily", "o_1weekly"}
