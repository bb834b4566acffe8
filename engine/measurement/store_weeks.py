"""How many lines each store brought by week: a store that brings none for a week has lost its feed, or was closed."""

from collections.abc import Sequence
from datetime import timedelta

import duckdb
import numpy as np
import pandas as pd

from engine.measurement.customer_weeks import ReportedWeeks

BEFORE = 8  # weeks that tell what a store usually brings
# A store with so many lines in its median week has none in a week by chance once in e^20 weeks.
LEAST_LINES = 20


def store_weeks(bought: duckdb.DuckDBPyConnection, period: ReportedWeeks) -> pd.DataFrame:
    """Lines of a bucket, opened with `open_bought`: store_id, week (0 is the first reported one), lines."""
    starts, before = period.starts.day, 7 * min(BEFORE, period.before)
    return bought.execute(
        "SELECT store_id, floor(date_diff('day', ?::DATE, local_day) / 7)::INTEGER AS week, count(*) AS lines "
        "FROM standing WHERE local_day >= ?::DATE AND local_day < ?::DATE AND store_id IS NOT NULL GROUP BY ALL",
        [starts, starts - timedelta(days=before), period.ends.day],
    ).df()


def added_up(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Parts of `store_weeks` as one, a line a store and week."""
    return pd.concat(parts, ignore_index=True).groupby(["store_id", "week"], as_index=False).sum()


def silent_weeks(parts: Sequence[pd.DataFrame], weeks: int) -> dict[str, list[int]]:
    """The reported weeks, from 0 on, in which a store brought nothing though it usually does, by store.

    Weeks before a store's first one do not count: it was not there.
    """
    lines = pd.concat(parts, ignore_index=True).pivot_table(
        index="store_id", columns="week", values="lines", aggfunc="sum"
    )
    if lines.empty:
        return {}
    lines = lines.reindex(columns=range(min(int(lines.columns.min()), 0), weeks), fill_value=0).fillna(0)
    found: dict[str, list[int]] = {}
    for store, row in lines.iterrows():
        came = row.to_numpy()
        there = np.arange(len(came)) >= np.flatnonzero(came)[0]
        # the median of weeks with a purchase: a feed that is missing for long has still a usual week
        if np.median(came[came > 0]) >= LEAST_LINES and (gone := (came == 0) & there).any():
            silent = [int(week) for week in lines.columns[gone] if week >= 0]
            found |= {str(store): silent} if silent else {}
    return found
