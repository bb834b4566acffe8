"""Candidates for customers of whom nothing is known but that they have joined.

There is nothing to predict from, so a prospect is taken for the customer of whom least is known: the chance to buy
one of the shop's most bought items is the mean chance of the bucket's first-time customers, who all have these items
among their candidates. That is too much rather than too little, as a first-time customer has at least come once: what
a prospect's bundle is expected to cost is not understated.
"""

import numpy as np
import pandas as pd

from models.items.candidates import SOURCES
from models.tables import CUSTOMER_NO, EXPECTED_UNITS, ITEM_NO, P_BUY

FIRST_TIME_VISITS = 1


def with_prospects(
    customers: pd.DataFrame, candidates: pd.DataFrame, prospects: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add prospects to scored customers and candidates, in the order that `models.scoring` gives both.

    Args:
        customers: the bucket's scored ones: customer_no, visits, and numbers that are not known of a prospect.
        candidates: theirs; without any popular ones there is nothing to offer a prospect, who is then left out.
        prospects: customer_no of those to add, none of them among `customers`.
    """
    popular = candidates[(candidates["sources"].to_numpy() & SOURCES["popular"]) > 0]
    first_time = customers.loc[customers["visits"] <= FIRST_TIME_VISITS, CUSTOMER_NO]
    of_first_time = popular[popular[CUSTOMER_NO].isin(first_time) & (popular["buys"] <= FIRST_TIME_VISITS)]
    known = popular if of_first_time.empty else of_first_time
    if known.empty or not len(prospects):
        return customers, candidates
    typical = known.groupby(ITEM_NO, as_index=False).agg(
        p_buy=(P_BUY, "mean"), expected_units=(EXPECTED_UNITS, "mean"), buyers_28d=("buyers_28d", "max")
    )
    typical = typical.assign(buys=0, family_buys=0, sources=SOURCES["popular"])
    added = pd.DataFrame({CUSTOMER_NO: np.sort(prospects)}).merge(typical, how="cross")
    people = pd.DataFrame({CUSTOMER_NO: np.sort(prospects), "visits": 0})
    everybody = _appended(customers, people).sort_values(CUSTOMER_NO, kind="stable", ignore_index=True)
    pairs = _appended(candidates, added)
    order = np.lexsort((pairs[ITEM_NO], -pairs[P_BUY], pairs[CUSTOMER_NO]))
    return everybody, pairs.iloc[order].reset_index(drop=True)


def _appended(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows under a frame in its columns and types; what they do not have is missing."""
    filled = {
        name: rows[name].astype(kind) if name in rows else np.full(len(rows), np.nan, dtype=kind)
        for name, kind in frame.dtypes.items()
    }
    return pd.concat([frame, pd.DataFrame(filled)], ignore_index=True)
