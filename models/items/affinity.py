"""P(customer buys the item within the window): LightGBM on pair features, calibrated."""

from dataclasses import dataclass, field
from typing import Protocol

import lightgbm as lgb
import numpy as np

from models.features.feature_matrix import FeatureMatrix
from models.items.month_season import MonthSeason
from models.items.probability_calibration import BetaCalibration, log_window, shifted
from models.neighbours import NamedNeighbours

# A customer's own habit counts from the second purchase on; the item's usual amount fills in for the rest.
PRIOR_BUYS = 2.0


class PairScorer(Protocol):
    """What an affinity model and every baseline can do."""

    def predict(self, pairs: FeatureMatrix) -> np.ndarray:
        """P(customer buys the item within the window), shape (n,), float64."""


@dataclass(frozen=True)
class AffinityModel:
    """A LightGBM classifier with its calibration; the window's length is one of its features.

    Attributes:
        booster: the trees.
        calibration: from their score to a probability.
        neighbours: the reference customers that candidates and features come from; None where nobody else is asked.
        season: what the day of the month does to the shop's sales; moves the score before it is calibrated.
        window_slope: how the log odds rise with ln(window / REFERENCE_DAYS) beyond what the trees have learnt; likewise.
    """

    booster: lgb.Booster
    calibration: BetaCalibration
    neighbours: NamedNeighbours | None = None
    season: MonthSeason = field(default_factory=MonthSeason)
    window_slope: float = 0.0

    def predict(self, pairs: FeatureMatrix) -> np.ndarray:
        """P(customer buys the item within the window), shape (n,).

        Args:
            pairs: the recipe's pair features, in the recipe's order; their keys say on which day the window starts
                (`cut`).
        """
        if len(pairs) == 0:
            return np.zeros(0)
        raw = np.asarray(self.booster.predict(pairs.values, num_threads=1))
        if self.season.weights or self.window_slope:
            level = self.season.levels(pairs.keys["cut"], pairs.column("window_days"))
            raw = shifted(raw, level + self.window_slope * log_window(pairs.column("window_days")))
        return self.calibration(raw)


def expected_uses(p_buy: np.ndarray, p_repeat: np.ndarray) -> np.ndarray:
    """What a new item is worth in purchases: the trial, and the next one if they like it; same shape as both.

    Args:
        p_buy: P(they try the item within the window).
        p_repeat: P(they buy it again | tried), 0 where nobody knows.
    """
    return np.asarray(p_buy * (1.0 + np.nan_to_num(p_repeat, nan=0.0)))


def expected_units(pairs: FeatureMatrix, item_units: np.ndarray) -> np.ndarray:
    """Units bought if the item is bought: the customer's own mean, shrunk towards the item's.

    Args:
        pairs: pair features with `buys` and `units_a_buy`.
        item_units: the item's mean units a buy for each pair, shape (n,), NaN where nobody bought it.
    """
    usual = np.nan_to_num(item_units.astype(np.float64), nan=1.0)
    buys = pairs.column("buys").astype(np.float64)
    own = np.where(np.isnan(pairs.column("units_a_buy")), usual, pairs.column("units_a_buy"))
    return np.asarray((buys * own + PRIOR_BUYS * usual) / (buys + PRIOR_BUYS))
