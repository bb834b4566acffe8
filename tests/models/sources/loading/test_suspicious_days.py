"""A day is worth a look where it is far from its weekday and where chance does not bring it there."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import nbinom

from models.sources.loading.suspicious_days import DayTotals, count_chance, suspicious_days

FIRST = date(2023, 1, 2)


def test_a_small_shop_of_four_lines_a_day_has_no_suspicious_day() -> None:
    rng = np.random.default_rng(3)
    days = {}
    for ahead in range(540):
        customers = int(rng.poisson(2.5))
        if customers:
            lines = customers + int(rng.poisson(1.6 * customers))
            days[FIRST + timedelta(days=ahead)] = DayTotals(
                lines, customers, float(rng.gamma(lines, 300) / lines)
            )
    assert suspicious_days(days) == []


@pytest.mark.parametrize(("lines", "customers"), [(300, 100), (3600, 1200)])
def test_a_third_of_a_day_and_the_fourfold_are_named_in_a_shop_of_a_thousand_lines(
    lines: int, customers: int
) -> None:
    rng = np.random.default_rng(4)
    days = {
        FIRST + timedelta(days=n): DayTotals(int(rng.poisson(1000)), int(rng.poisson(330)), 300.0)
        for n in range(90)
    }
    odd = FIRST + timedelta(days=40)
    jumps = suspicious_days(days | {odd: DayTotals(lines, customers, 300.0)})
    assert [(jump.day, jump.what) for jump in jumps] == [
        (odd.isoformat(), "customers"),
        (odd.isoformat(), "lines"),
    ]


def test_the_odd_day_itself_does_not_widen_what_chance_may_do() -> None:
    days = {FIRST + timedelta(days=n): DayTotals(40, 40, 119.0) for n in range(60)}
    odd = {FIRST + timedelta(days=n): DayTotals(9, 9, 119.0) for n in (15, 30, 44)}
    assert len(suspicious_days(days | odd)) == 6


@pytest.mark.parametrize(
    ("count", "mean", "spread"), [(1, 4.0, 1.125), (10, 40.0, 3.0), (0, 12.0, 2.0), (70, 20.0, 1.5)]
)
def test_the_chance_of_a_count_is_that_of_the_negative_binomial(
    count: int, mean: float, spread: float
) -> None:
    law = nbinom(mean / (spread - 1), 1 / spread)
    expected = min(1.0, 2 * min(law.cdf(count), law.sf(count - 1)))
    assert count_chance(count, mean, spread) == pytest.approx(expected, rel=1e-6)
