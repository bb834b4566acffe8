"""What customers bought visit by visit, as the sparse triples that neighbours read."""

from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from models.neighbours import BasketTriples, Reference, customer_keys
from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_NO


def read_baskets(
    bought: duckdb.DuckDBPyConnection, customer_no: npt.NDArray[np.int32], items: int
) -> BasketTriples:
    """The given customers' purchases, a basket for each of their visits.

    Args:
        bought: an `open_bought` or `open_history` connection.
        customer_no: customers with at least one visit, ascending; they become rows 0..n-1.
        items: of the catalogue; a column for each.
    """
    bought.register("asked", pd.DataFrame({CUSTOMER_NO: customer_no}))
    rows = bought.execute(
        """
        SELECT
            customer_no,
            item_no,
            dense_rank() OVER (PARTITION BY customer_no ORDER BY age_days) - 1 AS visits_ago
        FROM item_days SEMI JOIN asked USING (customer_no)
        """
    ).fetchnumpy()
    customer = np.searchsorted(customer_no, rows[CUSTOMER_NO]).astype(np.int32)
    visits_ago = np.asarray(rows["visits_ago"], dtype=np.int32)
    count = np.zeros(len(customer_no), dtype=np.int32)
    np.maximum.at(count, customer, visits_ago + 1)
    item_no = np.ma.filled(rows[ITEM_NO], -1)
    known = item_no >= 0
    return BasketTriples(customer[known], item_no[known].astype(np.int32), visits_ago[known], count, items)


def reference_part(
    bought: duckdb.DuckDBPyConnection,
    customers: pd.DataFrame,
    items: int,
    seen_days: int,
    size: int,
    seed: int,
) -> Reference:
    """One bucket's share of a reference (`models.neighbours.merge_references`).

    Args:
        bought: an `open_bought` connection.
        customers: customer_no and customer_id of the bucket.
        items: of the catalogue.
        seen_days: only customers who visited within so many days are drawn.
        size: customers of the whole reference.
        seed: of the customers' keys.
    """
    seen = bought.execute(
        "SELECT customer_no FROM item_days GROUP BY customer_no HAVING min(age_days) <= ? ORDER BY customer_no",
        [seen_days],
    ).fetchnumpy()[CUSTOMER_NO]
    people = customers.set_index(CUSTOMER_NO)[CUSTOMER_ID].loc[np.asarray(seen)]
    keys = customer_keys(people, seed)
    drawn = np.argsort(keys, kind="stable")[:size]
    numbers = np.asarray(seen, dtype=np.int32)[drawn]
    order = np.argsort(numbers)
    baskets = read_baskets(bought, numbers[order], items)
    return Reference(keys[drawn][order], baskets, np.arange(items, dtype=np.int32), seed)


def read_customers(path: Path) -> pd.DataFrame:
    """A bucket's customer_no and customer_id."""
    return pd.read_parquet(path, columns=[CUSTOMER_NO, CUSTOMER_ID])
