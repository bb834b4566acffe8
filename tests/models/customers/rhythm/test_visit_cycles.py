import numpy as np
import pytest

from models.customers.rhythm import GapPrior, ItemRhythm, Rhythm, fit_visits
from models.customers.rhythm.item_cycles import THREE_WEEKS
from models.customers.rhythm.visit_cycles import A_WEEK
from models.features.feature_matrix import FeatureMatrix
from tests.models.literal import customer_rows

WEEKLY = Rhythm(GapPrior(float(np.log(7)), 0.5, 0.5, 4.0), ItemRhythm(THREE_WEEKS, {}))


def customers(
    visits: list[float], gap_days: list[float], log_sd: list[float], days_since_visit: list[float]
) -> FeatureMatrix:
    return customer_rows(
        len(visits),
        visits=visits,
        gap_log_mean=np.log(gap_days),
        gap_log_sd=log_sd,
        days_since_visit=days_since_visit,
    )


def test_one_visit_has_the_shop_s_rhythm() -> None:
    new = customers([1], [np.nan], [np.nan], [1])
    assert WEEKLY.visit_gap_days(new)[0] == pytest.approx(7.0)


def test_the_next_visit_is_expected_when_half_of_such_customers_are_back() -> None:
    regular = customers([400], [10], [0.6], [12])
    days = WEEKLY.next_visit_days(regular)
    assert days == pytest.approx(WEEKLY.due_days(regular, 0.5))
    assert WEEKLY.survival(regular, days[0])[0] == pytest.approx(0.5)


def test_nobody_is_expected_in_less_than_a_day() -> None:
    assert WEEKLY.next_visit_days(customers([300], [1], [0.0], [1])).tolist() == [1.0]


def test_beyond_the_own_cycle_a_longer_silence_is_likelier_to_last() -> None:
    silent = customers([20] * 4, [7] * 4, [0.5] * 4, [7, 21, 80, 300])
    assert (np.diff(WEEKLY.survival(silent, 28)) > 0).all()


def test_overdue_is_told_in_usual_gaps() -> None:
    weekly = customers([200], [7], [0.4], [21])
    assert WEEKLY.overdue(weekly)[0] == pytest.approx(3.0, rel=0.01)


def test_a_shop_where_hardly_anybody_came_twice_has_a_week() -> None:
    assert fit_visits(customers([1, 1, 2], [np.nan, np.nan, 3], [np.nan] * 3, [1, 2, 3])) == A_WEEK


def test_a_customer_seen_three_hundred_times_and_one_seen_once_are_both_told_something() -> None:
    daily, once = customers([300, 1], [1, np.nan], [0.1, np.nan], [40, 40]), WEEKLY
    assert np.isfinite(once.next_visit_days(daily)).all()
    away = once.survival(daily, 28)
    assert ((away > 0) & (away < 1)).all()


def test_rhythm_of_nobody_is_empty() -> None:
    nobody = customers([], [], [], [])
    assert WEEKLY.next_visit_days(nobody).shape == (0,)
