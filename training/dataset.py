"""Examples: the features of one bucket at one cut, beside what happened after it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from models.features.catalogue import Catalogue
from models.features.history import open_bought, read_sql
from models.features.items import merge_parts
from models.features.matrix import FeatureMatrix
from models.moment import Moment
from models.scoring import ShopAt, bucket_customers, bucket_features, bucket_item_part
from models.sources import Data
from training.labels import bought_after, bought_labels, silent_labels
from training.params import FitProfile

# Buckets are random samples of the customers; more pairs than this change no figure of the item rhythm.
ENOUGH_REPEATS = 200_000
WindowDraw = Callable[[FeatureMatrix], np.ndarray]


@dataclass(frozen=True)
class Examples:
    """Rows to learn from or to judge by.

    Attributes:
        features: n rows; keys say whose, and `cut` and `bucket` where they come from.
        happened: shape (n,), True where the item was bought within the window, or the customer was silent.
        weight: shape (n,), how many rows each stands for.
    """

    features: FeatureMatrix
    happened: np.ndarray
    weight: np.ndarray

    def take(self, rows: np.ndarray) -> "Examples":
        """The given rows."""
        return Examples(self.features.take(rows), self.happened[rows], self.weight[rows])


def shops_at(data: Data, catalogue: Catalogue, moments: Sequence[Moment], jobs: int) -> list[ShopAt]:
    """The item table just before each moment, everything offerable; `jobs` buckets at a time."""
    work = [(moment, bucket) for moment in moments for bucket in range(data.buckets)]
    parts = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(bucket_item_part)(data.purchases(bucket), catalogue, moment) for moment, bucket in work
    )
    everything = np.ones(len(catalogue), dtype=bool)
    return [
        ShopAt(
            moment, catalogue, merge_parts(catalogue, (next(parts) for _ in range(data.buckets))), everything
        )
        for moment in moments
    ]


def repeats(data: Data, catalogue: Catalogue, moment: Moment) -> pd.DataFrame:
    """What the item rhythm is learnt from (`repeats.sql`): whole buckets until ENOUGH_REPEATS pairs are read."""
    parts: list[pd.DataFrame] = []
    for bucket in range(data.buckets):
        with open_bought(data.purchases(bucket), catalogue, moment) as bought:
            parts.append(bought.execute(read_sql("repeats.sql", "models.rhythm")).df())
        if sum(len(part) for part in parts) >= ENOUGH_REPEATS:
            break
    return pd.concat(parts, ignore_index=True)


def affinity_examples(data: Data, shops: Sequence[ShopAt], profile: FitProfile, jobs: int) -> Examples:
    """Candidate pairs at every shop's moment, with a share of the unbought ones left out."""
    return _collect(
        Parallel(n_jobs=jobs, return_as="generator")(
            delayed(_bucket_affinity)(data, shop, bucket, profile)
            for shop in shops
            for bucket in range(data.buckets)
        )
    )


def churn_examples(
    data: Data, catalogue: Catalogue, cuts: Sequence[Moment], profile: FitProfile, jobs: int
) -> Examples:
    """Eligible customers at every cut, silent or not within the horizon."""
    return _collect(
        Parallel(n_jobs=jobs, return_as="generator")(
            delayed(_bucket_churn)(data, catalogue, cut, bucket, profile)
            for cut in cuts
            for bucket in range(data.buckets)
        )
    )


def _bucket_affinity(data: Data, shop: ShopAt, bucket: int, profile: FitProfile) -> Examples:
    rng = np.random.default_rng([profile.seed, shop.moment.day.toordinal(), bucket])
    shortest, longest = profile.window_days
    features = bucket_features(
        data.purchases(bucket),
        shop,
        profile.limits,
        profile.seen_days,
        lambda seen: rng.integers(shortest, longest, endpoint=True, size=len(seen)),
    )
    bought = bought_after(data.purchases(bucket), shop.catalogue, shop.moment, longest)
    happened = bought_labels(features.pairs.keys, features.pairs.column("window_days"), bought)
    kept = happened | (rng.random(len(happened)) < profile.negative_share)
    weight = np.where(happened, 1.0, 1.0 / profile.negative_share)
    return Examples(_placed(features.pairs, shop.moment, bucket), happened, weight).take(kept)


def _bucket_churn(
    data: Data, catalogue: Catalogue, cut: Moment, bucket: int, profile: FitProfile
) -> Examples:
    customers = bucket_customers(data.purchases(bucket), catalogue, cut)
    eligible = customers.take(profile.churn_eligibility.mask(customers))
    bought = bought_after(data.purchases(bucket), catalogue, cut, profile.churn_horizon_days)
    silent = silent_labels(eligible.keys["customer_no"].to_numpy(), bought)
    return Examples(_placed(eligible, cut, bucket), silent, np.ones(len(silent)))


def _placed(matrix: FeatureMatrix, cut: Moment, bucket: int) -> FeatureMatrix:
    return FeatureMatrix(matrix.keys.assign(cut=cut.day, bucket=bucket), matrix.values, matrix.names)


def _collect(parts: Iterable[Examples]) -> Examples:
    taken = list(parts)
    features = FeatureMatrix(
        pd.concat([part.features.keys for part in taken], ignore_index=True),
        np.concatenate([part.features.values for part in taken]),
        taken[0].features.names,
    )
    return Examples(
        features,
        np.concatenate([part.happened for part in taken]),
        np.concatenate([part.weight for part in taken]),
    )
