"""Predictions in files that others can score: fitted on what is before `as_of`, by the night's own path."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.features.feature_matrix import FeatureMatrix
from models.ground.errors import BadInput
from models.ground.moment import parse_moment
from models.ground.progress import Progress
from models.items.affinity import PairScorer, expected_uses
from models.items.baselines import NEIGHBOUR_BASELINES, RULES, BaselineScorer
from models.running.cluster import map_buckets
from models.scoring import bucket_customers, bucket_features
from models.sources import Data, load, open_data
from models.tables import (
    BUNDLE_PREDICTIONS,
    CHURN_PREDICTIONS,
    CUSTOMER_ID,
    CUSTOMER_NO,
    ITEM_ID,
    ITEM_NO,
    NOVELTY_PREDICTIONS,
    Table,
)
from training.fitting.fit import Ground, learn_affinity, learn_churn, survey
from training.fitting.fit_profile import FitProfile
from training.fitting.prediction_metrics import top_items


def bench_bundles(
    source: Path, as_of: str, days: int, size: int, item_level: str, jobs: int, progress: Progress
) -> pd.DataFrame:
    """The top items by p_buy of every customer seen in the last 56 days: nothing else, no programme's rule.

    Args:
        source: a data folder.
        as_of: nothing at or after it is used.
        days: window in which a purchase is predicted, in local days.
        size: items a customer.
        item_level: "product", "family" for the finest family level, or a family level.

    Returns:
        Columns of BUNDLE_PREDICTIONS.
    """
    profile = replace(FitProfile(), window_days=(days, days))
    with _ground(source, as_of, item_level, profile, jobs, progress) as ground:
        affinity = learn_affinity(ground).model
        tasks = [(ground, affinity, bucket, days, size) for bucket in range(ground.data.buckets)]
        return _ranked(_top_of_bucket, tasks, BUNDLE_PREDICTIONS, jobs, progress)


def bench_novelties(
    source: Path,
    as_of: str,
    days: int,
    size: int,
    item_level: str,
    rule: str | None,
    jobs: int,
    progress: Progress,
) -> pd.DataFrame:
    """The items most worth trying that are new to each customer seen in the last 56 days.

    Args:
        source: a data folder.
        as_of: nothing at or after it is used.
        days: window in which a trial is predicted, in local days.
        size: items a customer.
        item_level: "product", "family" for the finest family level, or a family level.
        rule: a name in `models.items.baselines.RULES` to rank by instead of the model.

    Returns:
        Columns of NOVELTY_PREDICTIONS, best `expected_uses` first; with a rule, `p_buy` is only its order.

    Raises:
        BadInput: there is no such rule.
    """
    if rule is not None and rule not in RULES:
        raise BadInput(f"--rule {rule} is not known; expected one of {', '.join(RULES)}.")
    profile = FitProfile()
    asked = profile.neighbours if rule is None else NEIGHBOUR_BASELINES.get(rule, profile.neighbours)
    profile = replace(profile, window_days=(days, days), neighbours=asked)
    with _ground(source, as_of, item_level, profile, jobs, progress) as ground:
        affinity = learn_affinity(ground).model if rule is None else BaselineScorer(rule, 1.0, 0.0)
        tasks = [(ground, affinity, bucket, days, size) for bucket in range(ground.data.buckets)]
        return _ranked(_new_of_bucket, tasks, NOVELTY_PREDICTIONS, jobs, progress)


def bench_churn(
    source: Path, as_of: str, horizon_days: int, label: str, jobs: int, progress: Progress
) -> pd.DataFrame:
    """The chance of leaving of every customer with two visits and one in the last 84 days.

    Args:
        source: a data folder.
        as_of: nothing at or after it is used.
        horizon_days: length of the horizon.
        label: "silent" for P(no visit in it), "partial" for P(spend in it below half of the own rate, which is
            what was spent in the last 84 days, or since the first visit, per day).
        jobs: buckets worked on side by side.
        progress: told what is being done.

    Returns:
        Columns of CHURN_PREDICTIONS.

    Raises:
        BadInput: partial defection cannot be learnt from so short a history.
    """
    profile = replace(FitProfile(), churn_horizon_days=horizon_days, churn_longer_days=())
    with _ground(source, as_of, "product", profile, jobs, progress) as ground:
        churn = learn_churn(ground).model
        if label == "partial" and churn.partial is None:
            raise BadInput(
                f"Partial defection cannot be learnt from what lies before {as_of}: too few customers spent less; "
                "choose a later --as-of or a shorter --horizon."
            )
        progress("scoring", 2, 3)
        parts = []
        for bucket in range(ground.data.buckets):
            customers = bucket_customers(
                ground.data.purchases(bucket), ground.shop.catalogue, ground.shop.moment
            )
            eligible = customers.take(profile.churn_eligibility.mask(customers))
            p = churn.p_partial(eligible) if label == "partial" else churn.p_silent(eligible, horizon_days)
            parts.append(_named(ground.data, bucket, eligible.keys.assign(p_churn=p)))
    return pd.concat(parts).sort_values(CUSTOMER_ID, ignore_index=True)[list(CHURN_PREDICTIONS.names)]


def _ranked(
    step: Callable[..., pd.DataFrame],
    tasks: Sequence[tuple[Any, ...]],
    table: Table,
    jobs: int,
    progress: Progress,
) -> pd.DataFrame:
    """What a step finds in each bucket, together: customer by customer, the best first."""
    tops = list(map_buckets(step, tasks, jobs=jobs, what="scoring", progress=progress))
    ranked: pd.DataFrame = pd.concat(tops).sort_values([CUSTOMER_ID, "rank"], ignore_index=True)
    return ranked[list(table.names)]


@contextmanager
def _ground(
    source: Path, as_of: str, item_level: str, profile: FitProfile, jobs: int, progress: Progress
) -> Iterator[Ground]:
    """The data folder's shop at `as_of`, in a workspace that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="abonement-bench-") as workspace:
        progress("loading", 0, 3)
        load(source, Path(workspace))
        data = open_data(Path(workspace))
        progress("learning", 1, 3)
        yield survey(data, parse_moment(as_of, data.timezone), item_level, profile, jobs)
        progress("done", 3, 3)


