"""What happened after a cut: which items a customer bought within their window, and who stayed away or spent less.

Days are days of business: what is bought after a cut on a receipt of the day before belongs to neither side, because it
was not known at the cut and is no visit after it.
"""

from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from models.features.bucket_history import quoted
from models.features.catalogue import Catalogue
from models.ground.moment import Moment
from models.tables import CUSTOMER_NO, ITEM_NO


def bought_after(purchases: Path, catalogue: Catalogue, cut: Moment, longest_days: int) -> pd.DataFrame:
    """First purchase of every pair in `[cut, cut + longest_days local days)`.

    Returns:
        customer_no, item_no (missing for products that are not items), days_after (0 is the cut's own day).
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.register("product_items", catalogue.product_items)
        return connection.execute(
            f"""
            SELECT customer_no, item_no, min(date_diff('day', ?::DATE, local_day))::INTEGER AS days_after
            FROM read_parquet('{quoted(purchases)}')
            JOIN product_items USING (product_no)
            WHERE purchased_at >= ?::TIMESTAMPTZ AND local_day >= ?::DATE AND local_day < ?::DATE AND quantity_milli > 0
            GROUP BY customer_no, item_no
            ORDER BY customer_no, item_no
            """,
            [
                cut.day.isoformat(),
                cut.as_of.isoformat(),
                cut.day.isoformat(),
                (cut.day + timedelta(days=longest_days)).isoformat(),
            ],
        ).df()


def bought_labels(pairs: pd.DataFrame, window_days: np.ndarray, bought: pd.DataFrame) -> np.ndarray:
    """True where the pair was bought within its window; shape (pairs,).

    Args:
        pairs: customer_no and item_no.
        window_days: the pair's window length, shape (pairs,).
        bought: from `bought_after`, over windows at least as long.
    """
    first = pairs.merge(
        bought.dropna(subset=ITEM_NO).astype({ITEM_NO: "int64"}),
        on=[CUSTOMER_NO, ITEM_NO],
        how="left",
    )
    return np.asarray(first["days_after"].to_numpy() < window_days)


def back_after(
    purchases: Path, catalogue: Catalogue, cut: Moment, longest_days: int, spend_days: int
) -> pd.DataFrame:
    """When customers came back after a cut, and what they spent.

    Args:
        purchases: a bucket's file.
        catalogue: says what is merchandise.
        cut: nothing before it is read.
        longest_days: nor anything from so many local days after it on.
        spend_days: spend is summed over so many local days from the cut.

    Returns:
        customer_no, days_after (of the first visit; 0 is the cut's own day), spend_minor.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.register("product_items", catalogue.product_items)
        return connection.execute(
            f"""
            SELECT
                customer_no,
                min(date_diff('day', $day::DATE, local_day))::INTEGER AS days_after,
                coalesce(sum(paid_minor) FILTER (local_day < $spent_before::DATE), 0)::BIGINT AS spend_minor
            FROM read_parquet('{quoted(purchases)}')
            JOIN product_items USING (product_no)
            WHERE purchased_at >= $as_of::TIMESTAMPTZ AND local_day >= $day::DATE AND local_day < $ends::DATE
                AND quantity_milli > 0
            GROUP BY customer_no
            ORDER BY customer_no
            """,
            {
                "day": cut.day.isoformat(),
                "as_of": cut.as_of.isoformat(),
                "ends": (cut.day + timedelta(days=longest_days)).isoformat(),
                "spent_before": (cut.day + timedelta(days=spend_days)).isoformat(),
            },
        ).df()


def visits_after(purchases: Path, catalogue: Catalogue, cut: Moment, days: int) -> pd.DataFrame:
    """Days with a purchase in `[cut, cut + days local days)`: customer_no, visits; without who did not come."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.register("product_items", catalogue.product_items)
        return connection.execute(
            f"""
            SELECT customer_no, count(DISTINCT local_day)::INTEGER AS visits
            FROM read_parquet('{quoted(purchases)}')
            JOIN product_items USING (product_no)
            WHERE purchased_at >= ?::TIMESTAMPTZ AND local_day >= ?::DATE AND local_day < ?::DATE AND quantity_milli > 0
            GROUP BY customer_no
            ORDER BY customer_no
            """,
            [cut.as_of.isoformat(), cut.day.isoformat(), (cut.day + timedelta(days=days)).isoformat()],
        ).df()
