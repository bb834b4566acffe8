"""Who is leaving: P(silent for H days) for several horizons, and P(spend falls below half of the own rate).

Each chance is the mean, on the logit scale, of boosted trees and of a logistic curve on the same inputs: the curve
is smooth where data is thin, the trees know what goes together. Beside the customer features they read what their own
cycle says (`models.customers.rhythm`). The raw overdue ratio and 1 - P(alive) explain well and rank badly (AUC .58 and .32 on
our benchmarks), so neither is a score here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import lightgbm as lgb
import numpy as np

from models.customers.rhythm import Rhythm
from models.features.feature_matrix import FeatureMatrix

# Counts over the whole history grow with the calendar: a model that reads them has never seen tomorrow's values.
GROWING = ("visits", "visits_182d", "tenure_days", "gap_max_days", "items")
OWN_CYCLE = ("own_cycle_28d", "own_cycle_56d", "usual_gaps_silent")


@dataclass(frozen=True)
class ChurnEligibility:
    """Whom a fitted churn probability is for: enough visits to have a cycle, and not gone for long already.

    Everybody else has the survival of their own cycle (`OwnCycleSurvival`).
    """

    min_visits: int = 2
    max_days_since_visit: int = 84

    def mask(self, customers: FeatureMatrix) -> np.ndarray:
        """True for eligible customers, shape (n,)."""
        return np.asarray(
            (customers.column("visits") >= self.min_visits)
            & (customers.column("days_since_visit") <= self.max_days_since_visit)
        )


class ChurnScorer(Protocol):
    """What every churn model can do."""

    def predict(self, customers: FeatureMatrix) -> np.ndarray:
        """The chance of what the model is about, shape (n,), float64."""


def churn_inputs(customers: FeatureMatrix, rhythm: Rhythm) -> FeatureMatrix:
    """What a churn model reads: the customer features that do not grow with the calendar, and the own cycle's say.

    `own_cycle_<H>d` is ln P(no visit for H days | the silence so far), `usual_gaps_silent` the silence in usual gaps.
    """
    kept = [place for place, name in enumerate(customers.names) if name not in GROWING]
    own = [np.log(rhythm.survival(customers, days).clip(1e-9)) for days in (28, 56)]
    values = np.column_stack([customers.values[:, kept], *own, rhythm.overdue(customers)]).astype(np.float32)
    return FeatureMatrix(customers.keys, values, tuple(customers.names[place] for place in kept) + OWN_CYCLE)


@dataclass(frozen=True)
class LogisticCurve:
    """A logistic regression on standardised inputs; a customer of whom an input is unknown counts as average in it.

    Attributes:
        mean, scale, slope: of each input after `bent`; shape (inputs,).
        base: the log-odds of an average customer.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    slope: tuple[float, ...]
    base: float

    def parts(self, inputs: FeatureMatrix) -> np.ndarray:
        """What each input adds to the log-odds, shape (n, inputs)."""
        standard = (bent(inputs.values) - np.array(self.mean)) / np.array(self.scale)
        return np.asarray(np.nan_to_num(standard) * np.array(self.slope))


def bent(values: np.ndarray) -> np.ndarray:
    """sign(x) ln(1 + |x|): long-tailed amounts and counts on one scale, shape as given."""
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)), dtype=np.float64)


