"""One planning says what every budget would bring."""

import numpy as np
import pandas as pd
import pytest

from engine.nightly.choosing.allocation import planned_cost, reaches
from engine.nightly.choosing.bucket_plan import BucketPlan
from engine.nightly.choosing.budget_curve import budget_curve

# Two customers, two levels each: customer 1 gets .5 for 1 minor unit and .8 for 4; customer 2 gets .2 for 2 and nothing more.
VALUE = np.array([[0.0, 0.5, 0.8], [0.0, 0.2, -np.inf]])
COST = np.array([[0, 1000, 4000], [0, 2000, 0]], dtype=np.int64)


def plan() -> BucketPlan:
    reach = reaches(VALUE, COST)
    rows = [(1, 1, 0), (1, 2, 0), (2, 1, 1)]
    levels = pd.DataFrame(
        [
            {
                "customer_no": number,
                "level": level,
                "plan_value": VALUE[row, level],
                "cost_milli": COST[row, level],
                "reach": reach[row, level],
            }
            for number, level, row in rows
        ]
    )
    slots = pd.DataFrame({"customer_no": [1, 1, 1, 2], "level": [1, 2, 2, 1], "p_buy": [0.5, 0.5, 0.4, 0.2]})
    customers = pd.DataFrame({"customer_no": [1, 2, 3], "served": [True, True, False]})
    return BucketPlan(customers, levels, slots, planned_cost(reach, COST))


@pytest.mark.parametrize(
    ("allowance_milli", "cost", "worth", "uses", "bundles"),
    [
        (0, 0, 0.0, 0.0, 0),
        (1000, 1000, 0.5, 0.5, 1),
        (6000, 6000, 1.0, 1.1, 2),
    ],
)
def test_a_budget_is_looked_up_on_the_curve(
    allowance_milli: int, cost: int, worth: float, uses: float, bundles: int
) -> None:
    curve = budget_curve([plan()], {})
    index = curve.at(allowance_milli)

    assert curve.cost_milli[index] == cost
    assert curve.worth[index] == pytest.approx(worth)
    assert curve.uses[index] == pytest.approx(uses)
    assert curve.bundles[index] == bundles


def test_the_knee_is_where_more_money_begins_to_bring_less_than_on_average() -> None:
    curve = budget_curve([plan()], {})

    assert curve.cost_milli[curve.knee()] == 1000
    assert curve.cost_milli[curve.corners()[0]] == 0
    assert curve.cost_milli[curve.corners()[-1]] == 6000
