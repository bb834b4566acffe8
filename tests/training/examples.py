"""Synthetic examples with a known rule, and a profile that learns them in a moment."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from models.features.feature_matrix import FeatureMatrix
from models.features.recipe import CUSTOMER_FEATURES, PAIR_FEATURES
from tests.models.literal import customer_rows, pair_rows
from training.fitting.examples import Examples
from training.fitting.fit_profile import FitProfile

LATEST = date(2024, 3, 25)
SMALL = FitProfile(
    affinity_cuts=3,
    churn_cuts=4,
    churn_longer_days=(),
    min_positives=40,
    min_silent=10,
    affinity_lightgbm={
        "learning_rate": 0.2,
        "num_leaves": 7,
        "min_data_in_leaf": 20,
        "max_rounds": 15,
        "patience": 5,
    },
    churn_lightgbm={
        "learning_rate": 0.2,
        "num_leaves": 5,
        "min_data_in_leaf": 10,
        "rounds": 15,
    },
)


def pairs_at(
    weeks_ago: Sequence[int],
    *,
    rows: int = 400,
    turned: Sequence[int] = (),
    seed: int = 3,
    by: str = "buys",
) -> Examples:
    """Pairs bought the likelier the higher a feature is; the other way round in the `turned` weeks."""
    return _examples(PAIR_FEATURES, by, weeks_ago, rows, turned, seed)


def customers_at(
    weeks_ago: Sequence[int], *, rows: int = 400, turned: Sequence[int] = (), seed: int = 4
) -> Examples:
    """Customers who fall silent the likelier the longer they were."""
    return _examples(CUSTOMER_FEATURES, "days_since_visit", weeks_ago, rows, turned, seed)


def _examples(
    names: tuple[str, ...],
    telling: str,
    weeks_ago: Sequence[int],
    rows: int,
    turned: Sequence[int],
    seed: int,
) -> Examples:
    rng = np.random.default_rng(seed)
    weeks = np.repeat(np.array(weeks_ago, dtype=int), rows)
    columns = {name: rng.uniform(1, 10, len(weeks)) for name in names}
    chance = 1 / (1 + np.exp(6.0 - columns[telling]))
    chance = np.where(np.isin(weeks, turned), 1 - chance, chance)
    make = pair_rows if names is PAIR_FEATURES else customer_rows
    matrix = make(len(weeks), **columns)
    cuts = [LATEST - timedelta(weeks=int(week)) for week in weeks]
    placed = FeatureMatrix(matrix.keys.assign(cut=cuts, bucket=0), matrix.values, names)
    return Examples(placed, rng.random(len(weeks)) < chance, np.ones(len(weeks)))
