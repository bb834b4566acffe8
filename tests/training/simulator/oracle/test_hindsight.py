"""A bound from above by who knows the dice; gains are futures x plans x households, in cents."""

import numpy as np
import pytest

from training.simulator.oracle.hindsight import bound_of

GAINS = np.array(
    [
        [[10.0, -5.0], [2.0, -1.0]],
        [[-4.0, 6.0], [3.0, 2.0]],
    ]
)


def test_the_best_plan_of_every_household_in_every_future_bounds_what_can_be_gained() -> None:
    found = bound_of(GAINS)

    assert found.bound == pytest.approx((10 + 0 + 3 + 6) / 4)
    assert found.one_plan == pytest.approx((10 - 5 - 4 + 6) / 4)
    assert found.luck == pytest.approx(found.bound - found.one_plan)


def test_no_choice_that_does_not_see_the_future_lies_above_it() -> None:
    rng = np.random.default_rng(0)
    gains = rng.normal(scale=100.0, size=(6, 3, 40))
    choice = rng.integers(0, 3, 40)

    assert bound_of(gains).bound >= gains[:, choice, np.arange(40)].mean()


def test_where_every_plan_loses_the_bound_is_nothing() -> None:
    found = bound_of(-np.abs(GAINS))

    assert (found.bound, found.one_plan, found.luck) == (0.0, 0.0, 0.0)
