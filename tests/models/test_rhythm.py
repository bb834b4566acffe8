import numpy as np
import pytest

from models.features.matrix import FeatureMatrix
from models.rhythm import MIN_LOG_SD, Rhythm, fit_rhythm
from tests.models.literal import customer_rows

WEEKLY = Rhythm(gap_median_days=7.0, gap_log_sd=0.5)


def customers(
    visits: list[float], gap_days: list[float], log_sd: list[float], days_since_visit: list[float]
) -> FeatureMatrix:
    return customer_rows(
        len(visits),
        visits=visits,
        gap_median_days=gap_days,
        gap_log_sd=log_sd,
        days_since_visit=days_since_visit,
    )


@pytest.mark.parametrize("silence_days", [1.0, 5.0, 12.0, 25.0])
def test_half_of_such_customers_are_back_by_the_expected_visit(silence_days: float) -> None:
    regular = customers([400], [10], [0.6], [silence_days])
    expected = float(WEEKLY.next_visit_days(regular)[0])
    centre, spread = WEEKLY.log_gaps(regular)
    gaps = np.random.default_rng(7).lognormal(centre[0], spread[0], size=200_000)
    still_away = gaps[gaps > silence_days]
    assert expected > 1.0
    assert np.mean(still_away <= silence_days + expected) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("horizon_days", [3, 28])
def test_survival_is_the_share_still_away_after_the_horizon(horizon_days: int) -> None:
    regular = customers([400], [10], [0.6], [5])
    centre, spread = WEEKLY.log_gaps(regular)
    gaps = np.random.default_rng(8).lognormal(centre[0], spread[0], size=200_000)
    still_away = gaps[gaps > 5]
    assert WEEKLY.survival(regular, horizon_days)[0] == pytest.approx(
        np.mean(still_away > 5 + horizon_days), abs=0.005
    )


def test_the_expected_visit_halves_the_survival_also_after_a_very_long_silence() -> None:
    silent = customers([400, 400, 400], [2, 2, 1], [0.5, 0.6, 0.6], [60, 80, 56])
    days = WEEKLY.next_visit_days(silent)
    assert (days > 1.0).all()
    halved = [WEEKLY.survival(silent.take(np.array([row])), days[row])[0] for row in range(3)]
    assert halved == pytest.approx([0.5, 0.5, 0.5], rel=1e-6)


def test_nobody_is_expected_in_less_than_a_day() -> None:
    daily = customers([300], [1], [0.0], [1])
    assert WEEKLY.next_visit_days(daily).tolist() == [1.0]


def test_one_visit_has_the_shop_s_rhythm() -> None:
    new = customers([1], [np.nan], [np.nan], [1])
    assert WEEKLY.visit_gap_days(new)[0] == pytest.approx(7.0)
    assert WEEKLY.log_gaps(new)[1][0] == pytest.approx(0.5)


def test_the_more_visits_the_more_a_customer_s_own_rhythm_counts() -> None:
    monthly = customers([2, 4, 31, 301], [28] * 4, [np.nan, 0.1, 0.1, 0.1], [1] * 4)
    gaps = WEEKLY.visit_gap_days(monthly)
    assert gaps[0] == pytest.approx(np.exp((np.log(28) + 3 * np.log(7)) / 4))
    assert (np.diff(gaps) > 0).all()
    assert gaps[-1] == pytest.approx(28, rel=0.02)


def test_two_equal_gaps_do_not_make_a_clock() -> None:
    assert WEEKLY.log_gaps(customers([300], [7], [0.0], [1]))[1][0] == MIN_LOG_SD


def test_a_visit_on_the_day_itself_is_half_a_day_ago() -> None:
    today, half_a_day_ago = customers([10], [7], [0.5], [0]), customers([10], [7], [0.5], [0.5])
    assert WEEKLY.next_visit_days(today) == pytest.approx(WEEKLY.next_visit_days(half_a_day_ago))
    assert np.isfinite(WEEKLY.survival(today, 28)).all()


def test_beyond_the_own_cycle_a_longer_silence_is_likelier_to_last() -> None:
    silent = customers([20] * 3, [7] * 3, [0.5] * 3, [7, 21, 80])
    assert (np.diff(WEEKLY.survival(silent, 28)) > 0).all()


def test_the_shop_s_rhythm_is_its_median_customer_s() -> None:
    rhythm = fit_rhythm(customers([1, 2, 5, 9], [np.nan, 4, 6, 30], [np.nan, np.nan, 0.5, 0.7], [1] * 4))
    assert rhythm.gap_median_days == pytest.approx(6)
    assert rhythm.gap_log_sd == pytest.approx(0.6)


def test_a_shop_where_nobody_came_twice_has_a_week() -> None:
    assert fit_rhythm(customers([1, 1], [np.nan] * 2, [np.nan] * 2, [1, 2])) == Rhythm(7.0, 1.0)


def test_rhythm_of_nobody_is_empty() -> None:
    nobody = customers([], [], [], [])
    assert WEEKLY.next_visit_days(nobody).shape == (0,)
