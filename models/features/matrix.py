"""Features as float32 matrices with named columns, NaN where nothing is known."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from models.features.history import read_sql
from models.features.recipe import COMMON_FEATURES, CUSTOMER_FEATURES_OF_PAIRS, ITEM_FEATURES, PAIR_FEATURES


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
    columns = _fetch(history, "customer.sql")
    values = np.empty((len(columns["customer_no"]), len(names)), dtype=np.float32)
    _fill(values, columns, names)
    return FeatureMatrix(_keys(columns, ("customer_no",)), values, names)


def pair_matrix(
    history: duckdb.DuckDBPyConnection,
    customers: FeatureMatrix,
    candidates: pd.DataFrame,
    item_table: pd.DataFrame,
    window_days: np.ndarray,
) -> FeatureMatrix:
    """The recipe's features of candidate pairs (PAIR_FEATURES), in the order of (customer_no, item_no).

    What belongs to the item or to the customer alone is copied into place: joining it in SQL costs twice.

    Args:
        history: an `open_history` connection.
        customers: `customer_matrix` of the candidates' customers.
        candidates: customer_no, item_no, sources (`models.candidates`).
        item_table: index item_no 0..n-1 (`models.features.items`).
        window_days: length of the window in which a purchase counts, for each of `customers`.
    """
    scored = customers.keys.assign(
        window_days=window_days, visits_decayed_28d=customers.column("visits_decayed_28d")
    )
    history.register("candidates", candidates)
    history.register("scored", scored)
    history.register("item_table", item_table[["fine_no", "coarse_no", "unit_price_minor"]].reset_index())
    columns = _fetch(history, "pair.sql")
    keys = _keys(columns, ("customer_no", "item_no", "sources"))
    values = np.empty((len(keys), len(PAIR_FEATURES)), dtype=np.float32)
    common, items = len(COMMON_FEATURES), len(COMMON_FEATURES) + len(ITEM_FEATURES)
    _fill(values[:, :common], columns, COMMON_FEATURES)
    of_items = item_table[list(ITEM_FEATURES)].to_numpy(dtype=np.float32)
    values[:, common:items] = of_items[keys["item_no"].to_numpy()]
    places = [customers.names.index(name) for name in CUSTOMER_FEATURES_OF_PAIRS]
    row = np.searchsorted(customers.keys["customer_no"].to_numpy(), keys["customer_no"].to_numpy())
    values[:, items:] = customers.values[:, places][row]
    return FeatureMatrix(keys, values, PAIR_FEATURES)


def _fetch(history: duckdb.DuckDBPyConnection, sql: str) -> dict[str, np.ndarray]:
    return dict(history.execute(read_sql(sql)).fetchnumpy())  # type: ignore[arg-type]  # no column is an enum


def _fill(values: np.ndarray, columns: dict[str, np.ndarray], names: tuple[str, ...]) -> None:
    for position, name in enumerate(names):
        column = columns[name]
        values[:, position] = column
        if isinstance(column, np.ma.MaskedArray):
            values[np.ma.getmaskarray(column), position] = np.nan


def _keys(columns: dict[str, np.ndarray], names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: np.ma.getdata(columns[name]) for name in names})
