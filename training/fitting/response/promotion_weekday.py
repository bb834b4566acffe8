"""On which weekday a shop's promotions change: the one between which prices keep still.

Weeks that begin on another day mix two promotions, which hides what either did and lets the next one's first days look like
an effect before their cause.
"""

import duckdb
import numpy as np
import pandas as pd

from training.fitting.response.purchase_cells import DAYS_A_WEEK

_KEY = ["shift", "product", "week"]
_LEAST_GAIN = 0.02  # of what prices vary within weeks: less may be chance, and the weeks stay as they are


def price_moments(connection: duckdb.DuckDBPyConnection, products: pd.Series) -> pd.DataFrame:
    """Sums over lines of the share off, by shift of the weeks: shift, product, week, lines, off, off2; buckets add up.

    Args:
        connection: with the relation `bought`, LINE_COLUMNS.
        products: numbers of those that are looked at, the most bought.
    """
    connection.register("looked_at", products.rename("product").to_frame())
    return connection.execute(
        f"""
        WITH cut AS (
            SELECT product, day, off_minor / list_minor AS off FROM bought
            WHERE list_minor > 0 AND product IN (SELECT product FROM looked_at)
        )
        SELECT shift, product, floor((day - shift) / {DAYS_A_WEEK}.0)::INTEGER AS week,
            count(*) AS lines, sum(off) AS off, sum(off * off) AS off2
        FROM cut CROSS JOIN range({DAYS_A_WEEK}) AS shifts(shift)
        GROUP BY ALL ORDER BY ALL
        """
    ).df()


def best_shift(parts: list[pd.DataFrame]) -> int:
    """By how many days the weeks begin later, 0 to 6, where prices vary least within them; 0 where none is clearly better."""
    moments = pd.concat(parts).groupby(_KEY, as_index=False).sum()
    within = (moments["off2"] - moments["off"] ** 2 / moments["lines"]).groupby(moments["shift"]).sum()
    if within.empty or within.min() > (1 - _LEAST_GAIN) * within[0]:
        return 0
    return int(np.argmin(within.to_numpy()))
