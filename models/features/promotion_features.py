"""Features of candidate pairs from what the chain promotes: in the customer's stores, in all, of the item and of its family.

Each is a share from 0 to 1 of days: of the coming week, of the last one, or of the eight weeks before. The customer's
stores count by their visits of the last 84 days; where nothing is known of their stores, all stores do. A rise is the
coming week less the weeks before. Where nothing is planned at all, nobody has said what is: then what is to come is not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from models.features.bucket_history import read_sql
from models.features.feature_matrix import FeatureMatrix
from models.features.promoted_weeks import COUNTS, FAMILY_COUNTS, MOST, PromotedWeeks, totals
from models.features.recipe import PROMOTION_FEATURES
from models.tables import CUSTOMER_NO, ITEM_NO


def with_promotions(
    pairs: FeatureMatrix, history: duckdb.DuckDBPyConnection, promoted: PromotedWeeks | None
) -> FeatureMatrix:
    """The pairs with PROMOTION_FEATURES after their own.

    Args:
        pairs: a bucket's candidate pairs, in the order of (customer_no, item_no).
        history: an `open_history` connection of the bucket.
        promoted: what is promoted around the moment; None where the shop does not say (any more): all are NaN then.
    """
    if promoted is None or promoted.rows.empty:
        found = np.full((len(pairs), len(PROMOTION_FEATURES)), np.nan, dtype=np.float32)
    else:
        found = _features(pairs.keys, history, promoted)
    values = np.concatenate([pairs.values, found], axis=1)
    return FeatureMatrix(pairs.keys, values, (*pairs.names, *PROMOTION_FEATURES))


def _features(keys: pd.DataFrame, history: duckdb.DuckDBPyConnection, promoted: PromotedWeeks) -> np.ndarray:
    own, shop = _own_sums(keys, history, promoted), promoted.shares
    item_no = keys[ITEM_NO].to_numpy()
    fine_no = promoted.fine_no[item_no]
    products, relatives = promoted.products[item_no], shop.of_family[fine_no]
    known = own.visits > 0
    found: dict[str, np.ndarray] = {}
    for name, most in MOST.items():
        share = own.of_items[name] / (own.visits * most * products) + shop.always[name][item_no]
        found[name] = np.where(known, np.minimum(share, 1.0), shop.in_all[name][item_no])
        found[f"shop_{name}"] = shop.in_all[name][item_no]
    for name in FAMILY_COUNTS:
        share = (
            own.of_families[name] / (own.visits * MOST[name] * relatives) + shop.family_always[name][fine_no]
        )
        share = np.where(known, np.minimum(share, 1.0), shop.family_in_all[name][fine_no])
        found[f"fine_{name}"] = np.where(fine_no >= 0, share, np.nan)
    coming = [name for name in found if name.endswith("_now")]
    for name in coming:
        if not promoted.knows_a_plan:
            found[name] = np.full(len(keys), np.nan)
        kind = name.removesuffix("_now")
        found[f"{kind}_rise"] = found[name] - found[f"{kind}_before"]
    columns = [found[name.removeprefix("promo_")] for name in PROMOTION_FEATURES]
    return np.column_stack(columns).astype(np.float32)


@dataclass(frozen=True)
class _OwnSums:
    """What `promoted_pairs.sql` finds, for each pair, shape (n,): visits (NaN where no store is known), sums by name."""

    visits: np.ndarray
    of_items: dict[str, np.ndarray]
    of_families: dict[str, np.ndarray]


def _own_sums(keys: pd.DataFrame, history: duckdb.DuckDBPyConnection, promoted: PromotedWeeks) -> _OwnSums:
    tables = {
        "candidates": keys[[CUSTOMER_NO, ITEM_NO]],
        "promotion_stores": promoted.stores,
        "promoted_items": promoted.in_stores,
        "promoted_families": promoted.families_in_stores,
    }
    for name, table in tables.items():
        history.register(name, table)
    history.execute(read_sql("promoted_pairs.sql"))
    for name in tables:
        history.unregister(name)
    customer_no = keys[CUSTOMER_NO].to_numpy(dtype=np.int64)
    item_no = keys[ITEM_NO].to_numpy(dtype=np.int64)
    stores = history.table("own_stores").fetchnumpy()
    visits = totals(stores[CUSTOMER_NO], stores["visits"], int(customer_no.max(initial=0)) + 1)[customer_no]
    return _OwnSums(
        np.where(visits > 0, visits, np.nan),
        _placed(history, "promoted_of_items", ITEM_NO, customer_no, item_no, COUNTS),
        _placed(
            history, "promoted_of_families", "fine_no", customer_no, promoted.fine_no[item_no], FAMILY_COUNTS
        ),
    )


def _placed(
    history: duckdb.DuckDBPyConnection,
    table: str,
    key: str,
    customer_no: np.ndarray,
    number: np.ndarray,
    columns: Sequence[str],
) -> dict[str, np.ndarray]:
    """Columns of a table that has customer_no and `key`, for each pair of both, shape (n,); 0 where it has no row."""
    rows = history.table(table).fetchnumpy()
    base = int(max(number.max(initial=0), rows[key].max(initial=0))) + 1
    there = rows[CUSTOMER_NO].astype(np.int64) * base + rows[key]
    order = np.argsort(there)
    wanted = customer_no * base + number
    place = np.minimum(np.searchsorted(there, wanted, sorter=order), max(len(there) - 1, 0))
    if not len(there):
        return {name: np.zeros(len(wanted)) for name in columns}
    row = order[place]
    hit = (there[row] == wanted) & (number >= 0)
    return {name: np.where(hit, rows[name][row], 0).astype(np.float64) for name in columns}
