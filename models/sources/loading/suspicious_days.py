"""Days that are unlike the same weekday of the weeks around them: by much, and by more than chance does.

A factor alone cries wolf in a small shop, where one line follows upon four. Chance is told by a negative binomial for
counts, whose spread is measured on all days of the shop, and by the spread of a ratio of means for money; the level is
divided by the number of comparisons (Bonferroni), so that a whole file is wrongly remarked upon once in a hundred times.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log, sqrt
from statistics import fmean, median

from scipy.special import betainc, ndtri

# A day is compared with the same weekday of the four weeks before and after it, of which three must be there.
WEEKS = 4
ENOUGH_DAYS = 3
# Beyond this factor, up or down, a day is worth a look: holidays stay below it, half a day's file does not.
SUSPICIOUS_FACTOR = 3.0
# How likely a file without any odd day has one that is named.
LEVEL = 0.01
# Median of a squared standard normal: it tells a spread that the few odd days do not raise.
USUAL_SQUARE = 0.4549


@dataclass(frozen=True)
class Jump:
    """A day that is unlike its neighbours: lines, customers, or minor units paid a line."""

    day: str
    what: str
    value: float
    usual: float


@dataclass(frozen=True)
class DayTotals:
    """What one local day has."""

    lines: int
    customers: int
    paid_a_line_minor: float


def suspicious_days(days: Mapping[date, DayTotals]) -> list[Jump]:
    """Every day and what of it is suspicious, in the order of days."""
    lines = {day: float(of.lines) for day, of in days.items()}
    customers = {day: float(of.customers) for day, of in days.items()}
    paid = {day: of.paid_a_line_minor for day, of in days.items()}
    level = LEVEL / (3 * max(len(days), 1))
    jumps = [
        *_unlikely_counts("lines", lines, level),
        *_unlikely_counts("customers", customers, level),
        *_unlikely_means("paid a line", paid, customers, level),
    ]
    return sorted(jumps, key=lambda jump: (jump.day, jump.what))


def _unlikely_counts(what: str, counts: Mapping[date, float], level: float) -> list[Jump]:
    around = {day: _around(day, counts) for day in counts}
    spread = max(
        1.0,
        median(
            [
                (counts[day] - fmean(near)) ** 2 / (fmean(near) * (1 + 1 / len(near)))
                for day, near in around.items()
                if len(near) >= ENOUGH_DAYS
            ]
            or [0.0]
        )
        / USUAL_SQUARE,
    )
    return [
        jump
        for day, near in around.items()
        for jump in _far(what, day, counts[day], near)
        if count_chance(counts[day], jump.usual, spread * (1 + 1 / len(near))) < level
    ]


def _unlikely_means(
    what: str, means: Mapping[date, float], customers: Mapping[date, float], level: float
) -> list[Jump]:
    """Money is a mean over customers whose spread is taken to be as large as the mean."""
    jumps = []
    for day in means:
        for jump in _far(what, day, means[day], _around(day, means)):
            error = sqrt(1 / customers[day] + 1 / sum(_around(day, customers)))
            if abs(log(means[day] / jump.usual)) > -float(ndtri(level / 2)) * error:
                jumps.append(jump)
    return jumps


def count_chance(count: float, mean: float, spread: float) -> float:
    """P(a count as far from `mean`, on either side) of a negative binomial with variance `spread` x mean.

    Args:
        count: whole number from 0.
        mean: above 0.
        spread: above 1.
    """
    shape, success = mean / (spread - 1), 1 / spread
    at_most = float(betainc(shape, count + 1, success))
    at_least = 1.0 if count == 0 else float(betainc(count, shape, 1 - success))
    return min(1.0, 2 * min(at_most, at_least))


def _far(what: str, day: date, value: float, around: Sequence[float]) -> list[Jump]:
    usual = median(around) if len(around) >= ENOUGH_DAYS else 0.0
    low, high = sorted((value, usual))
    if low > 0 and high / low > SUSPICIOUS_FACTOR:
        return [Jump(day.isoformat(), what, round(value, 2), round(usual, 2))]
    return []


def _around(day: date, values: Mapping[date, float]) -> Sequence[float]:
    near = (date.fromordinal(day.toordinal() + 7 * week) for week in range(-WEEKS, WEEKS + 1) if week)
    return [values[other] for other in near if other in values]
