"""Simple rules behind the same `predict`: the yardstick of every model, and the fallback of a small shop.

A rule gives a score that rises with the chance to buy; `BaselineScorer` turns it into a probability by a
logistic curve fitted on what happened (`training.fit.fit_baseline`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.features.matrix import FeatureMatrix

Rule = Callable[[FeatureMatrix], np.ndarray]


def frequency(pairs: FeatureMatrix) -> np.ndarray:
    """How many days the customer bought the item on, ties by recency, then by the item's buyers.

    The weights keep the three apart: recency stays below one buy, and popularity below one day of recency for
    purchases of the last eight years.
    """
    return np.asarray(pairs.column("buys") + 0.9 * recency(pairs) + 1e-7 * _popularity(pairs))


def recency(pairs: FeatureMatrix) -> np.ndarray:
    """1 / (days since the customer last bought the item), 0 if never."""
    days = pairs.column("days_since_buy").astype(np.float64)
    return np.asarray(np.nan_to_num(1.0 / np.maximum(days, 1.0), nan=0.0))


def _popularity(pairs: FeatureMatrix) -> np.ndarray:
    share = pairs.column("demand_share_28d").astype(np.float64)
    return np.asarray(share / (share + 0.001))


RULES: dict[str, Rule] = {"frequency": frequency, "recency": recency}


@dataclass(frozen=True)
class BaselineScorer:
    """A rule with the logistic curve that makes it a probability: logit(p) = slope x ln(1 + score) + base.

    Attributes:
        rule: a name in RULES.
        slope: positive, so that the rule's order is kept.
        base: the logit at score 0.
    """

    rule: str
    slope: float
    base: float

    def predict(self, pairs: FeatureMatrix) -> np.ndarray:
        """P(customer buys the item within the window), shape (n,)."""
        return np.asarray(1.0 / (1.0 + np.exp(-(self.slope * np.log1p(RULES[self.rule](pairs)) + self.base))))