@dataclass(frozen=True)
class ChurnModel:
    """Boosted trees and a logistic curve for one question; both read `churn_inputs`."""

    booster: lgb.Booster
    curve: LogisticCurve
    rhythm: Rhythm

    def predict(self, customers: FeatureMatrix) -> np.ndarray:
        """The chance, shape (n,).

        Args:
            customers: the recipe's customer features, in the recipe's order.
        """
        if len(customers) == 0:
            return np.zeros(0)
        inputs = churn_inputs(customers, self.rhythm)
        trees = np.asarray(self.booster.predict(inputs.values, raw_score=True, num_threads=1))
        curve = self.curve.parts(inputs).sum(axis=1) + self.curve.base
        return np.asarray(1.0 / (1.0 + np.exp(-(trees + curve) / 2.0)))

    def contributions(self, customers: FeatureMatrix) -> tuple[tuple[str, ...], np.ndarray]:
        """The inputs' names, and what each adds to the log-odds of the chance, shape (n, inputs).

        The trees' part is their Shapley values (Lundberg and others, "From local explanations to global
        understanding with explainable AI for trees", Nature Machine Intelligence 2, 2020).
        """
        inputs = churn_inputs(customers, self.rhythm)
        if len(customers) == 0:
            return inputs.names, np.zeros((0, len(inputs.names)))
        trees = np.asarray(self.booster.predict(inputs.values, pred_contrib=True, num_threads=1))[:, :-1]
        return inputs.names, (trees + self.curve.parts(inputs)) / 2.0


@dataclass(frozen=True)
class OwnCycleSurvival:
    """S(g + H) / S(g) of a customer's gap, g days after the last visit: what their own cycle says (`models.customers.rhythm`).

    Needs no labels: the fallback of a shop whose history is too short to learn from, and of customers whom no fitted
    probability is for. AUC .85 on Complete Journey's 28-day silence.
    """

    rhythm: Rhythm
    horizon_days: int

    def predict(self, customers: FeatureMatrix) -> np.ndarray:
        """P(no visit in the horizon), shape (n,)."""
        return self.rhythm.survival(customers, self.horizon_days)


@dataclass(frozen=True)
class EvenChance:
    """The same chance for everybody: what is left where neither a model nor the own cycle tells customers apart."""

    p: float

    def predict(self, customers: FeatureMatrix) -> np.ndarray:
        """The chance, shape (n,)."""
        return np.full(len(customers), self.p)


@dataclass(frozen=True)
class Churn:
    """All that one version knows of leaving.

    Attributes:
        silent: for each horizon in days, who predicts P(no visit in it); shortest first.
        partial: who predicts P(spend in the next `partial_days` days below half of the own rate), or None where
            that could not be learnt. The own rate is what they spent in the last 84 days, or since their first visit.
        partial_days: its horizon.
        rhythm: for customers who are not eligible.
        eligibility: whom the fitted models are for.
    """

    silent: Mapping[int, ChurnScorer]
    partial: ChurnScorer | None
    partial_days: int
    rhythm: Rhythm
    eligibility: ChurnEligibility

    @property
    def horizons(self) -> tuple[int, ...]:
        """The horizons in days, shortest first."""
        return tuple(sorted(self.silent))

    def p_silent(self, customers: FeatureMatrix, horizon_days: int) -> np.ndarray:
        """P(no visit for so many days), shape (n,); never more than for a shorter horizon.

        Raises:
            KeyError: no such horizon.
        """
        return self.p_silent_up_to(customers, horizon_days)[horizon_days]

    def p_silent_up_to(self, customers: FeatureMatrix, longest_days: int) -> dict[int, np.ndarray]:
        """`p_silent` of every horizon that is not longer, by its days."""
        eligible = self.eligibility.mask(customers)
        p: dict[int, np.ndarray] = {}
        least = np.ones(len(customers))
        for days in self.horizons:
            if days <= longest_days:
                chance = OwnCycleSurvival(self.rhythm, days).predict(customers)
                chance[eligible] = self.silent[days].predict(customers.take(eligible))
                least = p[days] = np.minimum(least, chance)
        return p

    def p_partial(self, customers: FeatureMatrix) -> np.ndarray:
        """P(spend below half of the own rate), shape (n,); NaN for whom it is not known."""
        p = np.full(len(customers), np.nan)
        if self.partial is not None:
            eligible = self.eligibility.mask(customers)
            p[eligible] = self.partial.predict(customers.take(eligible))
        return p
