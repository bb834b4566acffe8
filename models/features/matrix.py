"""Features as float32 matrices with named columns, NaN where nothing is known."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from models.features.history import read_sql


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

    Also keeps them in the history as the table `customer_features`, which `pair.sql` reads.
    """
    history.execute(f"CREATE OR REPLACE TABLE customer_features AS {read_sql('customer.sql')}")
    history.execute("FROM customer_features ORDER BY customer_no")
    return _matrix(history, ("customer_no",), names)


def pair_matrix(
    history: duckdb.DuckDBPyConnection,
    candidates: pd.DataFrame,
    item_table: pd.DataFrame,
    windows: pd.DataFrame,
    names: tuple[str, ...],
) -> FeatureMatrix:
    """Features of candidate pairs, in the order of (customer_no, item_no).

    Args:
        history: an `open_history` connection after `customer_matrix`.
        candidates: customer_no, item_no, sources (`models.candidates`).
        item_table: index item_no (`models.features.items`).
        windows: customer_no, window_days: the length of the window in which a purchase counts.
        names: columns of `pair.sql` to take, in this order.
    """
    history.register("candidates", candidates)
    history.register("item_table", item_table.reset_index())
    history.register("windows", windows)
    history.execute(read_sql("pair.sql"))
    return _matrix(history, ("customer_no", "item_no", "sources"), names)


def _matrix(
    result: duckdb.DuckDBPyConnection, keys: tuple[str, ...], names: tuple[str, ...]
) -> FeatureMatrix:
    columns = result.fetchnumpy()
    rows = len(columns[keys[0]])
    values = np.empty((rows, len(names)), dtype=np.float32)
    for position, name in enumerate(names):
        values[:, position] = np.ma.filled(np.ma.asarray(columns[name]).astype(np.float32), np.nan)
    return FeatureMatrix(pd.DataFrame({key: np.ma.getdata(columns[key]) for key in keys}), values, names)
