"""What is in everybody's next basket: one history in, k ranked products for each of its customers out.

The history becomes a shop folder (`training.bench.basket_histories`), goes through the load's checks, and is learnt from and
scored by the night's own path: survey, candidates, features, LightGBM. Nothing here knows one data set from
another, and nothing but the history is read.
"""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from models.features.bucket_history import open_bought
from models.ground.errors import BadInput
from models.ground.progress import Progress
from models.items.affinity import PairScorer
from models.items.candidates import CandidateLimits
from models.neighbours import NeighbourRules
from models.running.cluster import map_buckets
from models.scoring import bucket_features
from models.sources import LoadSummary, load, open_data
from models.tables import (
    CUSTOMER_ID,
    CUSTOMER_NO,
    ITEM_ID,
    ITEM_NO,
    NEXT_BASKET_PREDICTIONS,
    P_BUY,
    PRODUCT_ID,
    PURCHASES,
)
from models.tables.row_checks import UNREADABLE_LINE, meaning
from training.bench.basket_histories import STEP_DAYS, ConvertedHistory, next_basket_moment, write_shop
from training.bench.real_days import REAL_DAYS
from training.fitting.fit import Ground, learn_affinity, survey
from training.fitting.fit_profile import FitProfile

# True where the customer had bought the product before.
REPEAT = "repeat"
# At least and at most so many baskets of each customer teach, between them until ENOUGH_BASKETS are learnt from.
CUTS = (6, 24)
ENOUGH_BASKETS = 50_000
# A window of one step holds exactly one basket, so that a cut n steps back predicts everybody's n-th last basket.
PROFILE = replace(
    FitProfile(),
    window_days=(STEP_DAYS, STEP_DAYS),
    affinity_step_days=STEP_DAYS,
    history_days=STEP_DAYS,
    seen_days=STEP_DAYS,
    negative_share=0.15,
    calibration_folds=0,  # the order of the products is all that is asked for
    limits=CandidateLimits(own_history=200, family=50, popular=60, neighbour=60, follow_up=30),
    neighbours=NeighbourRules(customers=12_000, items=12_000, foretold_items=2_000),
    affinity_lightgbm={
        "learning_rate": 0.1,
        "num_leaves": 31,
        "min_data_in_leaf": 100,
        "feature_fraction": 0.6,
        "lambda_l2": 5.0,
        "max_rounds": 300,
        "patience": 25,
    },
)


@dataclass(frozen=True)
class NextBaskets:
    """Predictions, and what was read to make them.

    Attributes:
        predictions: columns of NEXT_BASKET_PREDICTIONS, k rows a customer as far as the shop has products.
        repeats: how many of these products their customer had bought before; the others are new to them.
        bad_rows: a sentence for each reason for which lines were set aside.
        notes: a sentence where nothing could be learnt.
        metrics: what was measured on everybody's last known basket, held out while trying.
    """

    predictions: pd.DataFrame
    repeats: int
    bad_rows: list[str]
    notes: list[str]
    metrics: dict[str, float]


def bench_next_basket(history: Path, k: int, seed: int, jobs: int, progress: Progress) -> NextBaskets:
    """The k likeliest products of every customer's next basket.

    Args:
        history: see `training.bench.basket_histories`.
        k: products a customer.
        seed: of everything drawn while learning.
        jobs: buckets worked on side by side; the result does not depend on it.

    Raises:
        BadInput: the file is no history, or too much of it is bad.
    """
    with tempfile.TemporaryDirectory(prefix="abonement-bench-") as scratch:
        progress("loading", 0, 3)
        shop, workspace = Path(scratch) / "shop", Path(scratch) / "workspace"
        baskets = write_shop(history, shop)
        summary = _loaded(history, shop, workspace)
        profile = replace(PROFILE, seed=seed, affinity_cuts=cuts_for(summary.customers))
        progress("learning", 1, 3)
        more = REAL_DAYS if baskets.dated else ()
        ground = survey(open_data(workspace), next_basket_moment(), "product", profile, jobs, more)
        learnt = learn_affinity(ground)
        tasks = [(ground, learnt.model, bucket, k) for bucket in range(ground.data.buckets)]
        tops = list(map_buckets(_top_of_bucket, tasks, jobs=jobs, what="scoring", progress=progress))
        progress("done", 3, 3)
    everything = pd.concat(tops, ignore_index=True)
    predictions = _as_in_history(everything, baskets)
    unreadable = (
        [
            f"Left out {baskets.unreadable:,} lines of {history}: unreadable_line ({meaning(UNREADABLE_LINE, PURCHASES.name)})."
        ]
        if baskets.unreadable
        else []
    )
    notes = [learnt.note] if learnt.note else []
    return NextBaskets(
        predictions,
        int(everything[REPEAT].sum()),
        [*unreadable, *summary.findings, *summary.bad_rows],
        notes,
        learnt.metrics,
    )


