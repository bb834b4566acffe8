"""What customers were offered before tonight, as the rules of rotation read it; kept in the snapshot of the run."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_ID, ITEM_NO

# customer_id; item_id; the customer's bundles since, 1 for their last one; days since its begin and its end; whether the
# item was used; whether nobody saw it, because they get nothing by lot
COLUMNS = (CUSTOMER_ID, ITEM_ID, "bundles_ago", "begun_days", "ended_days", "used", "shadow")
NEVER = np.iinfo(np.int64).max
Numbers = npt.NDArray[np.int64]


def nothing_offered() -> pd.DataFrame:
    """No row of COLUMNS."""
    return pd.DataFrame(columns=list(COLUMNS))


@dataclass(frozen=True)
class Recalled:
    """N candidates against what their customers were offered before, each (N,).

    Attributes:
        bundles_ago: of the last bundle with an item of the candidate's group, 1 for the last one; NEVER where there is none.
        ended_days: days since the end of the last such bundle; NEVER likewise.
    """

    bundles_ago: Numbers
    ended_days: Numbers


def recall(
    rows: pd.DataFrame,
    customers: pd.DataFrame,
    candidates: pd.DataFrame,
    item_id: npt.NDArray[np.object_],
    group: Numbers,
) -> Recalled:
    """Find what was offered of each candidate's group.

    Args:
        rows: COLUMNS.
        customers: customer_no (ascending), customer_id.
        candidates: customer_no, item_no.
        item_id: by item_no.
        group: (I,) of each item; below 0 for an item of no group.
    """
    keys, kept = placed(rows, customers, item_id, group)
    theirs = rows[kept]
    found, first = np.unique(keys[kept], return_inverse=True)
    least = {}
    for name in ("bundles_ago", "ended_days"):
        least[name] = np.full(len(found), NEVER)
        np.minimum.at(least[name], first, theirs[name].to_numpy(dtype=np.int64))
    wanted = keys_of(customers, candidates, group)
    return Recalled(*(_looked_up(found, least[name], wanted) for name in ("bundles_ago", "ended_days")))


def keys_of(customers: pd.DataFrame, candidates: pd.DataFrame, group: Numbers) -> Numbers:
    """(N,) one number for each customer and group; below 0 where the candidate has no group."""
    numbers = customers[CUSTOMER_NO].to_numpy(dtype=np.int64)
    owner = np.searchsorted(numbers, candidates[CUSTOMER_NO].to_numpy(dtype=np.int64))
    theirs = group[candidates[ITEM_NO].to_numpy(dtype=np.int64)]
    return np.where(theirs < 0, -1, owner * _groups(group) + theirs)


def placed(
    rows: pd.DataFrame, customers: pd.DataFrame, item_id: npt.NDArray[np.object_], group: Numbers
) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """The same number for each row, and which rows are of tonight's customers and of items that have a group."""
    owner = pd.Index(customers[CUSTOMER_ID]).get_indexer(pd.Index(rows[CUSTOMER_ID]))
    item = pd.Index(item_id).get_indexer(pd.Index(rows[ITEM_ID]))
    theirs = np.where(item < 0, -1, np.append(group, -1)[item])
    return owner * _groups(group) + theirs, (owner >= 0) & (theirs >= 0)


def _groups(group: Numbers) -> int:
    return int(group.max(initial=0)) + 1


def _looked_up(found: Numbers, values: Numbers, wanted: Numbers) -> Numbers:
    if len(found) == 0:
        return np.full(len(wanted), NEVER)
    place = np.minimum(np.searchsorted(found, wanted), len(found) - 1)
    return np.where(found[place] == wanted, values[place], NEVER)
