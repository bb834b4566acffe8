"""Which items are worth scoring for whom, and where each candidate came from.

Scoring everything for everybody would cost a night in itself: 20,000 items x 200,000 customers. A candidate
comes from one or more sources, remembered as bits, which the explanation and the evaluation read.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from models.features.history import read_sql

SOURCES = {"own_history": 1, "family": 2, "popular": 4}


@dataclass(frozen=True)
class CandidateLimits:
    """How many candidates each source may give a customer.

    Attributes:
        own_history: items the customer bought, most frequent and recent first.
        family: popular items he never bought in families he bought from in the last 84 days.
        family_items: how many items of one family may compete for those places.
        popular: the shop's items with most buyers in the last 28 days.
    """

    own_history: int = 110
    family: int = 50
    family_items: int = 8
    popular: int = 40


def find_candidates(
    history: duckdb.DuckDBPyConnection,
    scored: pd.DataFrame,
    item_table: pd.DataFrame,
    offerable: np.ndarray,
    limits: CandidateLimits,
) -> pd.DataFrame:
    """Candidates of the given customers: customer_no, item_no, sources, ordered by both keys.

    Args:
        history: an `open_history` connection.
        scored: customer_no of those who shall get candidates.
        item_table: index item_no (`models.features.items`).
        offerable: shape (items,), False for items that must not be offered to anybody.
        limits: places for each source.
    """
    allowed = item_table.loc[offerable, ["fine_no", "buyers_28d", "buyers_84d"]].reset_index()
    allowed = allowed[allowed["buyers_84d"] > 0]
    ranked = allowed.sort_values(["buyers_28d", "buyers_84d", "item_no"], ascending=[False, False, True])
    popular = ranked.head(limits.popular)[["item_no"]].assign(
        place=np.arange(1, min(limits.popular, len(ranked)) + 1)
    )
    in_family = ranked[ranked["fine_no"] >= 0]
    in_family = in_family.assign(place=in_family.groupby("fine_no").cumcount() + 1)
    in_family = in_family[in_family["place"] <= limits.family_items]

    history.register("scored", scored[["customer_no"]])
    history.register("offerable_items", pd.DataFrame({"item_no": np.flatnonzero(offerable).astype(np.int32)}))
    history.register("popular", popular)
    history.register("popular_in_fine", in_family[["fine_no", "item_no", "place"]])
    history.register(
        "limits",
        pd.DataFrame({"own": [limits.own_history], "family": [limits.family], "popular": [limits.popular]}),
    )
    return history.execute(read_sql("candidates.sql", "models")).df()
