"""From one bucket's raw history to scored candidates: the one path that nights, benchmarks and tests share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from models.customers.churn import Churn
from models.customers.churn_reasons import ChurnReason, reasons_of_likely
from models.customers.lifecycle import LifecycleRules, lifecycle
from models.customers.loyalty import Rung
from models.customers.rhythm import Rhythm
from models.features.bucket_history import open_bought, open_history
from models.features.catalogue import Catalogue
from models.features.dropped_families import read_dropped
from models.features.feature_matrix import FeatureMatrix, customer_matrix, pair_matrix
from models.features.habits import Margins, read_habits
from models.features.item_statistics import ItemPart, item_part
from models.features.own_features import OwnFeature, with_own_features
from models.features.promoted_weeks import PLANNED_OFF, PromotedWeeks, planned_off_minor
from models.features.promotion_features import with_promotions
from models.features.recipe import CUSTOMER_FEATURES, NEIGHBOUR_FEATURES
from models.features.visit_baskets import read_baskets, read_customers, reference_part
from models.ground.moment import Moment
from models.items.affinity import PairScorer, expected_units
from models.items.candidates import LAUNCH_DAYS, CandidateLimits, add_neighbours, find_candidates
from models.items.prospects import with_prospects
from models.neighbours import Neighbours, Reference
from models.tables import CUSTOMER_ID, CUSTOMER_NO, EXPECTED_UNITS, ITEM_NO, P_BUY, P_CHURN, P_REPEAT
from models.versions.artifact import Artifact

# From the expected days until the next visit, shape (n,), to the whole days of the window, shape (n,).
WindowRule = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class ShopAt:
    """The shop just before a moment: what every bucket needs to know beside its own customers.

    Attributes:
        moment: only purchases before it are read.
        catalogue: the items.
        item_table: what all buckets together tell about each item (`models.features.item_statistics`).
        offerable: shape (items,), False for items that nobody may be offered.
        neighbours: the reference sample, drawn before the moment; None where the model asks nobody else.
        own_features: features of other packages that the model reads, after the recipe's own.
        promoted: what is promoted for everybody around the moment; None where the shop does not say.
        promotion_features: whether the model reads PROMOTION_FEATURES, before those of other packages.
    """

    moment: Moment
    catalogue: Catalogue
    item_table: pd.DataFrame
    offerable: np.ndarray
    neighbours: Neighbours | None = None
    own_features: tuple[OwnFeature, ...] = ()
    promoted: PromotedWeeks | None = None
    promotion_features: bool = False


@dataclass(frozen=True)
class BucketFeatures:
    """Features of one bucket at one moment.

    Attributes:
        customers: everybody with a visit before the moment, in the order of customer_no.
        seen: positions in `customers` of those who visited within `seen_days` and were given candidates.
        pairs: candidate pairs, in the order of (customer_no, item_no); `cut` in their keys is the moment's local day,
            and where the shop says what it promotes `planned_off_minor` what the item is cheaper by for everybody.
        habits: `read_habits` of `customers`; without rows where no margins were given.
        dropped: `read_dropped` of `customers`; likewise.
    """

    customers: FeatureMatrix
    seen: np.ndarray
    pairs: FeatureMatrix
    habits: pd.DataFrame
    dropped: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True)
class ScoredBucket:
    """What the night chooses from.

    Attributes:
        customers: one row a customer seen: customer_no, customer_id, p_churn, p_churn_long (of the
            version's longest horizon), p_partial (NaN where unknown), next_visit_days, visit_gap_days, visits,
            days_since_visit, window_days.
        candidates: sorted by (customer_no, -p_buy, item_no): customer_no, item_no, p_buy, p_repeat
            (P(bought again | tried) of the item, NaN where unknown), expected_units,
            buys, days_since_buy, item_gap_days (NaN where unknown), item_overdue (days since the last purchase
            in usual gaps, NaN where never bought), family_buys, buyers_28d, sources; where the shop says what it
            promotes also planned_off_minor (`models.features.promoted_weeks`).
    """

    customers: pd.DataFrame
    candidates: pd.DataFrame


@dataclass(frozen=True)
class KnownBucket:
    """A scored bucket, where each of its known customers stands, and why some may be leaving.

    Attributes:
        scored: what the night chooses from.
        lifecycle: `models.customers.lifecycle.lifecycle` of everybody known, seen or not.
        reasons: `models.customers.churn_reasons.reasons_of_likely` of those seen, by customer_no.
    """

    scored: ScoredBucket
    lifecycle: pd.DataFrame
    reasons: Mapping[int, tuple[ChurnReason, ...]]


def bucket_item_part(purchases: Path, catalogue: Catalogue, moment: Moment) -> ItemPart:
    """One bucket's share of the item statistics."""
    with open_bought(purchases, catalogue, moment) as bought:
        return item_part(bought)


def bucket_reference(
    purchases: Path,
    customers: Path,
    catalogue: Catalogue,
    moment: Moment,
    seen_days: int,
    size: int,
    seed: int,
) -> Reference:
    """One bucket's share of a reference sample of `size` customers seen within so many days before the moment."""
    with open_bought(purchases, catalogue, moment) as bought:
        return reference_part(bought, read_customers(customers), len(catalogue), seen_days, size, seed)


def bucket_customers(purchases: Path, catalogue: Catalogue, moment: Moment) -> FeatureMatrix:
    """Features of every customer of one bucket with a visit before the moment."""
    with open_history(purchases, catalogue, moment) as history:
        return customer_matrix(history, CUSTOMER_FEATURES)


def bucket_standing(
    artifact: Artifact,
    purchases: Path,
    customers: Path,
    catalogue: Catalogue,
    moment: Moment,
    rules: LifecycleRules,
) -> pd.DataFrame:
    """Where everybody of one bucket stands, as `score_bucket` finds it, without scoring anybody."""
    with open_history(purchases, catalogue, moment) as history:
        everybody = customer_matrix(history, CUSTOMER_FEATURES)
        habits = read_habits(history, rules.margins)
    people = pd.read_parquet(customers, columns=[CUSTOMER_NO, CUSTOMER_ID, "joined_on", "consent"])
    return lifecycle(people, everybody, habits, artifact.rhythm, artifact.lifetime, rules, moment)


def bucket_features(
    purchases: Path,
    customers: Path,
    shop: ShopAt,
    limits: CandidateLimits,
    seen_days: int,
    window_days: Callable[[FeatureMatrix], np.ndarray],
    margins: Margins | None = None,
) -> BucketFeatures:
    """Features of one bucket's customers and of their candidates.

    Args:
        purchases: the bucket's purchases.
        customers: the bucket's customers, for their ids.
        shop: the shop at the moment up to which history counts.
        limits: candidates per source.
        seen_days: candidates are found for customers who visited within this many days.
        window_days: window length for each of the given customers, shape (n,).
        margins: what the items earn, to read everybody's habits and dropped families as well.
    """
    with open_history(purchases, shop.catalogue, shop.moment) as history:
        everybody = customer_matrix(history, CUSTOMER_FEATURES)
        seen = np.flatnonzero(everybody.column("days_since_visit") <= seen_days)
        people = everybody.take(seen)
        launched = shop.catalogue.launched(shop.moment.day, LAUNCH_DAYS)
        candidates = find_candidates(history, people.keys, shop.item_table, shop.offerable, launched, limits)
        alike = np.full((len(candidates), len(NEIGHBOUR_FEATURES)), np.nan, dtype=np.float32)
        if shop.neighbours is not None:
            named = people.keys.merge(read_customers(customers), on=CUSTOMER_NO, validate="one_to_one")
            baskets = read_baskets(history, named[CUSTOMER_NO].to_numpy(), len(shop.offerable))
            candidates, alike = add_neighbours(
                candidates, shop.neighbours, baskets, named, shop.offerable, limits
            )
        pairs = pair_matrix(history, people, candidates, shop.item_table, alike, window_days(people))
        if shop.promotion_features:
            pairs = with_promotions(pairs, history, shop.promoted)
        pairs = with_own_features(pairs, history, shop.catalogue, shop.moment, shop.own_features)
        keys = pairs.keys.assign(cut=shop.moment.day)
        if shop.promoted is not None:
            keys[PLANNED_OFF] = planned_off_minor(history, shop.promoted, keys)
        habits = pd.DataFrame() if margins is None else read_habits(history, margins)
        dropped = {} if margins is None else read_dropped(history, shop.catalogue)
    return BucketFeatures(everybody, seen, replace(pairs, keys=keys), habits, dropped)


def score_features(
    features: BucketFeatures,
    shop: ShopAt,
    rhythm: Rhythm,
    affinity: PairScorer,
    churn: Churn,
) -> ScoredBucket:
    """Predict for one bucket's features; `customer_id` is still missing from the customers."""
    seen = features.customers.take(features.seen)
    longest_days = churn.horizons[-1]
    p_silent = churn.p_silent_up_to(seen, longest_days)
    customers = seen.keys.assign(
        p_churn=p_silent[churn.partial_days],
        p_churn_long=p_silent[longest_days],
        p_partial=churn.p_partial(seen),
        next_visit_days=rhythm.next_visit_days(seen),
        visit_gap_days=rhythm.visit_gap_days(seen),
        visits=seen.column("visits").astype(np.int32),
        days_since_visit=seen.column("days_since_visit"),
    )
    pairs = features.pairs
    item_no = pairs.keys[ITEM_NO].to_numpy()
    item_units = shop.item_table["units_a_buy"].to_numpy()[item_no]
    candidates = pd.DataFrame(
        {
            CUSTOMER_NO: pairs.keys[CUSTOMER_NO].to_numpy(),
            ITEM_NO: item_no,
            P_BUY: affinity.predict(pairs),
            P_REPEAT: shop.item_table["trial_repeat_share"].to_numpy()[item_no],
            EXPECTED_UNITS: expected_units(pairs, item_units).astype(np.float32),
            "buys": pairs.column("buys").astype(np.int32),
            "days_since_buy": pairs.column("days_since_buy"),
            "item_gap_days": pairs.column("item_gap_days"),
            "item_overdue": _overdue(pairs, rhythm.items.centres(shop.catalogue)[item_no], rhythm),
            "family_buys": pairs.column("fine_buys_84d").astype(np.int32),
            "buyers_28d": shop.item_table["buyers_28d"].to_numpy()[item_no].astype(np.int32),
            "sources": pairs.keys["sources"].to_numpy(),
        }
    )
    if PLANNED_OFF in pairs.keys:
        candidates[PLANNED_OFF] = pairs.keys[PLANNED_OFF].to_numpy()
    order = np.lexsort((candidates[ITEM_NO], -candidates[P_BUY], candidates[CUSTOMER_NO]))
    return ScoredBucket(customers, candidates.iloc[order].reset_index(drop=True))


def _overdue(pairs: FeatureMatrix, centres: np.ndarray, rhythm: Rhythm) -> np.ndarray:
    """Days since the last purchase in usual gaps; what the bundle's reasons are chosen by."""
    usual = rhythm.items.usual_gap_days(centres, pairs.column("buys"), pairs.column("item_gap_days"))
    return np.asarray(pairs.column("days_since_buy") / usual).astype(np.float32)


def score_bucket(
    artifact: Artifact,
    purchases: Path,
    customers: Path,
    shop: ShopAt,
    window_rule: WindowRule,
    seen_days: int,
    rules: LifecycleRules,
    *,
    prospects: bool,
) -> KnownBucket:
    """Score one bucket with one artifact, from raw history.

    Args:
        artifact: the fitted models and their limits.
        purchases: the bucket's purchases.
        customers: the bucket's customers.
        shop: the shop at the moment of the night.
        window_rule: the window that the programme gives a customer expected back in so many days.
        seen_days: customers are scored who visited within this many days, also beyond those the model learnt from.
        rules: what it takes to say where a customer stands.
        prospects: whether those on the rung of that name, who never bought, are scored as well.
    """
    features = bucket_features(
        purchases,
        customers,
        shop,
        artifact.manifest.limits,
        seen_days,
        lambda seen: window_rule(artifact.rhythm.next_visit_days(seen)),
        rules.margins,
    )
    scored = score_features(features, shop, artifact.rhythm, artifact.affinity, artifact.churn)
    people = pd.read_parquet(customers, columns=[CUSTOMER_NO, CUSTOMER_ID, "joined_on", "consent"])
    states = lifecycle(
        people, features.customers, features.habits, artifact.rhythm, artifact.lifetime, rules, shop.moment
    )
    reasons = reasons_of_likely(
        artifact.churn,
        features.customers.take(features.seen),
        scored.customers[P_CHURN].to_numpy(),
        features.dropped,
    )
    seen, candidates = scored.customers, scored.candidates
    if prospects:
        joined = states.loc[states["ladder"] == Rung.PROSPECT, CUSTOMER_NO].to_numpy()
        seen, candidates = with_prospects(seen, candidates, joined)
        if shop.promoted is not None:  # of a prospect no store is known
            everywhere = shop.promoted.everywhere[PLANNED_OFF].to_numpy()[candidates[ITEM_NO]]
            known = candidates[CUSTOMER_NO].isin(scored.customers[CUSTOMER_NO]).to_numpy()
            candidates[PLANNED_OFF] = np.where(known, candidates[PLANNED_OFF], everywhere)
    named = seen.merge(people[[CUSTOMER_NO, CUSTOMER_ID]], on=CUSTOMER_NO, how="left", validate="one_to_one")
    named["window_days"] = window_rule(named["next_visit_days"].to_numpy()).astype(np.int32)
    return KnownBucket(ScoredBucket(named, candidates), states, reasons)
