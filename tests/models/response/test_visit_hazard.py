"""The hazard of a visit, learnt from days."""

import numpy as np
import pytest

from models.response.visit_hazard import VisitHazard


def days_of(rates: np.ndarray, days: int, *, rested: int = 0, seed: int = 3) -> np.ndarray:
    """Customers who come with a chance a day, never within `rested` days of the last visit."""
    draws = np.random.default_rng(seed).random((len(rates), days))
    came, last = np.zeros(draws.shape, dtype=np.bool_), np.full(len(rates), -99)
    for day in range(days):
        came[:, day] = (draws[:, day] < rates) & (day - last > rested)
        last = np.where(came[:, day], day, last)
    return came


def test_visits_that_are_expected_come() -> None:
    rates = np.repeat([0.05, 0.15, 0.3], 400)

    hazard = VisitHazard.fit(days_of(rates, 364))

    assert hazard.chance(np.array([0.05, 0.15, 0.3]), np.array([7, 7, 7])) == pytest.approx(
        [0.05, 0.15, 0.3], rel=0.2
    )


def test_who_was_here_yesterday_is_not_expected_where_customers_rest() -> None:
    hazard = VisitHazard.fit(days_of(np.full(800, 0.4), 364, rested=3))

    soon, later = hazard.chance(np.array([0.18, 0.18]), np.array([1, 6]))

    assert soon < 0.03
    assert later > 0.3


def test_too_few_days_are_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="at least 175 days, got 100"):
        VisitHazard.fit(np.zeros((5, 100), dtype=np.bool_))
