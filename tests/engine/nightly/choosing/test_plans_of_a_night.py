"""What a night writes down of plans: who got which, with what chance, and what those would have got who get nothing."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
import pytest

from engine.nightly.choosing.allocation import NOTHING
from engine.nightly.choosing.assignment import Assigned, assign_bucket, bundles_of
from engine.nightly.choosing.bucket_plan import BucketPlan, plan_bucket
from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.plan_policy import PlanPolicy, Weighed
from engine.nightly.choosing.policy import Policy, Valuation, depth_rule
from engine.nightly.shelf.assortment import build_assortment
from engine.nightly.shelf.who_is_asked import EVERYBODY_TREATED
from engine.wording.language_files import load_sentences
from models.response.knowledge import Knowledge
from models.tables import OUTCOMES, SHADOW_LOG, SLOT_LOG
from tests.engine.nightly.bucket import candidates, customers, items, night, programme

P_BUY = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
ONE_HELD_OUT = {"c1": "holdout"}


def shallow_or_deep(context: Context, _: Knowledge) -> dict[str, Valuation]:
    shape = context.allowed.shape
    plans = {"shallow": np.full(shape, -np.inf), "deep": np.full(shape, -np.inf)}
    plans["shallow"][:, 0] = plans["deep"][:, 2] = context.p_buy
    return {name: Valuation(value, np.full(shape, 0.5)) for name, value in plans.items()}


def policy(n: int = 1, **changes: object) -> PlanPolicy:
    """Of n customers: "shallow" brings 40 of which 30 are visits, "deep" 90."""
    worth = Weighed.without_lots(
        np.tile([40.0, 90.0], (n, 1)),
        deviation=np.full((n, 2), 5.0),
        parts={"visits": np.tile([30.0, 0.0], (n, 1))},
    )
    weighed = Weighed(**(vars(worth) | changes))
    needs = frozenset({"allowed", "p_buy"})
    return PlanPolicy("shallow_or_deep", shallow_or_deep, needs, weigh=lambda *_: weighed)


def planned(
    chosen: Policy,
    *,
    count: int = 1,
    consent: bool | None = None,
    open_shadows: Collection[str] = (),
    arms: Mapping[str, str] = EVERYBODY_TREATED,
) -> BucketPlan:
    tonight = night()
    theirs = [candidates(P_BUY, customer_no=np.int32(number)) for number in range(count)]
    return plan_bucket(
        tonight,
        build_assortment(items([200] * 6), tonight.programme),
        customers(count),
        pd.concat(theirs, ignore_index=True),
        consent=pd.Series([consent] * count, dtype=object),
        open_customers=(),
        open_shadows=open_shadows,
        arms=arms,
        policy=chosen,
    )


def settled(plan: BucketPlan, shadow_price_index: int = 0) -> Assigned:
    tonight = night()
    assortment = build_assortment(items([200] * 6), tonight.programme)
    return assign_bucket(plan, tonight, assortment, shadow_price_index, load_sentences("en"))


def outcomes(made: Assigned) -> list[str]:
    return list(made.customers["outcome"])


def test_a_slot_tells_its_plan_in_money_and_how_likely_the_bundle_was() -> None:
    made = settled(planned(policy()))
    slot = made.slots.iloc[0]
    assert (slot["plan"], slot["plan_value"], slot["plan_lower"], slot["plan_deviation"]) == (
        "deep",
        90,
        90,
        5,
    )
    assert (slot["plan_parts"], slot["depth_cap_bp"], slot["discount_bp"]) == ('{"visits": 0.0}', 2000, 2000)
    assert (slot["p_exposed"], slot["p_plan"], slot["propensity"]) == (1, 1, 0.5)
    assert slot["p_bundle"] == 0.5**6
    person = made.customers.iloc[0]
    assert (person["plan"], person["plan_value"], person["p_plan"], person["exposed"]) == (
        "deep",
        90,
        1,
        True,
    )


def test_the_plan_of_a_policy_of_offers_is_its_depth_cap_and_sure() -> None:
    slot = settled(planned(depth_rule)).slots.iloc[0]
    assert (slot["plan"], slot["p_plan"], slot["p_bundle"], slot["depth_cap_bp"]) == (
        "up_to_1000_bp",
        1,
        1,
        1000,
    )
    assert np.isnan(slot["plan_deviation"])


@pytest.mark.parametrize(
    ("lot", "plan", "p_plan"), [(-1, "deep", 0.8), (1, "deep", 0.8), (0, "shallow", 0.2)]
)
def test_a_plan_is_as_likely_as_its_lot_and_what_is_left_to_the_best(
    lot: int, plan: str, p_plan: float
) -> None:
    drawn = policy(lot=np.array([lot]), plan_share=np.array([[0.2, 0.1]]))
    slots = settled(planned(drawn)).slots
    # the best is deep: .1 by lot, and .7 of the cases in which no lot forces anything
    assert (slots["plan"][0], slots["p_plan"][0]) == (plan, pytest.approx(p_plan))


def test_no_bundle_is_a_plan_with_its_chance_where_the_budget_leaves_nothing_but_lots() -> None:
    drawn = policy(plan_share=np.array([[0.2, 0.1]]), lower=np.full((1, 2), -1.0))
    made = settled(planned(drawn))
    person = made.customers.iloc[0]
    assert (person["outcome"], person["plan"], person["plan_value"]) == ("no_plan_pays", "none", 0)
    assert person["p_plan"] == pytest.approx(0.7)
    assert settled(planned(drawn), NOTHING).customers["p_plan"].tolist() == [1]


def test_who_is_not_yet_exposed_is_told_apart_and_costs_nothing() -> None:
    later = policy(exposed=np.array([False]), p_exposed=np.array([0.25]))
    plan = planned(later)
    made = settled(plan)
    assert (outcomes(made), len(made.slots), plan.cost_milli.max()) == (["not_yet_exposed"], 0, 0)
    assert (made.customers["exposed"][0], made.customers["p_exposed"][0]) == (False, 0.25)
    assert set(made.shadows["outcome"]) == {"not_yet_exposed"}
    assert made.shadows["p_bundle"][0] == pytest.approx(0.25 * 0.5**6)


def test_what_a_held_out_customer_would_have_got_is_logged_and_never_served() -> None:
    plan = planned(depth_rule, count=2, arms=ONE_HELD_OUT)
    made = settled(plan)
    assert outcomes(made) == ["bundle", "holdout"]
    assert tuple(made.shadows.columns) == SHADOW_LOG.names
    assert tuple(made.slots.columns) == SLOT_LOG.names
    assert tuple(made.customers.columns) == OUTCOMES.names
    assert (set(made.shadows["customer_id"]), set(made.slots["customer_id"])) == ({"c1"}, {"c0"})
    shared = [
        "item_id",
        "discount_bp",
        "value",
        "expected_cost_milli",
        "plan",
        "valid_from",
        "valid_to",
        "reason_text",
    ]
    pd.testing.assert_frame_equal(made.shadows[shared], made.slots[shared])
    assert [one.customer_id for one in bundles_of(made.slots, programme().activation)] == ["c0"]
    assert made.customers["bundle_id"].isna().tolist() == [False, True]
    # the budget pays for those who are served
    assert plan.cost_milli[0] == made.slots["expected_cost_milli"].sum()


def test_a_shadow_follows_the_rules_that_a_bundle_would() -> None:
    refused = settled(planned(depth_rule, count=2, consent=False, arms=ONE_HELD_OUT))
    assert (outcomes(refused), len(refused.shadows)) == (["no_consent", "holdout"], 0)
    running = planned(depth_rule, count=2, open_shadows={"c1"}, arms=ONE_HELD_OUT)
    assert (outcomes(settled(running)), len(settled(running).shadows)) == (["bundle", "holdout"], 0)
    too_dear = settled(planned(depth_rule, count=2, arms=ONE_HELD_OUT), NOTHING)
    assert (outcomes(too_dear), len(too_dear.shadows)) == (["budget", "holdout"], 0)


def test_a_running_shadow_keeps_nobody_from_a_bundle_of_their_own() -> None:
    assert outcomes(settled(planned(depth_rule, open_shadows={"c0"}))) == ["bundle"]