def _top_of_bucket(ground: Ground, affinity: PairScorer, bucket: int, days: int, size: int) -> pd.DataFrame:
    pairs = _pairs_of_bucket(ground, bucket, days)
    return top_items(_predictions(ground, bucket, pairs, affinity.predict(pairs)), size)


def _new_of_bucket(ground: Ground, affinity: PairScorer, bucket: int, days: int, size: int) -> pd.DataFrame:
    pairs = _pairs_of_bucket(ground, bucket, days)
    pairs = pairs.take(np.flatnonzero(pairs.column("buys") == 0))
    p_repeat = pairs.column("trial_repeat_share").astype(np.float64)
    p_buy = affinity.predict(pairs)
    worth = p_buy if isinstance(affinity, BaselineScorer) else expected_uses(p_buy, p_repeat)
    predictions = _predictions(ground, bucket, pairs, p_buy)
    return top_items(predictions.assign(p_repeat=p_repeat, worth=worth), size, by="worth")


def _pairs_of_bucket(ground: Ground, bucket: int, days: int) -> FeatureMatrix:
    return bucket_features(
        ground.data.purchases(bucket),
        ground.data.customers(bucket),
        ground.shop,
        ground.profile.limits,
        ground.profile.seen_days,
        lambda seen: np.full(len(seen), days),
    ).pairs


def _predictions(ground: Ground, bucket: int, pairs: FeatureMatrix, p_buy: np.ndarray) -> pd.DataFrame:
    item_ids = ground.shop.catalogue.items[ITEM_ID].to_numpy()
    rows = pairs.keys.assign(item_id=item_ids[pairs.keys[ITEM_NO]], p_buy=p_buy)
    return _named(ground.data, bucket, rows)


def _named(data: Data, bucket: int, rows: pd.DataFrame) -> pd.DataFrame:
    ids = pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID])
    return rows.merge(ids, on=CUSTOMER_NO, validate="many_to_one")
