"""P(silent for H days): LightGBM on customer features, calibrated; own-cycle survival where data is scarce.

The raw overdue ratio and 1 - P(alive) explain well and rank badly (AUC .58 and .32 on our benchmarks), so
neither is a score here.
"""

from dataclasses import dataclass
from typing import Protocol

import lightgbm as lgb
import numpy as np

from models.calibration import BetaCalibration
from models.features.matrix import FeatureMatrix
from models.rhythm import Rhythm


@dataclass(frozen=True)
class ChurnEligibility:
    """Whom a churn probability is for: enough visits to have a cycle, and not gone for long already."""

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
        """P(no visit in the horizon), shape (n,), float64."""


@dataclass(frozen=True)
class ChurnModel:
    """A LightGBM classifier with its calibration, for one horizon."""

    booster: lgb.Booster
    calibration: BetaCalibration

    def predict(self, customers: FeatureMatrix) -> np.ndarray:
        """P(no visit in the horizon), shape (n,).

        Args:
            customers: the recipe's customer features, in the recipe's order.
        """
        if len(customers) == 0:
            return np.zeros(0)
        return self.calibration(np.asarray(self.booster.predict(customers.values, num_threads=1)))


@dataclass(frozen=True)
class OwnCycleSurvival:
    """S(g + H) / S(g) of a log-normal gap, g days after the last visit, shrunk towards the shop's cycle.

    Needs no labels: the fallback of a shop whose history is too short to learn from. AUC .841 on Complete
    Journey's 28-day silence.
    """

    rhythm: Rhythm
    horizon_days: int

    def predict(self, customers: FeatureMatrix) -> np.ndarray:
        """P(no visit in the horizon), shape (n,)."""
        return self.rhythm.survival(customers, self.horizon_days)
