"""What holds for every night, whatever the shop, the scores and the programme (`tests.laws.night_cases`)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from engine.domain.arms import Arm, arm_of, salt_of
from engine.domain.budget import BudgetPeriod, allowance_milli, period_around, remaining_nights
from engine.domain.eligibility import keeps_assumed_margin, keeps_margin
from engine.domain.money import offer_price_minor
from engine.domain.validity_window import LocalDays, length_days
from engine.nightly.choosing.allocation import (
    NOTHING,
    SHADOW_PRICES,
    find_shadow_price,
    planned_cost,
    reaches,
)
from tests.engine.nightly.bucket import levels_taken
from tests.laws.night_cases import Case, cases, renumbered

# Explaining a failure takes minutes here; a shrunk example says enough.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
LAW = settings(max_examples=40, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
CHEAP_LAW = settings(max_examples=300, deadline=None)
ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Apia", "America/Havana", "Australia/Lord_Howe", "UTC")


@LAW
@given(cases)
def test_a_bundle_is_empty_or_has_five_or_six_distinct_items_that_read_differently(case: Case) -> None:
    made = case.run()
    for _, slots in made.slots.groupby("customer_id"):
        assert case.rules.bundle.min_items <= len(slots) <= case.rules.bundle.max_items
        assert slots["item_id"].is_unique
        assert slots["name"].is_unique
        assert slots["slot"].tolist() == list(range(len(slots)))
    with_bundle = made.customers.loc[made.customers["outcome"] == "bundle", "customer_id"]
    assert set(with_bundle) == set(made.slots["customer_id"])


@LAW
@given(cases)
def test_new_items_keep_to_their_places(case: Case) -> None:
    made = case.run().slots.merge(case.shop.customers[["customer_no", "customer_id"]], on="customer_id")
    made["item_no"] = made["item_id"].str.removeprefix("i").astype(int)
    made = made.merge(case.shop.candidates[["customer_no", "item_no", "buys"]], on=["customer_no", "item_no"])
    assert ((made["buys"] > 0) == (made["kind"] == "preferred")).all()
    for _, slots in made.groupby("customer_id"):
        kinds = slots["kind"].tolist()
        assert kinds.count("novelty") <= case.rules.novelty.max_slots
        if "cold_start" in kinds:
            assert kinds.count("novelty") == case.rules.novelty.max_slots


@LAW
@given(cases)
def test_no_offer_is_deeper_than_the_programme_or_below_a_floor(case: Case) -> None:
    items = case.shop.items.set_index("item_id")
    for slot in case.run().slots.itertuples():
        item = items.loc[slot.item_id]
        price = int(item["price_minor"])
        assert slot.discount_bp in case.rules.depths.bp
        assert slot.offer_price_minor == offer_price_minor(price, slot.discount_bp)
        assert slot.offer_price_minor >= case.rules.floors.price_minor
        assert "alcohol" not in item["flags"]
        if np.isnan(item["cost_minor"]):
            assert slot.margin_assumed
            assumed = case.rules.assumed_margin_bp.default
            assert keeps_assumed_margin(slot.discount_bp, assumed, case.rules.floors.margin_bp)
        else:
            assert keeps_margin(slot.offer_price_minor, int(item["cost_minor"]), case.rules.floors.margin_bp)


@LAW
@given(cases)
def test_the_planned_cost_never_exceeds_the_allowance_and_is_what_the_slots_add_up_to(case: Case) -> None:
    plan = case.plan()
    allowance = case.allowance(plan)
    index = find_shadow_price(plan.cost_milli, allowance)
    slots = case.settle(plan, index).slots
    assert slots["expected_cost_milli"].sum() == plan.cost_milli[index] <= allowance
    # Priced anew from what the customer gets, not from what the plan believed.
    discount = slots["price_minor"] - slots["offer_price_minor"]
    assert (slots["p_buy"] * slots["expected_units"] * discount).sum() * 1000 <= allowance + 1e-3
    assert (slots["expected_units"] <= case.rules.bundle.max_units).all()


@pytest.mark.long
@LAW
@given(cases, st.randoms(use_true_random=False), st.integers(1, 4))
def test_neither_the_order_of_customers_nor_their_buckets_matter(
    case: Case, random: object, buckets: int
) -> None:
    whole = case.plan()
    parts = [case.plan(lambda number, part=part: number % buckets == part) for part in range(buckets)]
    total = np.sum([part.cost_milli for part in parts], axis=0)
    assert total.tolist() == whole.cost_milli.tolist()
    index = find_shadow_price(total, case.allowance(whole))
    split = pd.concat([case.settle(part, index).slots for part in parts])
    pd.testing.assert_frame_equal(in_order(split), in_order(case.settle(whole, index).slots))

    shuffled = replace(case, shop=renumbered(case.shop, random))
    pd.testing.assert_frame_equal(in_order(shuffled.run().slots), in_order(case.run().slots))


@LAW
@given(cases)
@pytest.mark.long
def test_the_same_seed_makes_the_same_bundles_and_another_run_other_names(case: Case) -> None:
    first, second = case.run(), case.run()
    pd.testing.assert_frame_equal(first.slots, second.slots)
    pd.testing.assert_frame_equal(first.customers, second.customers)
    assert first.slots["offer_id"].is_unique
    assert first.customers["bundle_id"].dropna().is_unique


@LAW
@given(cases)
def test_neither_the_holdout_nor_who_may_not_have_it_ever_gets_anything(case: Case) -> None:
    made = case.run()
    salt = salt_of(case.rules.seed, "arms")
    people = case.shop.customers
    held_out = {
        name for name in people["customer_id"] if arm_of(name, salt, case.rules.holdout.share) is Arm.HOLDOUT
    }
    refused = set(people.loc[[answer is False for answer in case.shop.consent], "customer_id"])
    unseen = set(people.loc[people["days_since_visit"] > case.rules.eligibility.seen_days, "customer_id"])
    served = set(made.slots["customer_id"])
    assert not served & (held_out | refused | unseen | case.shop.open_customers)
    assert set(made.slots["arm"]) <= {"treated"}
    holdout_rows = made.customers[made.customers["arm"] == "holdout"]
    assert set(holdout_rows["customer_id"]) == held_out
    assert set(holdout_rows["outcome"]) <= {"holdout"}


@CHEAP_LAW
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(2, 5))
def test_a_level_is_taken_at_a_shadow_price_exactly_when_none_is_worth_more(
    seed: int, customers: int, levels: int
) -> None:
    rng = np.random.default_rng(seed)
    cost = np.column_stack([np.zeros(customers), rng.integers(0, 9, (customers, levels - 1)) * 1000]).astype(
        np.int64
    )
    value = np.column_stack([np.zeros(customers), rng.integers(-3, 9, (customers, levels - 1)) / 4])
    value[:, 1:][rng.random((customers, levels - 1)) < 0.2] = -np.inf
    reach, rows = reaches(value, cost), np.arange(customers)
    planned = planned_cost(reach, cost)
    assert (np.diff(planned) <= 0).all()
    for index in [0, *rng.integers(0, NOTHING, 40).tolist(), NOTHING]:
        taken = levels_taken(reach, index)
        assert planned[index] == cost[rows, taken].sum()
        if index < NOTHING:
            surplus = value - SHADOW_PRICES[index] * cost
            np.testing.assert_allclose(surplus[rows, taken], surplus.max(axis=1), atol=1e-9)
    assert planned[NOTHING] == 0


@CHEAP_LAW
@given(
    st.datetimes(datetime(2010, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001 - the zone is drawn beside it
    st.sampled_from(ZONES),
    st.floats(0, 40),
)
@example(datetime(2024, 3, 29, 12), "Europe/Berlin", 2.0)  # noqa: DTZ001
@example(datetime(2024, 10, 25, 12), "America/New_York", 9.0)  # noqa: DTZ001
@example(datetime(2011, 12, 28, 12), "Pacific/Apia", 1.0)  # noqa: DTZ001 - 30 December did not exist there
@example(datetime(2024, 3, 8, 12), "America/Havana", 1.0)  # noqa: DTZ001 - 10 March began at one o'clock
def test_a_window_has_four_to_seven_local_days_and_is_half_open(
    wall: datetime, zone: str, visit_days: float
) -> None:
    as_of, days = wall.replace(tzinfo=UTC), LocalDays(zone)
    start = days.first_start(as_of)
    assert as_of <= start <= as_of + timedelta(hours=49)
    end = days.after(start, length_days(visit_days, (start - as_of) / timedelta(days=1), 4, 7))
    # Counted by the wall clock, hour by hour, so that nothing of the code under test is trusted.
    hours = int((end - start) / timedelta(minutes=30))
    seen = {(start + timedelta(minutes=30 * n)).astimezone(ZoneInfo(zone)).date() for n in range(hours)}
    assert 4 <= len(seen) <= 7
    last_moment = end - timedelta(microseconds=1)
    assert days.day_of(end) not in seen
    assert last_moment.astimezone(ZoneInfo(zone)).date() in seen
    assert days.first_start(end) == end
    assert days.after(end, 0) == end


@CHEAP_LAW
@given(
    st.datetimes(datetime(2010, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001 - the zone is drawn beside it
    st.sampled_from(ZONES),
    st.sampled_from(list(BudgetPeriod)),
    st.integers(0, 10**9),
    st.lists(st.floats(0, 1), min_size=31, max_size=31),
)
def test_the_nights_of_a_period_never_plan_more_than_its_amount(
    wall: datetime, zone: str, period: BudgetPeriod, amount: int, appetite: list[float]
) -> None:
    days = LocalDays(zone)
    start, end = period_around(wall.replace(tzinfo=UTC), period, days)
    assert start <= wall.replace(tzinfo=UTC) < end
    committed, night = 0, days.first_start(start)
    for share in appetite:
        if night >= end:
            break
        allowance = allowance_milli(amount, committed, remaining_nights(night, period, days))
        committed += int(allowance * share)
        night = days.next_start(night)
    assert committed <= amount * 1000


def in_order(slots: pd.DataFrame) -> pd.DataFrame:
    return slots.sort_values(["customer_id", "slot"], ignore_index=True)
