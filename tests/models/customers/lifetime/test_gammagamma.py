import numpy as np
import pytest

from models.customers.lifetime import GammaGamma

CDNOW = GammaGamma(p=6.25, q=3.74, v=1544.0)


def test_a_customer_without_visits_is_worth_the_shops_mean() -> None:
    # Fader and Hardie's population mean of CDNOW: p x v / (q - 1)
    assert CDNOW.expected_minor(np.array([0.0]), np.array([0.0]))[0] == pytest.approx(6.25 * 1544 / 2.74)


def test_more_visits_move_the_expectation_from_the_shops_mean_to_the_customers_own() -> None:
    expected = CDNOW.expected_minor(np.array([1.0, 5.0, 500.0]), np.full(3, 10_000.0))
    assert np.all(np.diff(expected) > 0)
    assert expected[2] == pytest.approx(10_000.0, rel=0.01)


def test_more_visits_leave_less_doubt_about_the_mean() -> None:
    doubt = CDNOW.variance_of_mean(np.array([1.0, 10.0, 100.0]), np.full(3, 3500.0))
    assert np.all(np.diff(doubt) < 0)


def test_the_likelihood_is_a_density_of_the_mean() -> None:
    money = np.geomspace(1.0, 1e7, 20_001)
    density = np.exp(CDNOW.log_likelihood(np.full(len(money), 3.0), money))
    assert np.trapezoid(density, money) == pytest.approx(1.0, abs=1e-3)
