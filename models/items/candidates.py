"""Which items are worth scoring for whom, and where each candidate came from.

Scoring everything for everybody would cost a night in itself: 20,000 items x 200,000 customers. A candidate
comes from one or more sources, remembered as bits, which the explanation and the evaluation read.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from models.features.bucket_history import read_sql
from models.features.recipe import NEIGHBOUR_FEATURES
from models.neighbours import BasketTriples, Neighbours, customer_keys, tifu_vectors
from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_NO

SOURCES = {
    "own_history": 1,
    "family": 2,
    "popular": 4,
    "neighbour": 8,
    "follow_up": 16,
    "rising": 32,
    "launched": 64,
}


# A product is new on the shelf for so many days, the first one included; then its own sales speak for it.
LAUNCH_DAYS = 28
# Standard deviations of a count by which a rising item's week exceeds its usual one.
LEAST_RISE = 2.0


@dataclass(frozen=True)
class CandidateLimits:
    """How many candidates each source may give a customer.

    Attributes:
        own_history: items the customer bought, most frequent and recent first.
        family: popular items they never bought in families they bought from in the last 84 days.
        family_items: how many items of one family may compete for those places.
        popular: the shop's items with most buyers in the last 28 days.
        neighbour: items that customers like them weigh most, beyond those of the other sources.
        follow_up: items that are bought next time after what they buy, beyond all others; those foretold best, where
            the next basket is foretold.
        rising: items whose buyers of the last 7 days most exceed the usual week of the last 84.
        launched: products on sale for less than LAUNCH_DAYS, of families they bought from in the last 84 days, whether
            or not anybody has bought them yet.
    """

    own_history: int = 40
    family: int = 10
    family_items: int = 8
    popular: int = 30
    neighbour: int = 20
    follow_up: int = 10
    rising: int = 10
    launched: int = 3


def find_candidates(
    history: duckdb.DuckDBPyConnection,
    scored: pd.DataFrame,
    item_table: pd.DataFrame,
    offerable: np.ndarray,
    launched: np.ndarray,
    limits: CandidateLimits,
) -> pd.DataFrame:
    """Candidates of the given customers: customer_no, item_no, sources, ordered by both keys.

    Args:
        history: an `open_history` connection.
        scored: customer_no of those who shall get candidates.
        item_table: index item_no (`models.features.item_statistics`).
        offerable: shape (items,), False for items that must not be offered to anybody.
        launched: shape (items,), True for items that are new on the shelf.
        limits: places for each source.
    """
    popular, in_family = _popular(item_table, offerable, limits)
    history.register("rising", _rising(item_table, offerable, limits.rising))
    history.register("scored", scored[[CUSTOMER_NO]])
    history.register("offerable_items", pd.DataFrame({ITEM_NO: np.flatnonzero(offerable).astype(np.int32)}))
    fine_no = item_table["fine_no"].to_numpy()
    new = np.flatnonzero(offerable & launched & (fine_no >= 0)).astype(np.int32)
    history.register("launched_items", pd.DataFrame({ITEM_NO: new, "fine_no": fine_no[new]}))
    history.register("popular", popular)
    history.register("popular_in_fine", in_family)
    history.register(
        "limits",
        pd.DataFrame(
            {
                "own": [limits.own_history],
                "family": [limits.family],
                "popular": [limits.popular],
                "launched": [limits.launched],
            }
        ),
    )
    return history.execute(read_sql("candidates.sql", "models.items")).df()


def add_neighbours(
    candidates: pd.DataFrame,
    neighbours: Neighbours,
    baskets: BasketTriples,
    customers: pd.DataFrame,
    offerable: np.ndarray,
    limits: CandidateLimits,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Add what customers like them weigh most and what follows what they buy, and score every candidate by both.

    Args:
        candidates: from `find_candidates`.
        neighbours: the reference and its parameters.
        baskets: purchases of `customers` (`models.features.visit_baskets`).
        customers: customer_no, ascending, and customer_id of those with candidates.
        offerable: shape (items,).
        limits: items to add for each customer.

    Returns:
        The candidates, and NEIGHBOUR_FEATURES of each, shape (n, 6); items that no reference customer knows have 0.
    """
    reference, items = neighbours.reference, len(offerable)
    column = np.full(items, len(reference.item_no))
    column[reference.item_no] = np.arange(len(reference.item_no))
    allowed = offerable[reference.item_no]
    numbers = customers[CUSTOMER_NO].to_numpy()
    pair = np.searchsorted(numbers, candidates[CUSTOMER_NO]) * items + candidates[ITEM_NO].to_numpy()
    sources = candidates["sources"].to_numpy()
    starts = np.searchsorted(pair, np.arange(len(numbers) + 1) * items)
    keys = customer_keys(customers[CUSTOMER_ID], reference.seed)
    follows = 3 if neighbours.rules.foretold_items else 2
    pairs, bits, scores = [], [], []
    for rows, *block in neighbours.scores(baskets, keys):
        known = slice(starts[rows.start], starts[rows.stop])
        here, bit = pair[known], sources[known]
        for score, source, places in (
            (block[0], SOURCES["neighbour"], limits.neighbour),
            (block[follows], SOURCES["follow_up"], limits.follow_up),
        ):
            row, best = _best_columns(score, here - rows.start * items, column, allowed, places)
            here = np.concatenate([here, (row + rows.start) * items + reference.item_no[best]])
            bit = np.concatenate([bit, np.full(len(row), source, dtype=sources.dtype)])
        order = np.argsort(here, kind="stable")
        pairs.append(here[order])
        bits.append(bit[order])
        row, item_no = np.divmod(pairs[-1] - rows.start * items, items)
        scores.append([np.pad(score, ((0, 0), (0, 1)))[row, column[item_no]] for score in block])
    if not pairs:
        return candidates, np.zeros((0, len(NEIGHBOUR_FEATURES)), dtype=np.float32)
    customer, item_no = np.divmod(np.concatenate(pairs), items)
    own = tifu_vectors(baskets, neighbours.rules.tifu)[customer, item_no]
    found_all = pd.DataFrame(
        {
            CUSTOMER_NO: numbers[customer],
            ITEM_NO: item_no.astype(np.int32),
            "sources": np.concatenate(bits),
        }
    )
    return found_all, np.column_stack([own, np.concatenate(scores, axis=1).T]).astype(np.float32)


