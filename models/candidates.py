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
    popular, in_family = _popular(item_table, offerable, limits)
    history.register("scored", scored[["customer_no"]])
    history.register("offerable_items", pd.DataFrame({"item_no": np.flatnonzero(offerable).astype(np.int32)}))
    history.register("popular", popular)
    history.register("popular_in_fine", in_family)
    history.register(
        "limits",
        pd.DataFrame({"own": [limits.own_history], "family": [limits.family], "popular": [limits.popular]}),
    )
    return history.execute(read_sql("candidates.sql", "models")).df()


def _popular(
    item_table: pd.DataFrame, offerable: np.ndarray, limits: CandidateLimits
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The shop's and every family's most bought items with their place: item_no, fine_no, place."""
    buyers_28d, buyers_84d = item_table["buyers_28d"].to_numpy(), item_table["buyers_84d"].to_numpy()
    bought = np.flatnonzero(offerable & (buyers_84d > 0))
    ranked = bought[np.lexsort((bought, -buyers_84d[bought], -buyers_28d[bought]))]
    fine_no = item_table["fine_no"].to_numpy()[ranked]
    by_family = np.argsort(fine_no, kind="stable")
    starts = np.flatnonzero(np.diff(fine_no[by_family], prepend=-2))
    place = np.arange(len(ranked)) - np.repeat(starts, np.diff([*starts, len(ranked)]))
    kept = (fine_no[by_family] >= 0) & (place < limits.family_items)
    shop = pd.DataFrame({"item_no": ranked[: limits.popular]}).astype("int32")
    family = pd.DataFrame({"fine_no": fine_no[by_family][kept], "item_no": ranked[by_family][kept]})
    return shop.assign(place=np.arange(1, len(shop) + 1)), family.astype("int32").assign(
        place=place[kept] + 1
    )
