"""Shops, programmes and policies drawn at random, and the night that they make.

A shop is drawn from a seed, with prices around the floors, flags, unknown prices and costs, and customers with
few or many candidates; a programme from the ranges that an owner would use.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from engine.domain.arms import arm_of, salt_of
from engine.nightly.choosing.allocation import find_shadow_price
from engine.nightly.choosing.assignment import Assigned, assign_bucket
from engine.nightly.choosing.bucket_plan import BucketPlan, plan_bucket
from engine.nightly.choosing.offer_options import Options
from engine.nightly.choosing.policy import Policy, Valuation, depth_rule
from engine.nightly.night import Night
from engine.nightly.shelf.assortment import Assortment, build_assortment
from engine.programme import Programme, load_programme
from engine.wording.language_files import load_sentences

MESSAGES = load_sentences("en")
ITEMS = 40


def _any_value(options: Options) -> Valuation:
    with np.errstate(over="ignore"):
        mixed = options.item_no[:, None] * 2654435761 + np.arange(options.allowed.shape[1]) * 40503
    noise = ((mixed + (options.p_buy * 1e6).astype(np.int64)[:, None]) % 1000) / 1000
    value = np.where(noise < 0.2, -np.inf, (noise - 0.35) * 50)
    return Valuation(value, np.full(value.shape, 0.5))


# A policy unlike the shipped one: values of any sign and size, some depths never.
dear_and_random = Policy("dear_and_random", _any_value, frozenset({"allowed", "item_no", "p_buy"}))


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
    def assortment(self) -> Assortment:
        return build_assortment(self.shop.items, self.rules)

    def plan(self, keep: "Callable[[int], bool]" = lambda _: True) -> BucketPlan:
        """Plan the bucket of those customers whose number is kept."""
        people = self.shop.customers[self.shop.customers["customer_no"].map(keep).astype(bool)]
        mine = self.shop.candidates[self.shop.candidates["customer_no"].isin(people["customer_no"])]
        return plan_bucket(
            self.night,
            self.assortment,
            people.reset_index(drop=True),
            mine.reset_index(drop=True),
            consent=self.shop.consent,
            open_customers=self.shop.open_customers,
            arms=self.arms,
            policy=self.policy,
        )

    @property
    def arms(self) -> dict[str, str]:
        """Everybody's arm, by the seed."""
        salt, share = salt_of(self.rules.seed, "arms"), self.rules.holdout.share
        return {name: arm_of(name, salt, share).value for name in self.shop.customers["customer_id"]}

    def allowance(self, plan: BucketPlan) -> int:
        return int(plan.cost_milli[0] * self.budget_share)

    def settle(self, plan: BucketPlan, shadow_price_index: int) -> Assigned:
        return assign_bucket(plan, self.night, self.assortment, shadow_price_index, MESSAGES)

    def run(self) -> Assigned:
        plan = self.plan()
        return self.settle(plan, find_shadow_price(plan.cost_milli, self.allowance(plan)))


cases = st.builds(
    Case,
    shop=st.builds(make_shop, st.integers(0, 10_000), st.integers(0, 30)),
    rules=programmes(),
    policy=st.sampled_from([depth_rule, dear_and_random]),
    budget_share=st.sampled_from([0.0, 0.2, 0.6, 1.0]),
)


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
