"""Simple rules behind the same `predict`: the yardstick of every model, and the fallback of a small shop.

A rule gives a score that rises with the chance to buy; `BaselineScorer` turns it into a probability by a
logistic curve fitted on what happened (`training.fitting.affinity_fit.fit_baseline`). TIFU-KNN and UP-CF@r read features that depend
on parameters (`models.neighbours`): NEIGHBOUR_BASELINES says with which a rule is meant to be asked.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.features.feature_matrix import FeatureMatrix
from models.items.probability_calibration import log_window
from models.neighbours import NeighbourRules, TifuKnn, UpCf

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


def popularity(pairs: FeatureMatrix) -> np.ndarray:
    """The item's share of the shop's demand in the last 28 days."""
    return np.asarray(np.nan_to_num(pairs.column("demand_share_28d").astype(np.float64)))


def tifu_knn(own_share: float) -> Rule:
    """TIFU-KNN's blend of the customer's own vector and their neighbours' mean (`models.neighbours.TifuKnn`)."""

    def rule(pairs: FeatureMatrix) -> np.ndarray:
        own, others = (pairs.column(name).astype(np.float64) for name in ("tifu_own", "tifu_neighbours"))
        return np.asarray(np.nan_to_num(own_share * own + (1.0 - own_share) * others))

    return rule


def up_cf(pairs: FeatureMatrix) -> np.ndarray:
    """UP-CF@r's score (`models.neighbours.UpCf`)."""
    return np.asarray(np.nan_to_num(pairs.column("upcf").astype(np.float64)))


def _popularity(pairs: FeatureMatrix) -> np.ndarray:
    share = popularity(pairs)
    return np.asarray(share / (share + 0.001))


def popular_in_families(pairs: FeatureMatrix) -> np.ndarray:
    """Popular items, of families they bought from in the last 84 days first: the rule that novelties have to beat."""
    return np.asarray((pairs.column("fine_buys_84d") > 0) + popularity(pairs))


# Published for TaFeng, which both papers report.
PUBLISHED = NeighbourRules(
    TifuKnn(group_size=7, within_decay=0.9, group_decay=0.7, neighbours=300, own_share=0.7),
    UpCf(recency=10, asymmetry=0.75, locality=5),
)
# Tuned for Complete Journey; a thousand reference customers cost half of what 2,500 do.
TUNED = NeighbourRules(
    TifuKnn(group_size=7, within_decay=1.0, group_decay=0.7, neighbours=100, own_share=0.5),
    UpCf(recency=10, asymmetry=0.75, locality=5),
    customers=1_000,
)
NEIGHBOUR_BASELINES = {
    "tifu_knn_published": PUBLISHED,
    "tifu_knn": TUNED,
    "up_cf_published": PUBLISHED,
    "up_cf": TUNED,
}
RULES: dict[str, Rule] = {
    "frequency": frequency,
    "recency": recency,
    "popularity": popularity,
    "popular_in_families": popular_in_families,
    "tifu_knn_published": tifu_knn(PUBLISHED.tifu.own_share),
    "tifu_knn": tifu_knn(TUNED.tifu.own_share),
    "up_cf_published": up_cf,
    "up_cf": up_cf,
}


@dataclass(frozen=True)
class BaselineScorer:
    """A rule with the logistic curve that makes it a probability.

    logit(p) = slope x ln(1 + score) + popular x log_share + window x ln(window / 7) + base.

    Attributes:
        rule: a name in RULES.
        slope: positive, so that the rule's order is kept.
        base: the logit at score 0.
        popular: how much likelier items are that the shop sells more of; 0 leaves that to the rule.
        window: how much likelier a longer window makes it; 1 for odds as long as the window.
    """

    rule: str
    slope: float
    base: float
    popular: float = 0.0
    window: float = 0.0

    def predict(self, pairs: FeatureMatrix) -> np.ndarray:
        """P(customer buys the item within the window), shape (n,)."""
        logit = self.slope * np.log1p(RULES[self.rule](pairs)) + self.base
        if self.popular:
            logit = logit + self.popular * log_share(pairs)
        if self.window:
            logit = logit + self.window * log_window(pairs.column("window_days"))
        return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def log_share(pairs: FeatureMatrix) -> np.ndarray:
    """The logarithm of an item's share of the shop's demand, shape (n,); a share below a thousandth hardly counts."""
    return np.asarray(np.log(popularity(pairs) + 0.001))