def _loaded(history: Path, shop: Path, workspace: Path) -> LoadSummary:
    """The load; its refusals speak of the history, because nobody will find the folder made of it."""
    try:
        return load(shop, workspace)
    except BadInput as error:
        said, _, _ = str(error).partition(" Every bad row")
        raise BadInput(said.replace(str(shop / "purchases.parquet"), str(history))) from None


def cuts_for(customers: int) -> int:
    """How many baskets of each customer are learnt from: enough for a few customers, not too many to wait for."""
    fewest, most = CUTS
    return min(max(-(-ENOUGH_BASKETS // customers), fewest), most)


def best_sellers(item_table: pd.DataFrame, k: int) -> np.ndarray:
    """item_no of the k products that most customers bought lately, then ever bought; ties go to the smaller one."""
    bought = item_table[["buyers_28d", "buyers_84d"]].fillna(0).to_numpy()
    return np.lexsort((np.arange(len(bought)), -bought[:, 1], -bought[:, 0]))[:k]


def fill_up(tops: pd.DataFrame, customer_no: np.ndarray, best: np.ndarray, size: int) -> pd.DataFrame:
    """Give every customer `size` items: their own first, then best sellers that are not among them, at score 0.

    Args:
        tops: customer_no, item_no, p_buy, at most `size` a customer.
        customer_no: everybody who shall have a list, shape (n,).
        best: item_no of best sellers, the best first; `size` of them, or all products of a smaller shop.
    """
    more = pd.MultiIndex.from_product([customer_no, best], names=[CUSTOMER_NO, ITEM_NO]).to_frame(index=False)
    both = pd.concat(
        [
            tops.assign(place=0),
            more.assign(p_buy=0.0, place=np.tile(np.arange(len(best)), len(customer_no)) + 1),
        ]
    )
    both = both.drop_duplicates([CUSTOMER_NO, ITEM_NO])
    ordered = both.sort_values([CUSTOMER_NO, P_BUY, "place", ITEM_NO], ascending=[True, False, True, True])
    ordered["rank"] = ordered.groupby(CUSTOMER_NO).cumcount() + 1
    return ordered[ordered["rank"] <= size].drop(columns="place").reset_index(drop=True)


def _top_of_bucket(ground: Ground, affinity: PairScorer, bucket: int, k: int) -> pd.DataFrame:
    """Columns of NEXT_BASKET_PREDICTIONS and REPEAT, for every customer of one bucket."""
    features = bucket_features(
        ground.data.purchases(bucket),
        ground.data.customers(bucket),
        ground.shop,
        ground.profile.limits,
        ground.profile.seen_days,
        lambda seen: np.full(len(seen), STEP_DAYS),
    )
    scored = features.pairs.keys[[CUSTOMER_NO, ITEM_NO]].assign(p_buy=affinity.predict(features.pairs))
    with open_bought(ground.data.purchases(bucket), ground.shop.catalogue, ground.shop.moment) as history:
        bought = history.execute("SELECT DISTINCT customer_no, item_no, true AS repeat FROM item_days").df()
    customers = pd.read_parquet(ground.data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID])
    best = best_sellers(ground.shop.item_table, k)
    tops = fill_up(scored, customers[CUSTOMER_NO].to_numpy(), best, k).merge(customers, on=CUSTOMER_NO)
    tops = tops.merge(bought, on=[CUSTOMER_NO, ITEM_NO], how="left")
    tops[REPEAT] = tops[REPEAT].eq(other=True)
    tops[PRODUCT_ID] = ground.shop.catalogue.items[ITEM_ID].to_numpy()[tops[ITEM_NO]]
    return tops.rename(columns={P_BUY: "score"})[[*NEXT_BASKET_PREDICTIONS.names, REPEAT]]


def _as_in_history(predictions: pd.DataFrame, baskets: ConvertedHistory) -> pd.DataFrame:
    """The same rows with ids of the history's types, in the order of customer and rank."""
    query = f"""SELECT CAST(customer_id AS {baskets.customer_type}) AS customer_id,
        CAST(product_id AS {baskets.product_type}) AS product_id, rank, score
        FROM predictions ORDER BY customer_id, rank"""
    with duckdb.connect() as con:
        con.register("predictions", predictions)
        return con.execute(query).df()
