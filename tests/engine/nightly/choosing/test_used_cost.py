"""A plan's cost as tills use it, against the plan's own."""

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

from engine.domain.expected_use import by_use
from engine.nightly.choosing.allocation import NOTHING, find_shadow_price
from engine.nightly.choosing.used_cost import used_cost_milli
from tests.laws.night_cases import Case, cases

LAW = settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)


@LAW
@given(cases)
def test_offers_that_are_used_as_expected_cost_what_was_planned(case: Case) -> None:
    plan = case.plan()
    assert used_cost_milli(plan, {"preferred": 10_000}).tolist() == plan.cost_milli.tolist()


@LAW
@given(cases)
def test_the_final_offers_by_use_cost_what_the_allowance_covers(case: Case) -> None:
    plan = case.plan()
    factors = {"preferred": 7_000, "novelty": 12_500}
    used = used_cost_milli(plan, factors)
    index = find_shadow_price(used, int(used[0] * case.budget_share))
    slots = case.settle(plan, index).slots
    by_kind = [
        by_use(cost, factors.get(kind, 10_000))
        for cost, kind in zip(slots["expected_cost_milli"], slots["kind"], strict=True)
    ]
    assert used[index] == sum(by_kind) <= int(used[0] * case.budget_share)
    assert used[NOTHING] == 0
    assert np.issubdtype(used.dtype, np.integer)
