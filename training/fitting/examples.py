"""Examples: the features of one bucket at one cut, beside what happened after it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from models.features.bucket_history import open_bought, read_sql
from models.features.catalogue import Catalogue
from models.features.feature_matrix import FeatureMatrix
from models.features.item_statistics import ItemPart, ItemStatistics
from models.features.own_features import OwnFeature, installed_features
from models.features.promoted_weeks import read_promoted_weeks
from models.ground.moment import Moment
from models.ground.progress import silent
from models.neighbours import Neighbours, Reference, merge_references
from models.running.cluster import map_buckets
from models.scoring import ShopAt, bucket_customers, bucket_features, bucket_item_part, bucket_reference
from models.sources import Data
from models.tables import CUSTOMER_NO, PRICE_MINOR
from training.fitting.fit_profile import FitProfile
from training.fitting.labels import back_after, bought_after, bought_labels

# Buckets are random samples of the customers; more pairs than this change no figure of the item rhythm.
ENOUGH_REPEATS = 200_000
# Partial defection is spending less than half of what the own rate would have brought.
PARTIAL_SHARE = 0.5


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


def shops_at(
    data: Data,
    catalogue: Catalogue,
    moments: Sequence[Moment],
    profile: FitProfile,
    jobs: int,
    more: tuple[OwnFeature, ...] = (),
) -> list[ShopAt]:
    """The shop just before each moment, everything offerable; `jobs` buckets at a time.

    Item table and reference customers are drawn from what lies before that moment alone. `more` are features after those
    that the profile names. Where the shop says what it promotes, that is known as it was, and features of it are read.
    """
    tasks = [
        (data, catalogue, moment, bucket, profile) for moment in moments for bucket in range(data.buckets)
    ]
    parts = map_buckets(_bucket_shop, tasks, jobs=jobs, what="reading the shop", progress=silent)
    own = (*installed_features(profile.own_features), *more)
    shops = [_shop(catalogue, moment, islice(parts, data.buckets), profile, own) for moment in moments]
    return shops if data.promotions is None else _promoting(data.promotions, shops, jobs)


def _promoting(promotions: Path, shops: Sequence[ShopAt], jobs: int) -> list[ShopAt]:
    """The same shops with what each knew of its promotions."""
    tasks = [
        (promotions, shop.catalogue, shop.moment, shop.item_table[PRICE_MINOR].to_numpy(dtype=np.float64))
        for shop in shops
    ]
    found = map_buckets(read_promoted_weeks, tasks, jobs=jobs, what="reading promotions", progress=silent)
    return [
        replace(shop, promoted=weeks, promotion_features=True)
        for shop, weeks in zip(shops, found, strict=True)
    ]


def _bucket_shop(
    data: Data, catalogue: Catalogue, moment: Moment, bucket: int, profile: FitProfile
) -> tuple[ItemPart, Reference | None]:
    purchases = data.purchases(bucket)
    item_part = bucket_item_part(purchases, catalogue, moment)
    if profile.neighbours is None:
        return item_part, None
    size = profile.neighbours.customers
    return item_part, bucket_reference(
        purchases, data.customers(bucket), catalogue, moment, profile.seen_days, size, profile.seed
    )


def _shop(
    catalogue: Catalogue,
    moment: Moment,
    parts: Iterable[tuple[ItemPart, Reference | None]],
    profile: FitProfile,
    own_features: tuple[OwnFeature, ...],
) -> ShopAt:
    statistics, references = ItemStatistics(catalogue), []
    for item_part, reference in parts:
        statistics.add(item_part)
        if reference is not None:
            references.append(reference)
    rules, neighbours = profile.neighbours, None
    if rules is not None:
        merged = merge_references(references, rules.customers, rules.items)
        neighbours = Neighbours(merged, rules).ready()
    everything = np.ones(len(catalogue), dtype=bool)
    return ShopAt(moment, catalogue, statistics.table(), everything, neighbours, own_features)


def repeats(data: Data, catalogue: Catalogue, moment: Moment) -> pd.DataFrame:
    """What the item rhythm is learnt from (`repeats.sql`): whole buckets until ENOUGH_REPEATS pairs are read."""
    parts: list[pd.DataFrame] = []
    for bucket in range(data.buckets):
        with open_bought(data.purchases(bucket), catalogue, moment) as bought:
            parts.append(bought.execute(read_sql("repeats.sql", "models.customers.rhythm")).df())
        if sum(len(part) for part in parts) >= ENOUGH_REPEATS:
            break
    return pd.concat(parts, ignore_index=True)


def affinity_examples(data: Data, shops: Sequence[ShopAt], profile: FitProfile, jobs: int) -> Examples:
    """Candidate pairs at every shop's moment, with a share of the unbought ones left out."""
    tasks = [
        (data, shop, bucket, profile)
        for shop in shops
        for bucket in example_buckets(data, shop.moment, profile)
    ]
    what = "gathering examples of what was bought"
    return _collect(map_buckets(_bucket_affinity, tasks, jobs=jobs, what=what, progress=silent))


