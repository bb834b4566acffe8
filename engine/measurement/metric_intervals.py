"""How sure a metric is: how many it rests on, and the range that holds the true figure in 95 of 100 such groups.

Shares of customers have Wilson's interval (1927), which says something of none and of all, too. Everything else is the
Poisson bootstrap: each customer counts 0, 1, 2, ... times in each draw, so that buckets can be added up one by one
(Chamandy, Muralidharan, Najmi and Naidu, "Estimating uncertainty for massive data streams", Google 2012).
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.measurement.metric_definitions import TOP_SHARE, Metric, Totals
from models.effects.sample_means import wilson

# A group below this size shows no ratio: one customer more or less would move it by more than five points.
ENOUGH = 20
DRAWS = 200
LEVEL = (0.025, 0.975)
# What is summed of a customer who may have bought, and of an answer.
OF_CUSTOMERS = tuple(field.name for field in fields(Totals)[:11])
OF_ANSWERS = tuple(field.name for field in fields(Totals)[11:16])

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Sums of a group as each of DRAWS resamples has them, shape (DRAWS, sums), in the order of `Totals`."""

    sums: Floats

    def __add__(self, other: "Draws") -> "Draws":
        """Two groups together."""
        return Draws(self.sums + other.sums)


def draws_of(customers: Floats, answers: Floats, rng: np.random.Generator) -> Draws:
    """Resample a bucket's group.

    Args:
        customers: (n, 11) what each customer adds to OF_CUSTOMERS.
        answers: (m, 5) what each answer adds to OF_ANSWERS.
        rng: the bucket's own.
    """
    parts = [rng.poisson(1.0, (DRAWS, len(rows))) @ rows for rows in (customers, answers)]
    return Draws(np.hstack(parts))


def interval(metric: Metric, totals: Totals, draws: Draws) -> tuple[float, float] | None:
    """Low and high of a metric that is defined, or None where the draws say too little."""
    value = metric.of(totals)
    if value is None:
        return None
    if metric.of_customers:
        return wilson(value, metric.counted(totals))
    if metric.name == "pareto_share":
        drawn = _pareto_draws(totals.spends_minor)
    else:
        found = [metric.of(_totals(row)) for row in draws.sums.tolist()]
        drawn = np.array([one for one in found if one is not None])
    if len(drawn) < DRAWS // 2:
        return None
    low, high = np.quantile(drawn, LEVEL)
    return float(low), float(high)


def _totals(row: list[float]) -> Totals:
    sums: dict[str, Any] = dict(zip((*OF_CUSTOMERS, *OF_ANSWERS), row, strict=True))
    return Totals(**sums, spends_minor=np.zeros(0))


def _pareto_draws(spends_minor: Floats) -> Floats:
    """The share of the best fifth in each draw, shape (DRAWS,); the best are those of the draw."""
    best_first = np.sort(spends_minor)[::-1]
    rng = np.random.default_rng(len(best_first))
    found = []
    for _ in range(DRAWS):
        times = rng.poisson(1.0, len(best_first))
        among = np.clip(np.ceil(TOP_SHARE * times.sum()) - (np.cumsum(times) - times), 0, times)
        whole = float(times @ best_first)
        if whole > 0:
            found.append(float(among @ best_first) / whole)
    return np.array(found)
