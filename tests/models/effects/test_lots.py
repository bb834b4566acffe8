"""Whether the lot was drawn well: sample ratio and balance; and what was known before."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.effects.drawn_arms import Arms
from models.effects.heavy_tails import Bounds, winsorised_effect
from models.effects.pre_period import pre_period_figures
from models.effects.pre_period_balance import balance
from models.effects.sample_ratio import ratio_p_value, ratio_p_values
from models.effects.treatment_effect import treatment_effect
from models.ground.errors import BadInput


def test_a_hundred_missing_of_a_thousand_held_out_is_no_chance() -> None:
    assert ratio_p_value([9000, 1000], [0.9, 0.1]) == pytest.approx(1.0)
    assert ratio_p_value([9000, 900], [0.9, 0.1]) == pytest.approx(stats.chi2.sf(9.0909, 1), rel=1e-3)


def test_looked_at_every_week_a_fair_lot_is_never_surer_than_nothing_and_an_unfair_one_is_found() -> None:
    weeks = np.arange(1, 27)
    fair = ratio_p_values(np.outer(weeks, [9000, 1000]), [0.9, 0.1])
    unfair = ratio_p_values(np.outer(weeks, [9030, 970]), [0.9, 0.1])

    assert fair.tolist() == [1.0] * 26
    assert unfair[0] > 0.5
    assert unfair[-1] < 0.001
    assert (np.diff(unfair) <= 0).all()


def test_the_bayes_factor_of_one_unit_is_by_hand() -> None:
    # Dirichlet(1, 1) gives either arm one half, as was meant; two in one arm it gives 1/3 instead of 1/4.
    assert ratio_p_values([[1, 0], [2, 0]], [0.5, 0.5], concentration=2.0) == pytest.approx([1.0, 3 / 4])


def test_the_bayes_factor_is_that_of_ssrm_test() -> None:
    found = ratio_p_values(np.outer(np.arange(1, 7), [9030, 970]), [0.9, 0.1])

    # Lindon and Malek's own package, ssrm-test 0.1.5, answers this.
    assert found == pytest.approx([1, 0.8778429767, 0.6379426628, 0.4415133335, 0.296921842, 0.1959586478])


def test_shares_that_are_none_are_refused() -> None:
    with pytest.raises(BadInput, match="expected a share above 0 for each of 2 arms, together 1"):
        ratio_p_value([9, 1], [0.9, 0.2])


def test_counts_that_fall_are_refused() -> None:
    with pytest.raises(BadInput, match="expected counts of units drawn so far, which never fall"):
        ratio_p_values([[9, 1], [8, 2]], [0.9, 0.1])


def test_balance_on_one_figure_is_welchs_test() -> None:
    figures = np.random.default_rng(0).normal(size=400)
    arms = Arms.of(np.arange(400) % 2 == 0)

    found = balance(figures, arms)

    expected = stats.ttest_ind(figures[::2], figures[1::2], equal_var=False)
    assert found.p_value == pytest.approx(expected.pvalue, rel=0.02)
    assert found.differences[0] == pytest.approx(expected.statistic / 10, rel=0.02)


def test_a_holdout_of_the_best_customers_is_found() -> None:
    figures = np.random.default_rng(0).lognormal(size=(400, 3))
    found = balance(figures, Arms.of(figures[:, 1] < np.median(figures[:, 1])))

    assert found.p_value < 1e-6
    assert np.abs(found.differences).argmax() == 1


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_balance_knows_no_unit_and_a_figure_told_twice_adds_nothing(seed: int) -> None:
    figures = np.random.default_rng(seed).normal(size=(60, 2))
    arms = Arms.of(np.arange(60) % 3 > 0)

    once, twice = balance(figures, arms), balance(np.column_stack([figures * 100, figures[:, :1]]), arms)

    assert twice.p_value == pytest.approx(once.p_value)
    assert twice.differences[:2] == pytest.approx(once.differences)


def test_figures_of_the_time_before_are_sums_over_the_last_weeks() -> None:
    spend, visits = np.zeros((2, 20)), np.zeros((2, 20))
    spend[0, [0, 10, 19]], visits[0, [0, 10, 19]] = [1, 10, 100], 1

    assert pre_period_figures(spend, visits).tolist() == [
        [100, 100, 110, 111, 1, 2, 0],
        [0, 0, 0, 0, 0, 0, 1],
    ]


def test_an_experiment_without_a_week_before_it_is_refused() -> None:
    with pytest.raises(BadInput, match="an experiment needs at least a week before it"):
        pre_period_figures(np.zeros((3, 0)), np.zeros((3, 0)))


def test_a_resold_pallet_counts_up_to_the_bound_and_the_rest_is_told() -> None:
    before = np.concatenate([np.arange(100.0), [500.0]])
    spent = np.tile([10.0, 20.0], 20)
    spent[0] = 9000.0
    arms = Arms.of(np.arange(40) < 20)

    found = winsorised_effect(spent, arms, None, Bounds.of(before, times=1, cut_share=0.01))

    assert found.effect.treated.value == pytest.approx((19 * 15 + 5 + 99) / 20)
    assert found.left_out.value == pytest.approx((9000 - 99) / 20)
    assert found.customers_cut.tolist() == [1, 0]
    assert found.share_cut == pytest.approx([(9000 - 99) / 9290, 0])
    whole = treatment_effect(spent, arms).difference.value
    assert found.effect.difference.value + found.left_out.value == pytest.approx(whole)


def test_a_tail_of_a_tenth_is_refused() -> None:
    with pytest.raises(BadInput, match=r"expected a share within \[0, .05\]"):
        Bounds.of([1.0], times=1, cut_share=0.1)