def _best_columns(
    score: np.ndarray, known: np.ndarray, column: np.ndarray, allowed: np.ndarray, places: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of each row's best scores above 0 that are allowed and not known yet.

    Args:
        score: (rows, columns).
        known: row * items + item_no of candidates there are already.
        column: (items,) the item's column, or one beyond the last.
        allowed: (columns,).
        places: at most so many for each row.
    """
    left = np.where(np.append(allowed, False), np.pad(score, ((0, 0), (0, 1))), 0.0)
    row, item_no = np.divmod(known, len(column))
    left[row, column[item_no]] = 0.0
    places = min(places, left.shape[1])
    best = np.argpartition(-left, places - 1, axis=1)[:, :places] if places else np.zeros((len(left), 0), int)
    best_row = np.repeat(np.arange(len(left)), places)
    positive = left[best_row, best.ravel()] > 0
    return best_row[positive], best.ravel()[positive]


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
    shop = pd.DataFrame({ITEM_NO: ranked[: limits.popular]}).astype("int32")
    family = pd.DataFrame({"fine_no": fine_no[by_family][kept], ITEM_NO: ranked[by_family][kept]})
    return shop.assign(place=np.arange(1, len(shop) + 1)), family.astype("int32").assign(
        place=place[kept] + 1
    )


def _rising(item_table: pd.DataFrame, offerable: np.ndarray, places: int) -> pd.DataFrame:
    """Items whose buyers of the last week are most above chance's reach of a usual week: item_no.

    A season's items are among them as soon as it begins, in a shop of any age.
    """
    week = item_table["buyers_7d"].to_numpy(dtype=np.float64)
    usual = item_table["buyers_84d"].to_numpy(dtype=np.float64) / (84 / 7)
    above = np.where(offerable, (week - usual) / np.sqrt(usual + 1.0), 0.0)
    best = np.lexsort((np.arange(len(above)), -above))[:places]
    return pd.DataFrame({ITEM_NO: best[above[best] > LEAST_RISE].astype(np.int32)})