def example_buckets(data: Data, cut: Moment, profile: FitProfile) -> list[int]:
    """The buckets that teach at a cut: all of a small shop, other ones at each cut of a large one."""
    wanted = -(-profile.example_customers * data.buckets // max(data.customers_total, 1))
    rng = np.random.default_rng([profile.seed, cut.day.toordinal()])
    return sorted(rng.permutation(data.buckets)[:wanted].tolist())


@dataclass(frozen=True)
class ReturnExamples:
    """Eligible customers at every cut, and how they came back.

    Attributes:
        features: n rows; keys say whose, and `cut` and `bucket` where they come from.
        days_after: shape (n,), days from the cut to the first visit, infinity where there was none.
        spend_share: shape (n,), spend in the `spend_days` days from the cut over what the own rate would have
            brought; infinity where that is nothing.
        spend_days: the horizon of `spend_share`.
    """

    features: FeatureMatrix
    days_after: np.ndarray
    spend_share: np.ndarray
    spend_days: int

    def silent(self, horizon_days: int, by: date) -> Examples:
        """Who made no visit within the horizon, at the cuts whose horizon ended by the local day `by`."""
        return self._ended(self.days_after >= horizon_days, horizon_days, by)

    def partial(self, by: date) -> Examples:
        """Who spent less than half of their own rate, silent ones included, at the cuts whose horizon ended."""
        return self._ended(self.spend_share < PARTIAL_SHARE, self.spend_days, by)

    def _ended(self, happened: np.ndarray, horizon_days: int, by: date) -> Examples:
        ended = (self.features.keys["cut"] <= by - timedelta(days=horizon_days)).to_numpy(dtype=bool)
        return Examples(self.features, happened, np.ones(len(happened))).take(ended)


def return_examples(
    data: Data,
    catalogue: Catalogue,
    cuts: Sequence[Moment],
    profile: FitProfile,
    jobs: int,
) -> ReturnExamples:
    """Eligible customers at every cut, followed for the longest horizon."""
    tasks = [(data, catalogue, cut, bucket, profile) for cut in cuts for bucket in range(data.buckets)]
    what = "gathering examples of who came back"
    parts = list(map_buckets(_bucket_returns, tasks, jobs=jobs, what=what, progress=silent))
    return ReturnExamples(
        _stacked([part.features for part in parts]),
        np.concatenate([part.days_after for part in parts]),
        np.concatenate([part.spend_share for part in parts]),
        profile.churn_horizon_days,
    )


def _bucket_affinity(data: Data, shop: ShopAt, bucket: int, profile: FitProfile) -> Examples:
    rng = np.random.default_rng([profile.seed, shop.moment.day.toordinal(), bucket])
    shortest, longest = profile.window_days
    features = bucket_features(
        data.purchases(bucket),
        data.customers(bucket),
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


def _bucket_returns(
    data: Data, catalogue: Catalogue, cut: Moment, bucket: int, profile: FitProfile
) -> ReturnExamples:
    customers = bucket_customers(data.purchases(bucket), catalogue, cut)
    eligible = customers.take(profile.churn_eligibility.mask(customers))
    days = profile.churn_horizon_days
    longest = max((days, *profile.churn_longer_days))
    back = back_after(data.purchases(bucket), catalogue, cut, longest, days).set_index(CUSTOMER_NO)
    back = back.reindex(eligible.keys[CUSTOMER_NO])
    usual = eligible.column("spend_minor_a_28d").astype(np.float64) * days / 28.0
    spend = back["spend_minor"].fillna(0.0).to_numpy(dtype=np.float64)
    share = np.divide(spend, usual, out=np.full(len(usual), np.inf), where=usual > 0)
    days_after = back["days_after"].fillna(np.inf).to_numpy(dtype=np.float64)
    return ReturnExamples(_placed(eligible, cut, bucket), days_after, share, days)


def _placed(matrix: FeatureMatrix, cut: Moment, bucket: int) -> FeatureMatrix:
    return FeatureMatrix(matrix.keys.assign(cut=cut.day, bucket=bucket), matrix.values, matrix.names)


def _collect(parts: Iterable[Examples]) -> Examples:
    taken = list(parts)
    matrices = [part.features for part in taken]
    happened = np.concatenate([part.happened for part in taken])
    weight = np.concatenate([part.weight for part in taken])
    del taken
    return Examples(_stacked(matrices), happened, weight)


def _stacked(parts: list[FeatureMatrix]) -> FeatureMatrix:
    """All parts' rows; the parts are taken out of the list as their rows are copied, so that none is held twice."""
    names = parts[0].names
    keys = pd.concat([part.keys for part in parts], ignore_index=True)
    values = np.empty((len(keys), len(names)), dtype=np.float32)
    end = len(values)
    while parts:
        rows = parts.pop().values
        values[end - len(rows) : end] = rows
        end -= len(rows)
    return FeatureMatrix(keys, values, names)
