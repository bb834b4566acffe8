import numpy as np
import pytest

from models.churn import ChurnEligibility, OwnCycleSurvival
from models.rhythm import GapPrior, ItemRhythm, Rhythm
from models.rhythm.items import THREE_WEEKS
from tests.models.literal import customer_rows

RHYTHM = Rhythm(GapPrior(float(np.log(7)), 0.5, 0.5, 4.0), ItemRhythm(THREE_WEEKS, {}))


def test_churn_is_for_those_with_two_visits_and_one_in_the_last_84_days() -> None:
    customers = customer_rows(5, visits=[1, 2, 2, 9, 2], days_since_visit=[3, 84, 85, 1, 0])
    assert ChurnEligibility().mask(customers).tolist() == [False, True, False, True, True]


def test_the_fallback_knows_that_forty_days_mean_little_to_a_monthly_shopper() -> None:
    customers = customer_rows(
        4, visits=50, gap_log_mean=np.log([7, 7, 30, 30]), gap_log_sd=0.9, days_since_visit=[7, 40, 7, 40]
    )
    weekly, weekly_overdue, monthly, monthly_overdue = OwnCycleSurvival(RHYTHM, 28).predict(customers)
    assert weekly_overdue > 2 * weekly
    assert monthly_overdue < 2 * monthly


def test_the_fallback_is_less_sure_of_a_longer_silence() -> None:
    customers = customer_rows(1, visits=5, gap_log_mean=np.log(7), gap_log_sd=0.5, days_since_visit=3)
    chances = [float(OwnCycleSurvival(RHYTHM, days).predict(customers)[0]) for days in (7, 28, 56)]
    assert chances == sorted(chances, reverse=True)
    assert 0 < chances[-1] < chances[0] < 1


def test_a_one_time_buyer_is_not_alive_for_ever() -> None:
    once = customer_rows(2, visits=1, gap_log_mean=np.nan, gap_log_sd=np.nan, days_since_visit=[2, 70])
    recent, long_ago = OwnCycleSurvival(RHYTHM, 28).predict(once)
    assert long_ago > recent


def test_the_fallback_is_the_rhythm_s_survival() -> None:
    customers = customer_rows(1, visits=9, gap_log_mean=np.log(7), gap_log_sd=0.5, days_since_visit=6)
    assert OwnCycleSurvival(RHYTHM, 28).predict(customers) == pytest.approx(RHYTHM.survival(customers, 28))
