"""What holds for every night, whatever the shop, the scores and the programme.

A shop is drawn from a seed, with prices around the floors, flags, unknown prices and costs, and customers with
few or many candidates; a programme from the ranges that an owner would use.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from engine.domain.arms import Arm, arm_of, salt_of
from engine.domain.budget import Period, allowance_milli, period_around, remaining_nights
from engine.domain.money import offer_price_minor
from engine.domain.rules import keeps_assumed_margin, keeps_margin
from engine.domain.window import LocalDays, length_days
from engine.nightly.allocation import NOTHING, PRICES, find_price, levels_at, planned_cost, reaches
from engine.nightly.explain import load_messages
from engine.nightly.night import Night
from engine.nightly.options import Options
from engine.nightly.plan import BucketPlan, plan_bucket
from engine.nightly.policy import Choice, Policy, depth_rule
from engine.nightly.settle import Settled, settle_bucket
from engine.nightly.shelf import Shelf, build_shelf
from engine.programme import Programme, load_programme

MESSAGES = load_messages("en")
ITEMS = 40
# Explaining a failure takes minutes here; a shrunk example says enough.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
LAW = settings(max_examples=40, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
CHEAP_LAW = settings(max_examples=300, deadline=None)
ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Apia", "America/Havana", "Australia/Lord_Howe", "UTC")


def dear_and_random(options: Options) -> Choice:
    """A policy unlike the shipped one: values of any sign and size, some depths never."""
    with np.errstate(over="ignore"):
        mixed = options.item_no[:, None] * 2654435761 + np.arange(options.allowed.shape[1]) * 40503
    noise = ((mixed + (options.p_buy * 1e6).astype(np.int64)[:, None]) % 1000) / 1000
    value = np.where(noise < 0.2, -np.inf, (noise - 0.35) * 50)
    return Choice(value, np.full(value.shape, 0.5))


@dataclass(frozen=True)
class Shop:
    """A small shop with everything a night is given."""

    items: pd.DataFrame
    customers: pd.DataFrame
    candidates: pd.DataFrame
    consent: "pd.Series[bool]"
    open_customers: frozenset[str]


def make_shop(seed: int, customers: int) -> Shop:
    rng = np.random.default_rng(seed)
    price = np.where(rng.random(ITEMS) < 0.05, np.nan, rng.integers(45, 400, ITEMS)).astype(np.float64)
    items = pd.DataFrame(
        {
            "item_id": [f"i{number}" for number in range(ITEMS)],
            "name": [f"Item {number // 2 if number < 10 else number}" for number in range(ITEMS)],
            "family_1": "GROCERY",
            "family_2": rng.choice(["BREAD", "BEER", "MILK"], ITEMS),
            "family_3": None,
            "family_4": None,
            "price_minor": price,
            "cost_minor": np.where(
                rng.random(ITEMS) < 0.5, np.nan, np.floor(price * rng.uniform(0.5, 1.0, ITEMS))
            ),
            "flags": rng.choice(["", "own_brand", "alcohol"], ITEMS, p=[0.8, 0.1, 0.1]),
        }
    )
    people = pd.DataFrame(
        {
            "customer_no": np.arange(customers, dtype=np.int32),
            "customer_id": pd.Series([f"c{seed}-{number}" for number in range(customers)], dtype="str"),
            "p_churn": rng.random(customers),
            "p_churn_long": rng.random(customers),
            "p_partial": rng.random(customers),
            "churn_reasons": None,
            "next_visit_days": rng.gamma(2, 3, customers),
            "days_since_visit": rng.integers(0, 70, customers).astype(np.float64),
        }
    )
    counts = rng.integers(0, ITEMS, customers)
    size = int(counts.sum())
    buys = np.where(rng.random(size) < rng.random(), rng.integers(1, 20, size), 0)
    candidates = pd.DataFrame(
        {
            "customer_no": np.repeat(np.arange(customers, dtype=np.int32), counts),
            "item_no": np.concatenate(
                [rng.choice(ITEMS, count, replace=False) for count in counts] or [np.zeros(0)]
            ).astype(np.int32),
            "p_buy": np.round(rng.beta(0.6, 4, size), 2),
            "p_repeat": np.where(rng.random(size) < 0.2, np.nan, rng.random(size)),
            "expected_units": rng.gamma(3, 0.6, size),
            "buys": buys,
            "days_since_buy": np.where(buys > 0, rng.integers(1, 60, size), np.nan),
            "item_gap_days": np.where(buys > 1, rng.gamma(3, 4, size), np.nan),
            "item_overdue": np.where(buys > 0, rng.gamma(2, 1, size), np.nan),
            "family_buys": rng.integers(0, 5, size),
            "buyers_28d": rng.integers(0, 60, size),
            "sources": np.where(buys > 0, 1, rng.choice([2, 4], size)).astype(np.uint8),
        }
    ).sort_values(["customer_no", "p_buy", "item_no"], ascending=[True, False, True], ignore_index=True)
    said = rng.choice(np.array([True, False, None]), customers, p=[0.4, 0.1, 0.5])
    has_open = rng.random(customers) < 0.1
    return Shop(
        items,
        people,
        candidates,
        pd.Series(said, index=people["customer_no"], dtype=object),
        frozenset(people.loc[has_open, "customer_id"]),
    )


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    rules = load_programme()
    max_items = draw(st.integers(5, 6))
    max_slots = draw(st.integers(0, 3))
    depths = tuple(
        sorted(draw(st.sets(st.sampled_from([500, 1000, 1500, 2000, 3000]), min_size=1, max_size=4)))
    )
    return rules.model_copy(
        update={
            "seed": draw(st.integers(0, 2**32)),
            "holdout": rules.holdout.model_copy(update={"share": draw(st.sampled_from([0.0, 0.1, 0.5]))}),
            "bundle": rules.bundle.model_copy(update={"max_items": max_items}),
            "novelty": rules.novelty.model_copy(
                update={"min_slots": draw(st.integers(0, max_slots)), "max_slots": max_slots}
            ),
            "depths": rules.depths.model_copy(update={"bp": depths}),
            "floors": rules.floors.model_copy(
                update={"margin_bp": draw(st.sampled_from([-500, 0, 500, 1500]))}
            ),
        }
    )


@dataclass(frozen=True)
class Case:
    """A shop, a programme, a policy, and the night they make at a share of what would be spent for free."""

    shop: Shop
    rules: Programme
    policy: Policy
    budget_share: float

    @property
    def night(self) -> Night:
        return Night("2017-12-04.1", datetime(2017, 12, 4, tzinfo=UTC), "UTC", self.rules, "v1", "law")

    @cached_property
    def shelf(self) -> Shelf:
        return build_shelf(self.shop.items, self.rules)

    def plan(self, keep: "Callable[[int], bool]" = lambda _: True) -> BucketPlan:
        """Plan the bucket of those customers whose number is kept."""
        people = self.shop.customers[self.shop.customers["customer_no"].map(keep).astype(bool)]
        mine = self.shop.candidates[self.shop.candidates["customer_no"].isin(people["customer_no"])]
        return plan_bucket(
            self.night,
            self.shelf,
            people.reset_index(drop=True),
            mine.reset_index(drop=True),
            consent=self.shop.consent,
            open_customers=self.shop.open_customers,
            policy=self.policy,
        )

    def allowance(self, plan: BucketPlan) -> int:
        return int(plan.cost_milli[0] * self.budget_share)

    def settle(self, plan: BucketPlan, price_index: int) -> Settled:
        return settle_bucket(plan, self.night, self.shelf, price_index, MESSAGES)

    def run(self) -> Settled:
        plan = self.plan()
        return self.settle(plan, find_price(plan.cost_milli, self.allowance(plan)))


cases = st.builds(
    Case,
    shop=st.builds(make_shop, st.integers(0, 10_000), st.integers(0, 30)),
    rules=programmes(),
    policy=st.sampled_from([depth_rule, dear_and_random]),
    budget_share=st.sampled_from([0.0, 0.2, 0.6, 1.0]),
)


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
    price = find_price(plan.cost_milli, allowance)
    slots = case.settle(plan, price).slots
    assert slots["expected_cost_milli"].sum() == plan.cost_milli[price] <= allowance
    # Priced anew from what the customer gets, not from what the plan believed.
    discount = slots["price_minor"] - slots["offer_price_minor"]
    assert (slots["p_buy"] * slots["expected_units"] * discount).sum() * 1000 <= allowance + 1e-3
    assert (slots["expected_units"] <= case.rules.bundle.max_units).all()


@LAW
@given(cases, st.randoms(use_true_random=False), st.integers(1, 4))
def test_neither_the_order_of_customers_nor_their_buckets_matter(
    case: Case, random: object, buckets: int
) -> None:
    whole = case.plan()
    parts = [case.plan(lambda number, part=part: number % buckets == part) for part in range(buckets)]
    total = np.sum([part.cost_milli for part in parts], axis=0)
    assert total.tolist() == whole.cost_milli.tolist()
    price = find_price(total, case.allowance(whole))
    split = pd.concat([case.settle(part, price).slots for part in parts])
    pd.testing.assert_frame_equal(in_order(split), in_order(case.settle(whole, price).slots))

    shuffled = replace(case, shop=renumbered(case.shop, random))
    pd.testing.assert_frame_equal(in_order(shuffled.run().slots), in_order(case.run().slots))


@LAW
@given(cases)
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
def test_a_level_is_taken_at_a_price_exactly_when_none_is_worth_more(
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
        taken = levels_at(reach, index)
        assert planned[index] == cost[rows, taken].sum()
        if index < NOTHING:
            surplus = value - PRICES[index] * cost
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
    st.sampled_from(list(Period)),
    st.integers(0, 10**9),
    st.lists(st.floats(0, 1), min_size=31, max_size=31),
)
def test_the_nights_of_a_period_never_plan_more_than_its_amount(
    wall: datetime, zone: str, period: Period, amount: int, appetite: list[float]
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


def renumbered(shop: Shop, random: object) -> Shop:
    """The same shop with its customers in another order."""
    order = list(range(len(shop.customers)))
    random.shuffle(order)  # type: ignore[attr-defined]
    new_number = {old: new for new, old in enumerate(order)}
    customers = shop.customers.assign(
        customer_no=shop.customers["customer_no"].map(new_number).astype("int32")
    )
    candidates = shop.candidates.assign(
        customer_no=shop.candidates["customer_no"].map(new_number).astype("int32")
    )
    return replace(
        shop,
        customers=customers.sort_values("customer_no", ignore_index=True),
        candidates=candidates.sort_values(
            ["customer_no", "p_buy", "item_no"], ascending=[True, False, True], ignore_index=True
        ),
        consent=shop.consent.rename(new_number),
    )
