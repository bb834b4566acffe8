from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from models.items.month_season import MonthSeason, fit_season

FIRST = date(2024, 1, 1)


def year(peak: float, *, noise: float = 0.0, days: int = 300) -> dict[date, int]:
    """Daily lines, twice as many on Saturdays, `peak` more on the first seven days of a month."""
    rng = np.random.default_rng(4)
    lines = {}
    for place in range(days):
        day = FIRST + timedelta(days=place)
        level = 1000 * (2 if day.weekday() == 5 else 1) * (1 + peak * (day.day <= 7))
        lines[day] = int(level * np.exp(rng.normal(0, noise)))
    return lines


def test_the_first_week_of_the_month_is_above_usual_and_the_third_below() -> None:
    season = fit_season(year(0.2), date(2024, 10, 1))
    first, third = season.window_level(date(2024, 10, 1), 7), season.window_level(date(2024, 10, 15), 7)
    assert first - third == pytest.approx(np.log(1.2), abs=0.04)


def test_a_shop_without_a_season_has_none() -> None:
    assert MonthSeason().window_level(FIRST, 7) == 0
    level = fit_season(year(0.0, noise=0.3), date(2024, 10, 1)).window_level(date(2024, 10, 1), 7)
    assert abs(level) < 0.05


def test_what_comes_later_is_not_looked_at() -> None:
    until = date(2024, 7, 1)
    known = {day: lines for day, lines in year(0.2).items() if day < until}
    assert fit_season(year(0.2), until) == fit_season(known, until)


def test_four_months_are_needed() -> None:
    assert fit_season(year(0.2, days=119), date(2025, 1, 1)) == MonthSeason()
    assert fit_season(year(0.2, days=120), date(2025, 1, 1)) != MonthSeason()


def test_every_row_gets_the_level_of_its_own_window() -> None:
    season = MonthSeason((0.1, 0.02, 0.0, 0.01))
    cuts = pd.Series([date(2024, 5, 1), date(2024, 5, 15), date(2024, 5, 1)])
    levels = season.levels(cuts, np.array([7.0, 7.0, 4.0]))
    assert levels.tolist() == pytest.approx(
        [season.window_level(cuts[0], 7), season.window_level(cuts[1], 7), season.window_level(cuts[2], 4)]
    )
    assert MonthSeason().levels(cuts, np.array([7.0, 7.0, 4.0])).tolist() == [0, 0, 0]
    assert len(season.levels(cuts[:0], np.zeros(0))) == 0
