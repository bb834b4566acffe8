"""Shares of means: bought anyway, and the effect on those who were reached."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.sandbox.regression.gmm import IV2SLS

from models.effects.arm_means import arm_means
from models.effects.bought_anyway import bought_anyway
from models.effects.compliers import effect_per_exposed
from models.effects.drawn_arms import Arms
from models.effects.ratio_of_means import RatioOfMeans, ratio_of
from models.effects.treatment_effect import treatment_effect
from models.ground.errors import BadInput

ARMS = Arms.of([1, 1, 1, 1, 0, 0, 0, 0])


def test_the_share_bought_anyway_is_the_holdouts_mean_over_the_treateds() -> None:
    found = bought_anyway([4, 2, 0, 6, 3, 1, 0, 2], ARMS)

    assert found.value == pytest.approx(1.5 / 3)
    assert found.over == pytest.approx(1.5)
    assert found.under == pytest.approx(3.0)


def test_its_interval_holds_exactly_the_shares_that_a_test_does_not_refuse() -> None:
    rng = np.random.default_rng(0)
    means = arm_means(rng.gamma(2, 1, 200), Arms.of(np.arange(200) < 120))
    found = ratio_of(means, over=[0, 1], under=[1, 0])

    for end in found.interval(0.95):
        assert means.contrast([-end, 1]).p_value == pytest.approx(0.05, abs=1e-3)


def test_where_no_discount_is_surely_given_the_share_may_be_anything() -> None:
    assert bought_anyway([1, 0, 0, 0, 0, 1, 0, 0], ARMS).interval(0.95) == (-math.inf, math.inf)


def test_a_share_of_nothing_is_no_number() -> None:
    found = bought_anyway(np.zeros(8), ARMS)

    assert math.isnan(found.value)
    assert math.isnan(found.standard_error)
    assert found.interval(0.95) == (-math.inf, math.inf)


@settings(deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_neither_order_nor_currency_changes_a_share(seed: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    discount, treated, household = rng.gamma(1, 3, 40) + 1, np.arange(40) < 30, np.arange(40) // 2
    order = rng.permutation(40)

    one = bought_anyway(discount, Arms.of(treated, household))
    other = bought_anyway(rate * discount[order], Arms.of(treated[order], household[order]))

    assert other.interval(0.9) == pytest.approx(one.interval(0.9))
    assert other.standard_error == pytest.approx(one.standard_error)


def test_fieller_and_delta_agree_where_the_lower_mean_is_well_known() -> None:
    found = RatioOfMeans(30.0, 60.0, np.diag([0.04, 0.01]), math.inf)

    low, high = found.interval(0.95)
    assert (high - low) / 2 == pytest.approx(1.959964 * found.standard_error, rel=1e-3)


def test_the_effect_on_the_reached_is_the_instruments_of_statsmodels() -> None:
    rng = np.random.default_rng(4)
    treated = rng.random(4000) < 0.5
    exposed = treated & (rng.random(4000) < 0.4)
    spent = rng.gamma(2, 10, 4000) + 5 * exposed
    arms = Arms.of(treated)

    found = effect_per_exposed(spent, exposed, arms)

    ones = np.ones(4000)
    expected = IV2SLS(spent, np.column_stack([ones, exposed]), np.column_stack([ones, treated])).fit()
    assert found.value == pytest.approx(expected.params[1])
    assert found.standard_error == pytest.approx(expected.bse[1], rel=0.05)
    assert found.value == pytest.approx(treatment_effect(spent, arms).difference.value / found.under)


def test_a_holdout_that_saw_an_offer_is_refused() -> None:
    with pytest.raises(BadInput, match="expected nobody of the holdout to see an offer, 1 of 4 did"):
        effect_per_exposed(np.ones(8), [1, 0, 0, 0, 1, 0, 0, 0], ARMS)
