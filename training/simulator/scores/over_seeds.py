"""A policy's scores over several seeds of a world: the mean, and how far another ten seeds might lie from it.

A seed draws a shop, its households and their dice. Drawing the households of one seed again tells nothing of other shops
and is too narrow an interval, so the seeds themselves are what is counted: Student's t (1908, "The probable error of a
mean", Biometrika 6) over their values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from training.evaluation.bootstrap import Interval
from training.simulator.scores.forecasts import Coverage
from training.simulator.scores.policy_scores import LEVEL, Scores


@dataclass(frozen=True)
class SeedScores:
    """A policy in one world with one seed; money in minor units, means over all customers.

    Attributes:
        gain: margin a customer more than without offers.
        discount: personal discount taken at tills.
        anyway: share of it on units that are bought without the offer too; None without discount.
        offers: personal offers a customer.
        used: share of them that were redeemed; None without offers.
        visits: shopping days more than without offers.
        retained: share of customers kept more than without offers.
        budget_error: discount taken over discount planned, less 1; None where nothing was planned.
        settled: given and planned by the offers made after four weeks.
        forecasts: the weeks whose gain the policy forecast, and how many of them it covered.
    """

    gain: float
    discount: float
    anyway: float | None
    offers: float
    used: float | None
    visits: float
    retained: float
    budget_error: float | None
    settled: tuple[float, float]
    forecasts: tuple[int, int]

    @classmethod
    def of(cls, scores: Scores, settled: tuple[float, float], forecasts: Coverage) -> "SeedScores":
        """The figures of one run."""
        return cls(
            gain=scores.gain.value,
            discount=scores.discount.value,
            anyway=_known(scores.anyway.value),
            offers=scores.offers,
            used=_known(scores.used),
            visits=scores.visits.value,
            retained=scores.retained.value,
            budget_error=scores.budget_error,
            settled=settled,
            forecasts=(forecasts.told, forecasts.covered),
        )


@dataclass(frozen=True)
class OverSeeds:
    """A policy in one world over several seeds: intervals are Student's over seeds, shares those of all seeds together.

    Attributes:
        settled_share: given over planned by the offers made after four weeks; None where nothing was planned.
        coverage: share of the weeks with a forecast whose gain lay within it; None where none was told.
    """

    seeds: int
    gain: Interval
    discount: float
    anyway: float | None
    used: float | None
    visits: Interval
    retained: Interval
    budget_error: float | None
    settled_share: float | None
    coverage: float | None


def over_seeds(found: Sequence[SeedScores]) -> OverSeeds:
    """Put the seeds of one policy in one world together; there is at least one."""
    return OverSeeds(
        seeds=len(found),
        gain=t_interval([one.gain for one in found]),
        discount=float(np.mean([one.discount for one in found])),
        anyway=_together([(one.anyway, one.discount) for one in found]),
        used=_together([(one.used, one.offers) for one in found]),
        visits=t_interval([one.visits for one in found]),
        retained=t_interval([one.retained for one in found]),
        budget_error=_together([(one.budget_error, _planned(one)) for one in found]),
        settled_share=_share([one.settled for one in found]),
        coverage=_share([(covered, told) for told, covered in (one.forecasts for one in found)]),
    )


def t_interval(values: Sequence[float]) -> Interval:
    """Mean of independent values with its 95 % interval by Student's t; a single value has no interval, NaN."""
    mean, count = float(np.mean(values)), len(values)
    if count == 1:
        return Interval(mean, float("nan"), float("nan"), LEVEL)
    reach = float(stats.t.ppf((1 + LEVEL) / 2, count - 1) * np.std(values, ddof=1) / np.sqrt(count))
    return Interval(mean, mean - reach, mean + reach, LEVEL)


def regret(best: Mapping[int, SeedScores], policy: Mapping[int, SeedScores]) -> Interval:
    """Gain of the best less that of a policy on the same seeds, a customer, by seed; they share at least one."""
    shared = sorted(best.keys() & policy.keys())
    return t_interval([best[seed].gain - policy[seed].gain for seed in shared])


def as_plain(found: OverSeeds) -> dict[str, Any]:
    """Plain JSON content."""
    return {
        name: plain_interval(value) if isinstance(value, Interval) else value
        for name, value in vars(found).items()
    }


def plain_interval(found: Interval) -> dict[str, float | None]:
    """Plain JSON content; a missing end is null."""
    return {"value": found.value, "low": _known(found.low), "high": _known(found.high)}


def _planned(one: SeedScores) -> float:
    return (
        0.0 if one.budget_error is None or one.budget_error == -1 else one.discount / (1 + one.budget_error)
    )


def _together(shares: Sequence[tuple[float | None, float]]) -> float | None:
    """Shares weighted by what they are shares of; None where there is nothing."""
    known = [(share, whole) for share, whole in shares if share is not None]
    total = sum(whole for _, whole in known)
    return sum(share * whole for share, whole in known) / total if total > 0 else None


def _share(parts: Sequence[tuple[float, float]]) -> float | None:
    """The first parts of all over the second ones."""
    whole = sum(second for _, second in parts)
    return sum(first for first, _ in parts) / whole if whole else None


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
