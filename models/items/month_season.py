"""How a shop's sales rise and fall with the day of the month: wages and benefits come on fixed days.

On Complete Journey a week around the first of the month sells 9 % more than usual, one around the 20th 5 % less. A
model that has learnt from nine weeks cannot know that; the shop's whole history of daily lines can.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

# Two waves a month are enough for one peak of a week; fewer days than four months of them show no month.
WAVES = 2
ENOUGH_DAYS = 120


@dataclass(frozen=True)
class MonthSeason:
    """The logarithm of a day's sales against usual, as waves over the month.

    Attributes:
        weights: cosine and sine of each wave, slowest first; empty where no season is known.
    """

    weights: tuple[float, ...] = ()

    def window_level(self, starts: date, days: int) -> float:
        """Logarithm of the mean level of so many days from `starts` on; 0 is usual."""
        if not self.weights:
            return 0.0
        window = [starts + timedelta(days=ahead) for ahead in range(days)]
        return float(np.log(np.mean(np.exp(_waves(window, len(self.weights) // 2) @ np.array(self.weights)))))

    def levels(self, cuts: pd.Series, window_days: np.ndarray) -> np.ndarray:
        """`window_level` of every row, shape (n,).

        Args:
            cuts: the local day on which each row's window starts.
            window_days: its length, shape (n,).
        """
        if not self.weights:
            return np.zeros(len(cuts))
        code, day = pd.factorize(cuts)
        length, different = np.unique(window_days, return_inverse=True)
        table = np.array([[self.window_level(starts, int(days)) for days in length] for starts in day])
        return np.asarray(table[code, different]) if len(code) else np.zeros(0)


def fit_season(lines: Mapping[date, int], before: date) -> MonthSeason:
    """Least squares of log lines on the month's waves, beside weekday and a quadratic trend.

    The waves are shrunken towards nothing by how far chance alone would take them (James and Stein, 1961, positive
    part), so that a small shop keeps only a season that it surely has.

    Args:
        lines: purchase lines of each local day.
        before: days from this one on are not looked at.
    """
    known = {day: count for day, count in lines.items() if day < before and count > 0}
    days = sorted(known)
    if len(days) < ENOUGH_DAYS:
        return MonthSeason()
    ahead = np.array([(day - days[0]).days for day in days]) / 30.0
    weekday = np.eye(7)[[day.weekday() for day in days]]
    inputs = np.column_stack([_waves(days, WAVES), weekday, ahead, ahead**2])
    logs = np.log([known[day] for day in days])
    found, *_ = np.linalg.lstsq(inputs, logs, rcond=None)
    weights = found[: 2 * WAVES]
    left = logs - inputs @ found
    # a wave's weight has the variance 2 s^2 / n; days that follow each other are taken as independent
    by_chance = 2.0 * WAVES * 2.0 * left.var(ddof=inputs.shape[1]) / len(days)
    kept = max(0.0, 1.0 - by_chance / max(float(weights @ weights), 1e-12))
    return MonthSeason(tuple((kept * weights).tolist())) if kept else MonthSeason()


def _waves(days: Sequence[date], waves: int) -> np.ndarray:
    """Cosine and sine of each wave at each day's middle, shape (days, 2 waves)."""
    lengths = pd.DatetimeIndex(list(days)).days_in_month.to_numpy()
    turn = 2.0 * np.pi * (np.array([day.day for day in days]) - 0.5) / lengths
    return np.column_stack([wave(times * turn) for times in range(1, waves + 1) for wave in (np.cos, np.sin)])
