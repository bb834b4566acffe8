"""How often may one look, and what is there to be seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower

from models.effects.confidence_sequence import ConfidenceSequence
from models.effects.estimate import Estimate
from models.effects.smallest_effect import Question, power_table
from models.ground.errors import BadInput


def question(correlation: float = 0.0) -> Question:
    return Question(sd=100, correlation=correlation, household_size=1, level=0.95, power=0.8)


def test_the_band_is_that_of_confseq() -> None:
    # As `normal_mixture_bound` has it with v_opt 100 and both levels .05, over v.
    rho = 100 / (2 * np.log(20) + np.log(1 + 2 * np.log(20)))
    v = np.array([10.0, 100.0, 400.0])
    expected = np.sqrt((v + rho) * (np.log(1 + v / rho) + 2 * np.log(20))) / v

    assert ConfidenceSequence(0.95, planned_error=0.1).reach(1 / np.sqrt(v)) == pytest.approx(expected)


def test_at_the_planned_end_it_is_half_as_wide_again_as_an_interval_looked_at_once() -> None:
    once = Estimate(0, 1, float("inf")).interval(0.95)[1]
    reach = ConfidenceSequence(0.95, planned_error=1.0).reach([3.0, 1.0, 0.3])

    assert reach / np.array([3.0, 1.0, 0.3]) / once == pytest.approx([1.92, 1.55, 1.66], abs=0.01)


@settings(deadline=None)
@given(st.floats(-50, 50), st.floats(0.1, 10), st.floats(0.1, 10), st.floats(0.001, 1000))
def test_nothing_is_ruled_out_exactly_where_the_band_leaves_it_out(
    value: float, error: float, planned: float, unit: float
) -> None:
    sequence, scaled = ConfidenceSequence(0.95, planned), ConfidenceSequence(0.95, planned * unit)
    low, high = sequence.band([value], [error])[0]
    p_value = sequence.p_values([value], [error])[0]

    assert (p_value <= 0.05) == (low >= 0 or high <= 0) or abs(p_value - 0.05) < 1e-6
    assert scaled.band([value * unit], [error * unit])[0] == pytest.approx([low * unit, high * unit])


def test_what_was_once_sure_stays_sure() -> None:
    p_values = ConfidenceSequence(0.95, planned_error=1.0).p_values([0.0, 9.0, 1.0], [2.0, 1.5, 1.2])

    assert p_values[0] == 1.0
    assert p_values[1] == p_values[2] < 0.01


def test_nothing_that_varies_is_known_at_once() -> None:
    sequence = ConfidenceSequence(0.95, planned_error=1.0)

    assert sequence.band([2.0], [0.0]).tolist() == [[2.0, 2.0]]
    assert sequence.p_values([2.0], [0.0]).tolist() == [0.0]
    assert sequence.p_values([0.0], [0.0]).tolist() == [1.0]


def test_a_band_without_a_plan_is_refused() -> None:
    with pytest.raises(BadInput, match="planned standard error above 0, got 0; plan the experiment first"):
        ConfidenceSequence(0.95, planned_error=0)


def test_the_smallest_effect_is_that_of_statsmodels() -> None:
    found = question().smallest_effect(10_000, holdout_share=0.1)

    power = NormalIndPower().power(found / 100, nobs1=1000, alpha=0.05, ratio=9)
    assert power == pytest.approx(0.8, abs=1e-6)


def test_the_customers_needed_see_the_effect() -> None:
    needed = question().customers_needed(5.0, holdout_share=0.5)

    assert question().smallest_effect(needed, 0.5) <= 5.0 < question().smallest_effect(needed - 1, 0.5)


def test_what_was_known_before_counts_as_customers() -> None:
    assert question(correlation=0.6).smallest_effect(6_400, 0.1) == pytest.approx(
        question().smallest_effect(10_000, 0.1)
    )


def test_the_table_says_what_a_small_shop_cannot_see() -> None:
    rows = power_table(question(correlation=0.8), holdout_share=0.1)

    assert [row.customers for row in rows] == [1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000]
    assert [round(row.looked_at_once, 2) for row in rows] == [17.72, 10.23, 5.6, 3.23, 1.77, 1.02, 0.56]
    assert all(1.3 < row.looked_at_weekly / row.looked_at_once < 1.4 for row in rows)


def test_a_holdout_of_everybody_is_refused() -> None:
    with pytest.raises(BadInput, match="expected customers in both arms"):
        question().smallest_effect(1000, 1.0)


def test_an_effect_of_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="expected an effect to be found, got 0"):
        question().customers_needed(0, 0.5)
