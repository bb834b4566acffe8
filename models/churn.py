"""P(silent for H days): LightGBM on customer features, calibrated; own-cycle survival where data is scarce.

The raw overdue ratio and 1 - P(alive) explain well and rank badly (AUC .58 and .32 on our benchmarks), so
neither is a score here.
"""

from dataclasses import dataclass
from typing import Protocol

import lightgbm as lgb
import numpy as np
from scipy.special import log_ndtr

from models.calibration import BetaCalibration
from models.features.matrix import FeatureMatrix
from models.rhythm import PRIOR_GAPS, Rhythm


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
        gaps = np.maximum(customers.column("visits").astype(np.float64) - 1.0, 0.0)
        shop_mean, shop_sd = np.log(self.rhythm.gap_median_days), self.rhythm.gap_log_sd
        own_mean = np.nan_to_num(customers.column("gap_log_mean").astype(np.float64), nan=shop_mean)
        own_sd = np.nan_to_num(customers.column("gap_log_sd").astype(np.float64), nan=shop_sd)
        mean = (gaps * own_mean + PRIOR_GAPS * shop_mean) / (gaps + PRIOR_GAPS)
        sd = np.sqrt((gaps * own_sd**2 + PRIOR_GAPS * shop_sd**2) / (gaps + PRIOR_GAPS)).clip(0.1)
        silent = np.maximum(customers.column("days_since_visit").astype(np.float64), 0.5)
        log_survival_now = log_ndtr(-(np.log(silent) - mean) / sd)
        log_survival_then = log_ndtr(-(np.log(silent + self.horizon_days) - mean) / sd)
        return np.asarray(np.exp(log_survival_then - log_survival_now))
