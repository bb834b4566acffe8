import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.effects.arm_means import arm_means
from models.effects.drawn_arms import Arms
from models.effects.treatment_effect import treatment_effect
from models.ground.errors import BadInput

SPENT = [10.0, 14.0, 9.0, 15.0, 4.0, 6.0, 5.0]
TREATED = [1, 1, 1, 1, 0, 0, 0]


def drawn(seed: int, customers: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, treated, household of one to three customers, two figures of the time before."""
    rng = np.random.default_rng(seed)
    household = np.repeat(np.arange(customers), rng.integers(1, 4, customers))[:customers]
    treated = rng.random(customers)[household] < 0.7
    before = rng.lognormal(3, 1, (customers, 2))
    home = rng.normal(0, 5, customers)[household]
    return 2 * before[:, 0] + home + 3 * treated + rng.normal(0, 5, customers), treated, household, before


def test_without_earlier_figures_it_is_the_difference_of_means_with_welchs_error() -> None:
    found = treatment_effect(SPENT, Arms.of(TREATED))

    welch = stats.ttest_ind(SPENT[:4], SPENT[4:], equal_var=False)
    assert found.treated.value == pytest.approx(12.0)
    assert found.holdout.value == pytest.approx(5.0)
    assert found.difference.value == pytest.approx(7.0)
    assert found.difference.p_value == pytest.approx(welch.pvalue)
    assert found.difference.interval(0.95) == pytest.approx(welch.confidence_interval(0.95))
    assert found.variance_left == 1.0


def test_a_figure_that_tells_everything_leaves_no_variance() -> None:
    before = np.array([5.0, 7.0, 4.5, 7.5, 4.0, 6.0, 5.0])
    treated = np.array(TREATED)

    found = treatment_effect(before + 2 * treated, Arms.of(treated), before)

    assert found.difference.value == pytest.approx(2.0)
    assert found.variance_left == pytest.approx(0.0, abs=1e-12)


def test_with_figures_it_is_lins_regression_of_statsmodels() -> None:
    outcome, treated, _, before = drawn(1, customers=900)
    arms = Arms.of(treated)
    centred = before - before.mean(axis=0)
    design = sm.add_constant(np.column_stack([treated, centred, centred * treated[:, None]]))
    expected = sm.OLS(outcome, design).fit(cov_type="HC2")

    means = arm_means(outcome, arms, before)

    assert means.contrast([1, -1]).value == pytest.approx(expected.params[1])
    assert np.sqrt(means.within.sum()) == pytest.approx(expected.bse[1])


def test_a_small_holdout_shares_its_slopes_with_the_treated_as_statsmodels_common_regression() -> None:
    outcome, treated, _, before = drawn(1)
    design = sm.add_constant(np.column_stack([treated, before]))
    expected = sm.OLS(outcome, design).fit(cov_type="HC2")

    found = treatment_effect(outcome, Arms.of(treated), before).difference

    assert found.value == pytest.approx(expected.params[1])
    assert found.standard_error == pytest.approx(expected.bse[1])


def test_households_are_what_counts_as_statsmodels_counts_them() -> None:
    outcome, treated, household, before = drawn(2, customers=3000)
    centred = before - before.mean(axis=0)
    design = sm.add_constant(np.column_stack([treated, centred, centred * treated[:, None]]))
    expected = sm.OLS(outcome, design).fit(cov_type="cluster", cov_kwds={"groups": household})

    means = arm_means(outcome, Arms.of(treated, household), before)

    assert means.contrast([1, -1]).value == pytest.approx(expected.params[1])
    assert np.sqrt(means.within.sum()) == pytest.approx(expected.bse[1], rel=0.005)
    alone = arm_means(outcome, Arms.of(treated), before)
    assert np.sqrt(means.within.sum()) > 1.1 * np.sqrt(alone.within.sum())


@settings(deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 1000), st.floats(-100, 100))
def test_neither_order_nor_unit_nor_zero_of_the_money_matters(seed: int, factor: float, shift: float) -> None:
    outcome, treated, household, before = drawn(seed % 20, customers=60)
    order = np.random.default_rng(seed).permutation(60)

    one = treatment_effect(outcome, Arms.of(treated, household), before).difference
    other = treatment_effect(
        factor * outcome[order] + shift, Arms.of(treated[order], household[order]), 7 * before[order] - 3
    ).difference

    assert other.value == pytest.approx(factor * one.value, rel=1e-6, abs=1e-6 * factor)
    assert other.standard_error == pytest.approx(factor * one.standard_error, rel=1e-6)


def test_figures_that_repeat_each_other_or_never_vary_change_nothing() -> None:
    outcome, treated, household, before = drawn(3)
    arms = Arms.of(treated, household)
    more = np.column_stack([before, before[:, 0] * 2, np.full(len(outcome), 4.0)])

    assert treatment_effect(outcome, arms, more).difference.value == pytest.approx(
        treatment_effect(outcome, arms, before).difference.value
    )


def test_a_household_in_both_arms_is_refused() -> None:
    with pytest.raises(BadInput, match="expected every household in one arm, 1 of 2 are in both"):
        Arms.of([1, 0, 0], ["a", "a", "b"])


def test_too_few_households_for_the_figures_are_refused() -> None:
    with pytest.raises(
        BadInput, match=r"at least 4 households in each arm to compare them on 2 .*got 4 treated and 3"
    ):
        treatment_effect(SPENT, Arms.of(TREATED), np.zeros((7, 2)))


def test_a_missing_figure_is_refused() -> None:
    with pytest.raises(BadInput, match="expected values that are numbers, 1 of 7 customers have none"):
        treatment_effect([float("nan"), *SPENT[1:]], Arms.of(TREATED))
