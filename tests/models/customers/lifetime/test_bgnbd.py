import numpy as np
import pytest
from scipy.special import hyp2f1

from models.customers.lifetime import BgNbd, VisitHistory

CDNOW = BgNbd(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259)


def one(repeats: float, last_weeks: float, age_weeks: float) -> VisitHistory:
    return VisitHistory(*(np.array([value]) for value in (repeats, last_weeks, age_weeks, 0.0)))


def test_the_expectation_is_that_of_the_published_worked_example() -> None:
    # Fader, Hardie and Lee, "Implementing the BG/NBD model in Excel": x = 2, t_x = 30.43, T = 38.86, t = 39
    assert CDNOW.expected_visits(one(2, 30.43, 38.86), 39)[0] == pytest.approx(1.226, abs=0.001)


def test_the_expectation_agrees_with_the_equation_as_printed() -> None:
    r, alpha, a, b = CDNOW.r, CDNOW.alpha, CDNOW.a, CDNOW.b
    x, age, t = 3.0, 30.0, 10.0
    printed = (
        (a + b + x - 1)
        / (a - 1)
        * (
            1
            - ((alpha + age) / (alpha + age + t)) ** (r + x)
            * hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
        )
    )
    history = one(x, 20.0, age)
    assert CDNOW.expected_visits(history, t)[0] == pytest.approx(CDNOW.p_alive(history)[0] * printed)


def test_who_never_came_back_is_alive_for_sure() -> None:
    assert CDNOW.p_alive(one(0, 0, 38.86))[0] == 1.0


@pytest.mark.parametrize("repeats", [0.0, 1.0, 300.0, 3000.0])
def test_many_visits_and_none_have_a_finite_expectation(repeats: float) -> None:
    history = one(repeats, 51.0 if repeats else 0.0, 52.0)
    assert 0.0 <= CDNOW.expected_visits(history, 4)[0] <= (repeats + 1.0) / 52.0 * 4 * 1.2
    assert np.isfinite(CDNOW.log_likelihood(history)[0])


def test_a_coin_with_a_of_one_has_its_neighbours_expectation() -> None:
    history = one(5, 20, 30)
    at_one, beside = (BgNbd(0.24, 4.4, a, 2.4).expected_visits(history, 39)[0] for a in (1.0, 1.001))
    assert at_one == pytest.approx(beside, rel=1e-3)
