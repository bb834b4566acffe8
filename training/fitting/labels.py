"""What happened after a cut: which items a customer bought within their window, and who stayed away or spent less.

Days are days of business: what is bought after a cut on a receipt of the day before belongs to neither side, because it
was not known at the cut and is no visit after it. What is bought counts where it stands at the end of the days that are
looked at: a return within them takes it back, a later one does not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from models.features.catalogue import Catalogue
from models.ground.moment import Moment
from models.sources.stored.netting import make_standing
from models.tables import CUSTOMER_NO, ITEM_NO


@contextmanager
def _kept_after(
    purchases: Path, catalogue: Catalogue, cut: Moment, days: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The view `kept`: what of the purchases in `[cut, cut + days local days)` stands at the end, and days_after."""
    ends = cut.day + timedelta(days=days)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.register("product_items", catalogue.product_items)
        make_standing(connection, purchases, f"local_day < DATE '{ends.isoformat()}'")
        connection.execute(
            f"""
            CREATE VIEW kept AS
            SELECT *, date_diff('day', DATE '{cut.day.isoformat()}', local_day)::INTEGER AS days_after
            FROM standing
            JOIN product_items USING (product_no)
            WHERE purchased_at >= TIMESTAMPTZ '{cut.as_of.isoformat()}'
                AND local_day >= DATE '{cut.day.isoformat()}'
            """
        )
        yield connection


def bought_after(purchases: Path, catalogue: Catalogue, cut: Moment, longest_days: int) -> pd.DataFrame:
    """First purchase of every pair in `[cut, cut + longest_days local days)` of which something stands at their end.

    Returns:
        customer_no, item_no (missing for products that are not items), days_after (0 is the cut's own day).
    """
    with _kept_after(purchases, catalogue, cut, longest_days) as connection:
        return connection.execute(
            """
            SELECT customer_no, item_no, min(days_after) AS days_after
            FROM kept
            GROUP BY customer_no, item_no
            ORDER BY customer_no, item_no
            """
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
        cut: what was bought before it does not count.
        longest_days: nor anything from so many local days after it on.
        spend_days: spend is summed over so many local days from the cut.

    Returns:
        customer_no, days_after (of the first visit; 0 is the cut's own day), spend_minor.
    """
    with _kept_after(purchases, catalogue, cut, longest_days) as connection:
        return connection.execute(
            """
            SELECT
                customer_no,
                min(days_after) AS days_after,
                coalesce(sum(paid_minor) FILTER (days_after < ?), 0)::BIGINT AS spend_minor
            FROM kept
            GROUP BY customer_no
            ORDER BY customer_no
            """,
            [spend_days],
        ).df()


def visits_after(purchases: Path, catalogue: Catalogue, cut: Moment, days: int) -> pd.DataFrame:
    """Days with a purchase in `[cut, cut + days local days)`: customer_no, visits; without who did not come."""
    with _kept_after(purchases, catalogue, cut, days) as connection:
        return connection.execute(
            """
            SELECT customer_no, count(DISTINCT local_day)::INTEGER AS visits
            FROM kept
            GROUP BY customer_no
            ORDER BY customer_no
            """
        ).df()
