import numpy as np
import pytest
from scipy.integrate import quad

from models.customers.lifetime import ParetoNbd, VisitHistory

CDNOW = ParetoNbd(r=0.553, alpha=10.578, s=0.606, beta=11.669)


def one(repeats: float, last_weeks: float, age_weeks: float) -> VisitHistory:
    return VisitHistory(*(np.array([value]) for value in (repeats, last_weeks, age_weeks, 0.0)))


@pytest.mark.parametrize(("repeats", "last"), [(0.0, 0.0), (2.0, 30.43), (26.0, 30.86), (300.0, 38.0)])
def test_p_alive_is_that_of_the_integral_over_every_moment_of_the_end(repeats: float, last: float) -> None:
    m, age = CDNOW, 38.86

    def density(end: float) -> float:
        """Of the history and an end at `end`, over that of the history and none."""
        rate = (m.r + repeats) * np.log((m.alpha + age) / (m.alpha + end))
        return float(m.s / (m.beta + end) * np.exp(rate + m.s * np.log((m.beta + age) / (m.beta + end))))

    gone, _ = quad(density, last, age, limit=200)
    assert m.p_alive(one(repeats, last, age))[0] == pytest.approx(1.0 / (1.0 + gone), rel=1e-6)


def test_the_expectation_of_a_living_customer_is_that_of_many_drawn_ones() -> None:
    history, weeks = one(4, 25, 30), 39.0
    rng = np.random.default_rng(11)
    rate = rng.gamma(CDNOW.r + 4, 1 / (CDNOW.alpha + 30), 400_000)
    ends = rng.exponential(1 / rng.gamma(CDNOW.s, 1 / (CDNOW.beta + 30), 400_000))
    drawn = (rate * np.minimum(ends, weeks)).mean()
    assert CDNOW.expected_if_alive(history, weeks)[0] == pytest.approx(drawn, rel=0.01)


def test_an_end_rate_of_shape_one_has_its_neighbours_expectation() -> None:
    history = one(5, 20, 30)
    at_one, beside = (ParetoNbd(0.5, 10, s, 11).expected_visits(history, 39)[0] for s in (1.0, 1.0001))
    assert at_one == pytest.approx(beside, rel=1e-3)


def test_a_customer_of_today_is_alive() -> None:
    assert CDNOW.p_alive(one(0, 0, 0))[0] == 1.0
