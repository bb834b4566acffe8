"""Counting a report bucket by bucket: DuckDB sums one bucket, and only sums of groups are kept."""

from collections.abc import Callable, Mapping, Sequence

import duckdb
import pandas as pd

from engine.reports.report_figures import ReportedShop
from models.features.bucket_history import open_bought, read_sql
from models.features.habits import offer_earned
from models.ground.moment import Moment

PACKAGE = "engine.reports"
# From a bucket's number to further tables that its SQL reads.
MoreTables = Callable[[int], Mapping[str, pd.DataFrame]]


def bucket_sums(
    shop: ReportedShop,
    sql: str,
    keys: Sequence[str],
    more: MoreTables = lambda _bucket: {},
    read_to: Moment | None = None,
) -> pd.DataFrame:
    """Sum a query's rows over all buckets.

    Args:
        shop: what is counted, up to the period's end.
        sql: one of this room's files; its columns but the keys are numbers that add up.
        keys: what its rows are grouped by.
        more: tables of a bucket beside `earned` and `counted`.
        read_to: up to when purchases are read, where that is not the end.

    Returns:
        keys and sums, in the order of the keys.
    """
    query = read_sql(sql, PACKAGE).strip().rstrip(";")
    whole = pd.DataFrame()
    for bucket in range(shop.data.buckets):
        with open_bought(shop.data.purchases(bucket), shop.catalogue, read_to or shop.ends) as bought:
            offer_tables(bought, shop)
            for name, table in more(bucket).items():
                bought.register(name, table)
            rows = bought.sql(query).df()
        # Added up at once: a shop of many buckets keeps one table of groups.
        whole = pd.concat([whole, rows]).groupby(list(keys), as_index=False, dropna=False).sum()
    return whole


def offer_tables(bought: duckdb.DuckDBPyConnection, shop: ReportedShop) -> None:
    """Make `item_families` and `counted` readable beside a bucket's purchases, and `earned`, what these left."""
    offer_earned(bought, shop.margins)
    bought.register("item_families", shop.catalogue.items[["fine_no"]].reset_index())
    bought.register("counted", pd.DataFrame({"days": [shop.days]}))
