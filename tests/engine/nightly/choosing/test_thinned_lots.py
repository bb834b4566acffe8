"""Where lots cost more than tonight may plan, as many of them count as there is room for, and the log says by which chance."""

from itertools import pairwise

import numpy as np
import pytest

from engine.nightly.choosing.allocation import NOTHING, find_shadow_price
from engine.nightly.choosing.bucket_plan import BucketPlan
from engine.nightly.choosing.thinned_lots import lot_costs_milli, thinned
from tests.engine.nightly.choosing.test_plans_of_a_night import ONE_HELD_OUT, planned, policy, settled

EIGHT = 8
ALL = 10_000


@pytest.fixture(scope="module")
def plan() -> BucketPlan:
    """A lot gives everybody who is exposed, by a chance of a half, the shallow plan, which surely pays nobody; c1 is held out."""
    drawn = policy(
        EIGHT,
        lot=np.zeros(EIGHT, dtype=np.int64),
        plan_share=np.tile([0.5, 0.5], (EIGHT, 1)),
        lower=np.full((EIGHT, 2), -1.0),
        exposed=np.array([True] * 7 + [False]),
        p_exposed=np.full(EIGHT, 0.5),
    )
    return planned(drawn, count=EIGHT, arms=ONE_HELD_OUT)


def test_a_budget_below_the_lots_leaves_nobody_a_bundle_at_any_price(plan: BucketPlan) -> None:
    costs = lot_costs_milli(plan, {})
    assert (costs[0], costs[ALL]) == (0, plan.cost_milli[NOTHING - 1])
    assert find_shadow_price(plan.cost_milli, int(costs[ALL]) - 1) == NOTHING


def test_as_many_lots_count_as_an_allowance_covers(plan: BucketPlan) -> None:
    costs = lot_costs_milli(plan, {})
    one = int(costs[ALL]) // 6  # six of eight are exposed and not held out
    share = int(np.searchsorted(costs, 3 * one, side="right")) - 1

    made = settled(thinned(plan, share), NOTHING - 1)

    assert made.slots["customer_id"].nunique() == 3
    assert made.slots["expected_cost_milli"].sum() == costs[share] == 3 * one
    assert made.customers["outcome"].value_counts().to_dict() == {
        "bundle": 3,
        "not_yet_exposed": 4,
        "holdout": 1,
    }
    assert set(made.customers["p_exposed"]) == {0.5 * share / ALL}
    assert set(made.slots["p_exposed"]) == {0.5 * share / ALL}
    waiting = made.shadows[made.shadows["outcome"] == "not_yet_exposed"]
    assert waiting["customer_id"].nunique() == 4
    assert set(waiting["p_exposed"]) == {0.5 * share / ALL}


def test_who_is_exposed_at_a_share_is_exposed_at_a_larger_one(plan: BucketPlan) -> None:
    exposed = [
        set(settled(thinned(plan, share), 0).slots["customer_id"]) for share in range(0, ALL + 1, 2_000)
    ]
    assert exposed[0] == set()
    assert len(exposed[-1]) == 6
    assert all(fewer <= more for fewer, more in pairwise(exposed))


def test_lots_cost_what_tills_give_of_them(plan: BucketPlan) -> None:
    half = lot_costs_milli(plan, {"preferred": 5_000})
    assert half[ALL] == pytest.approx(lot_costs_milli(plan, {})[ALL] / 2, abs=EIGHT * 6)


def test_whose_bundle_surely_pays_loses_no_chance_by_it() -> None:
    sure = planned(policy(2, p_exposed=np.full(2, 0.5)), count=2)
    assert lot_costs_milli(sure, {})[ALL] == 0
    assert settled(thinned(sure, 0)).customers["p_exposed"].tolist() == [0.5, 0.5]
