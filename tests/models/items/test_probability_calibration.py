import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.items.probability_calibration import EDGE, BetaCalibration, shifted


def test_the_plain_calibration_changes_nothing() -> None:
    p = np.array([0.001, 0.2, 0.5, 0.9])
    assert BetaCalibration()(p) == pytest.approx(p)


def test_c_shifts_the_logit() -> None:
    assert BetaCalibration(1.0, 1.0, float(np.log(3)))(np.array([0.5]))[0] == pytest.approx(0.75)


def test_certain_scores_stay_probabilities() -> None:
    assert BetaCalibration()(np.array([0.0, 1.0])) == pytest.approx([EDGE, 1 - EDGE])


@given(
    st.floats(0.01, 5),
    st.floats(0.01, 5),
    st.floats(-5, 5),
    st.lists(st.floats(0.001, 0.999), min_size=2, max_size=9),
)
def test_the_order_of_scores_is_kept(a: float, b: float, c: float, scores: list[float]) -> None:
    p = np.sort(np.array(scores))
    calibrated = BetaCalibration(a, b, c)(p)
    assert (np.diff(calibrated) >= 0).all()
    assert ((calibrated >= 0) & (calibrated <= 1)).all()


def test_a_shift_multiplies_the_odds() -> None:
    assert shifted(np.array([0.5, 0.2]), np.log(np.array([3.0, 1.0]))).tolist() == pytest.approx([0.75, 0.2])
    assert (
        (shifted(np.array([0.0, 1.0]), np.ones(2)) > 0) & (shifted(np.array([0.0, 1.0]), np.ones(2)) < 1)
    ).all()
