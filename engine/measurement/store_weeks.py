"""How many customers each store had by week: a store that has none for a week has lost its feed, or was closed.

Customers are counted and not lines: a basket has many lines, so that a small store with plenty of them is empty in many a week.
"""

from collections.abc import Sequence
from datetime import timedelta

import duckdb
import numpy as np
import pandas as pd

from engine.measurement.customer_weeks import ReportedWeeks

BEFORE = 8  # weeks that tell what a store usually brings
# A store with so many customers in its median week has none in a week by chance once in e^20 weeks.
LEAST_CUSTOMERS = 20


def store_weeks(bought: duckdb.DuckDBPyConnection, period: ReportedWeeks) -> pd.DataFrame:
    """Customers of a bucket, opened with `open_bought`: store_id, week (0 is the first reported one), customers."""
    starts, before = period.starts.day, 7 * min(BEFORE, period.before)
    return bought.execute(
        "SELECT store_id, floor(date_diff('day', ?::DATE, local_day) / 7)::INTEGER AS week, "
        "count(DISTINCT customer_no) AS customers "
        "FROM standing WHERE local_day >= ?::DATE AND local_day < ?::DATE AND store_id IS NOT NULL GROUP BY ALL",
        [starts, starts - timedelta(days=before), period.ends.day],
    ).df()


def added_up(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Parts of `store_weeks` as one, a line a store and week."""
    return pd.concat(parts, ignore_index=True).groupby(["store_id", "week"], as_index=False).sum()


def silent_weeks(parts: Sequence[pd.DataFrame], weeks: int) -> dict[str, list[int]]:
    """The weeks in which a store had nobody though it usually has, by store; those of whom all are before the first one, 0, are passed.

    Weeks before a store's first one do not count: it was not there.
    """
    customers = pd.concat(parts, ignore_index=True).pivot_table(
        index="store_id", columns="week", values="customers", aggfunc="sum"
    )
    if customers.empty:
        return {}
    first = min(int(customers.columns.min()), 0)
    customers = customers.reindex(columns=range(first, weeks), fill_value=0).fillna(0)
    found: dict[str, list[int]] = {}
    for store, row in customers.iterrows():
        came = row.to_numpy()
        there = np.arange(len(came)) >= np.flatnonzero(came)[0]
        # the median of weeks with a purchase: a feed that is missing for long has still a usual week
        if np.median(came[came > 0]) >= LEAST_CUSTOMERS and (gone := (came == 0) & there).any():
            silent = [int(week) for week in customers.columns[gone]]
            found |= {str(store): silent} if silent[-1] >= 0 else {}
    return found
