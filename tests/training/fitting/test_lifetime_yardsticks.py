import numpy as np
import pytest

from models.customers.lifetime import VisitHistory
from training.fitting.lifetime_likelihood import Rehearsal, rehearsed_miss
from training.fitting.lifetime_yardsticks import mean_rate, own_rate

# Four customers known for twenty weeks, who came back twice a week, weekly, once, and never.
HISTORY = VisitHistory(
    np.array([40.0, 20.0, 1.0, 0.0]),
    np.array([20.0, 20.0, 5.0, 0.0]),
    np.full(4, 20.0),
    np.array([24.0, 12.0, 0.0, 0.0]),
)


def test_the_constant_expects_the_shop_s_rate_of_everybody() -> None:
    expected = mean_rate(HISTORY).expected_visits(HISTORY, 10.0)
    np.testing.assert_allclose(expected, 10 * 61 / 80, rtol=0.01)


def test_the_rule_expects_everybody_to_go_on_as_they_did() -> None:
    expected = own_rate(HISTORY).expected_visits(HISTORY, 10.0)
    usual_gap = 80 / 61
    np.testing.assert_allclose(expected, 10 * (HISTORY.repeats + 1) / (20 + usual_gap), rtol=1e-3)


def test_nobody_has_left_by_either() -> None:
    for fit in (mean_rate, own_rate):
        assert fit(HISTORY).p_alive(HISTORY).min() > 0.999


def test_a_customer_given_up_who_came_all_the_same_does_not_outweigh_everybody_else() -> None:
    came = np.array([20.0, 10.0, 0.0, 1.0])
    off = rehearsed_miss(Rehearsal(HISTORY, came, 70), own_rate)
    expected = (HISTORY.repeats + 1) * 31 / 65  # at the level that came out
    assert off == pytest.approx(np.abs(expected - came).mean(), rel=1e-3)
