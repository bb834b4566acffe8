from dataclasses import replace

import numpy as np
import pytest

from models.customers.lifetime import GammaGamma, LifetimeModel, ParetoNbd, VisitHistory
from models.customers.lifetime.lifetime_value import tilt

SHOP = LifetimeModel(
    visits=ParetoNbd(r=1.46, alpha=1.48, s=8.3, beta=7657.0),
    spend=GammaGamma(p=0.67, q=3.4, v=13_850.0),
    horizon_days=84,
    level=1.0,
    trend=0.0,
    dispersion=0.7,
    typical_level=1.0,
)
# One purchase yesterday; all on one day (a single visit) half a year ago; weekly for a year; 300 visits.
PEOPLE = VisitHistory(
    repeats=np.array([0.0, 0.0, 51.0, 299.0]),
    last_weeks=np.array([0.0, 0.0, 51.0, 51.9]),
    age_weeks=np.array([0.1, 26.0, 52.0, 52.0]),
    recent_repeats=np.array([0.0, 0.0, 12.0, 69.0]),
)
BASKET = np.array([900.0, 12_000.0, 4_000.0, 2_500.0])


def test_a_weekly_customer_is_expected_every_week() -> None:
    assert SHOP.predict(PEOPLE, BASKET, 84).visits[2] == pytest.approx(12.0, rel=0.05)


def test_every_customer_has_a_finite_outlook_inside_its_interval() -> None:
    outlook = SHOP.predict(PEOPLE, BASKET, 84)
    assert np.all(outlook.visits_low <= outlook.visits + 1)
    assert np.all(outlook.visits <= outlook.visits_high + 1)
    assert np.all(outlook.spend_low_minor <= outlook.spend_minor)
    assert np.all(outlook.spend_minor <= outlook.spend_high_minor)


def test_eight_in_ten_drawn_futures_end_inside_the_interval() -> None:
    weekly = PEOPLE.take(np.array([False, False, True, False]))
    outlook = replace(SHOP, dispersion=1.0).predict(weekly, BASKET[2:3], 84)
    rng = np.random.default_rng(5)
    drawn = rng.poisson(rng.gamma(1.46 + 51, 1 / (1.48 + 52), 100_000) * 12)
    inside = np.mean((drawn >= outlook.visits_low[0]) & (drawn <= outlook.visits_high[0]))
    assert 0.78 <= inside <= 0.90  # whole numbers cannot hit .80


def test_half_of_the_level_is_half_of_the_visits() -> None:
    halved = replace(SHOP, level=0.5).predict(PEOPLE, BASKET, 84).visits
    assert halved == pytest.approx(SHOP.predict(PEOPLE, BASKET, 84).visits / 2)


def test_who_is_surely_gone_has_nothing_left_in_their_interval() -> None:
    quick_to_end = replace(SHOP, visits=ParetoNbd(r=1.46, alpha=1.48, s=2.0, beta=5.0))
    gone = VisitHistory(*(np.array([value]) for value in (51.0, 51.0, 104.0, 0.0)))
    outlook = quick_to_end.predict(gone, np.array([4_000.0]), 84)
    assert (outlook.visits_high[0], outlook.spend_high_minor[0]) == (0.0, 0.0)


def test_a_customer_who_comes_more_often_lately_is_tilted_upwards() -> None:
    history = VisitHistory(
        repeats=np.array([20.0, 20.0, 20.0, 0.0]),
        last_weeks=np.array([40.0] * 4),
        age_weeks=np.array([40.0] * 4),
        recent_repeats=np.array([12.0, 6.0, 0.0, 0.0]),
    )
    assert tilt(history, 0.5) == pytest.approx([np.sqrt(13 / 7), 1.0, np.sqrt(1 / 7), 1.0])


def test_nobody_is_an_answer_too() -> None:
    nobody = PEOPLE.take(np.zeros(4, dtype=np.bool_))
    assert len(SHOP.predict(nobody, np.zeros(0), 84).visits) == 0
