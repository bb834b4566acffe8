"""P(visit today) from a customer's own rate and the days since their last visit: what a lot's effect is measured against.

A logistic regression in discrete time (Allison 1982, "Discrete-time methods for the analysis of event histories",
Sociological Methodology) of the log rate and of the days passed in usual gaps, by steps. Conditioning on the last visit
halves the noise of counting visits where gaps are regular, and visits brought forward count against the days after.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from models.response.elasticities import Doubles, Ints

RATE_DAYS = 182  # a rate is counted over so many days
LEARNT_DAYS = 84  # the last days before the moment, each of which is an example
LONGEST_DAYS = 56  # since the last visit: who stayed away longer is not told of
_STEPS = (0.15, 0.3, 0.5, 0.7, 0.9, 1.1, 1.4, 1.8, 2.4, 3.2, 4.5, 7.0)  # usual gaps passed
_LEAST_RATE = 0.01  # visits a day
_LONGEST_GAP = 730  # days: of longer ones hardly any are left
_WEAK_PENALTY = 100.0


@dataclass(frozen=True)
class VisitHazard:
    """Coefficients of the log odds of a visit on a day."""

    intercept: float
    weights: tuple[float, ...]

    @classmethod
    def fit(cls, came: npt.NDArray[np.bool_]) -> "VisitHazard":
        """Learn from whole days.

        Args:
            came: (n, days) whether each customer came; the last LEARNT_DAYS are learnt from, those before tell rates.

        Raises:
            ValueError: there are too few days, or nobody came or all did.
        """
        days = came.shape[1]
        start = days - LEARNT_DAYS
        if start < RATE_DAYS // 2:
            raise ValueError(f"expected at least {LEARNT_DAYS + RATE_DAYS // 2} days, got {days}")
        seen = came[:, max(0, start - RATE_DAYS) : start]
        rate = seen.mean(axis=1)
        last = start - 1 - np.argmax(seen[:, ::-1], axis=1)
        features, answers = [], []
        for day in range(start, days):
            since = day - last
            told = (rate > 0) & (since <= LONGEST_DAYS)
            features.append(_features(rate[told], since[told]))
            answers.append(came[told, day])
            last = np.where(came[:, day], day, last)
        answer = np.concatenate(answers)
        if answer.all() or not answer.any():
            raise ValueError("expected days with and without visits")
        fitted = LogisticRegression(C=_WEAK_PENALTY, max_iter=1_000).fit(np.concatenate(features), answer)
        return cls(float(fitted.intercept_[0]), tuple(fitted.coef_[0].tolist()))

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content."""
        return {"intercept": self.intercept, "weights": list(self.weights)}

    @classmethod
    def read(cls, told: Any) -> "VisitHazard":
        """The inverse of `as_dict`; raises LookupError, TypeError or ValueError where it is none."""
        return cls(float(told["intercept"]), tuple(float(weight) for weight in told["weights"]))

    def chance(self, rate: Doubles, days_since: Ints) -> Doubles:
        """P(visit on the day), shape (n,), of customers who come on a share `rate` of days and last did so many days ago."""
        odds = self.intercept + _features(rate, days_since) @ np.array(self.weights)
        return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)

    def lasting(self, rate: float) -> float:
        """How many visits more one visit brought is in the long run, for a customer of such a rate.

        Who came earlier is expected later where gaps are regular: the elasticity of the rate of renewals to the hazard,
        - d ln E[gap] / d ln hazard. 1 for who comes at random.
        """
        days = np.arange(1, _LONGEST_GAP + 1)
        stays = -np.log1p(-self.chance(np.full(len(days), rate), days))
        left = np.exp(-np.cumsum(stays))
        gap = 1 + left.sum()
        return float(np.clip((np.cumsum(stays) * left).sum() / gap, 0.0, 1.0))


def _features(rate: Doubles, days_since: Ints) -> Doubles:
    known = np.log(np.maximum(rate, _LEAST_RATE))
    passed = np.digitize(np.minimum(days_since, LONGEST_DAYS) * np.exp(known), _STEPS)
    step = np.eye(len(_STEPS) + 1)[passed]
    return np.column_stack([known, step, known * (days_since <= 2), days_since == 1])  # noqa: PLR2004 - days
