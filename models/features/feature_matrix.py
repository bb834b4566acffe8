"""Features as float32 matrices with named columns, NaN where nothing is known."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from models.features.bucket_history import read_sql
from models.features.recipe import COMMON_FEATURES, CUSTOMER_FEATURES_OF_PAIRS, ITEM_FEATURES, PAIR_FEATURES
from models.tables import CUSTOMER_NO, ITEM_NO

PAIR_KEYS = (CUSTOMER_NO, ITEM_NO, "sources")


@dataclass(frozen=True)
class FeatureMatrix:
    """Features of n rows.

    Attributes:
        keys: n rows of integer keys (customer_no, and for pairs item_no and sources), in row order.
        values: float32 of shape (n, number of names), row-major.
        names: the columns' names.
    """

    keys: pd.DataFrame
    values: np.ndarray
    names: tuple[str, ...]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.values)

    def column(self, name: str) -> np.ndarray:
        """One feature, shape (n,)."""
        return self.values[:, self.names.index(name)]

    def take(self, rows: np.ndarray) -> "FeatureMatrix":
        """The given rows (integer positions or a boolean mask)."""
        return FeatureMatrix(self.keys.iloc[rows].reset_index(drop=True), self.values[rows], self.names)


def customer_matrix(history: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> FeatureMatrix:
    """Features of every customer with a visit before `as_of`, in the order of customer_no.

    Args:
        history: an `open_history` connection.
        names: columns of `customer.sql` to take, in this order.
    """
    rows = _rows(history, "customer.sql", (CUSTOMER_NO,))
    return FeatureMatrix(_keys(rows, (CUSTOMER_NO,)), _block(rows, names), names)


def pair_matrix(
    history: duckdb.DuckDBPyConnection,
    customers: FeatureMatrix,
    candidates: pd.DataFrame,
    item_table: pd.DataFrame,
    alike: np.ndarray,
    window_days: np.ndarray,
) -> FeatureMatrix:
    """The recipe's features of candidate pairs (PAIR_FEATURES), in the order of (customer_no, item_no).

    What belongs to the item or to the customer alone is copied into place: joining it in SQL costs twice.

    Args:
        history: an `open_history` connection.
        customers: `customer_matrix` of the candidates' customers.
        candidates: customer_no, item_no, sources (`models.items.candidates`).
        item_table: index item_no 0..n-1 (`models.features.item_statistics`).
        alike: NEIGHBOUR_FEATURES of the candidates in the order of (customer_no, item_no).
        window_days: length of the window in which a purchase counts, for each of `customers`.
    """
    scored = customers.keys.assign(
        window_days=window_days, visits_decayed_28d=customers.column("visits_decayed_28d")
    )
    history.register("candidates", candidates)
    history.register("scored", scored)
    history.register("item_table", item_table[["fine_no", "coarse_no", "unit_price_minor"]].reset_index())
    rows = _rows(history, "pair.sql", PAIR_KEYS)
    keys = _keys(rows, PAIR_KEYS)
    item_no, customer_no = keys[ITEM_NO].to_numpy(), keys[CUSTOMER_NO].to_numpy()
    order = np.lexsort((item_no, customer_no))
    places = [customers.names.index(name) for name in CUSTOMER_FEATURES_OF_PAIRS]
    values = np.concatenate(
        [
            _block(rows, COMMON_FEATURES)[order],
            alike,
            item_table[list(ITEM_FEATURES)].to_numpy(dtype=np.float32)[item_no[order]],
            customers.values[:, places][
                np.searchsorted(customers.keys[CUSTOMER_NO].to_numpy(), customer_no[order])
            ],
        ],
        axis=1,
    )
    return FeatureMatrix(keys.iloc[order].reset_index(drop=True), values, PAIR_FEATURES)


def _rows(history: duckdb.DuckDBPyConnection, sql: str, keys: tuple[str, ...]) -> pa.Table:
    """Run one of our files: the keys as they are, everything else as float32."""
    listed, query = ", ".join(keys), read_sql(sql).strip().rstrip(";")
    return history.sql(
        f"SELECT {listed}, COLUMNS(* EXCLUDE ({listed}))::FLOAT FROM ({query})"
    ).to_arrow_table()


def _block(rows: pa.Table, names: tuple[str, ...]) -> np.ndarray:
    """Columns as float32 of shape (rows, names), row-major, NaN for null."""
    block = np.empty((len(names), len(rows)), dtype=np.float32)
    for position, name in enumerate(names):
        block[position] = rows[name].to_numpy()
    return np.ascontiguousarray(block.T)


def _keys(rows: pa.Table, names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: rows[name].to_numpy() for name in names})
