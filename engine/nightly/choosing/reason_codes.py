"""Why an item is in a bundle: a code and its number, the strongest thing that the data says.

The codes are found for the final slots only; `engine.wording` has the sentences of each. A reason names only what the
data says of this customer and item; it is not a claim about what the discount changes.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.items.candidates import SOURCES

# A rhythm is worth telling from three purchases on, while it is neither early nor given up.
MIN_BUYS_FOR_RHYTHM = 3
DUE_FROM, DUE_TO, GIVEN_UP = 0.75, 2.0, 4.0
MIN_BUYS_FOR_OFTEN = 3
MIN_BUYERS_FOR_POPULAR = 10
SHORTEST_GAP_DAYS = 0.5  # reads as 1

REASONS = (
    "due_now",
    "overdue",
    "bought_often",
    "bought_before",
    "new_on_shelf",
    "new_in_family",
    "alike",
    "goes_with",
    "rising",
    "popular",
    "something_new",
)


def find_reasons(
    candidates: pd.DataFrame, has_family: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return every slot's reason, a place in REASONS, and its number.

    Args:
        candidates: buys, days_since_buy, item_gap_days and item_overdue (NaN where unknown), family_buys,
            buyers_28d, sources. The rhythm decides what is due; the number that is told is the customer's own.
        has_family: whether the item's family has a name.

    """
    buys = candidates["buys"].to_numpy(dtype=np.float64)
    gap = candidates["item_gap_days"].to_numpy(dtype=np.float64)
    since = candidates["days_since_buy"].to_numpy(dtype=np.float64)
    family_buys = candidates["family_buys"].to_numpy(dtype=np.float64)
    buyers = candidates["buyers_28d"].to_numpy(dtype=np.float64)
    overdue = candidates["item_overdue"].to_numpy(dtype=np.float64)
    regular = (buys >= MIN_BUYS_FOR_RHYTHM) & (gap >= SHORTEST_GAP_DAYS)
    tests = [
        regular & (overdue >= DUE_FROM) & (overdue <= DUE_TO),
        regular & (overdue > DUE_TO) & (overdue <= GIVEN_UP),
        buys >= MIN_BUYS_FOR_OFTEN,
        buys > 0,
        ((candidates["sources"].to_numpy() & SOURCES["launched"]) > 0) & has_family,
        (family_buys > 0) & has_family,
        (candidates["sources"].to_numpy() & SOURCES["neighbour"]) > 0,
        (candidates["sources"].to_numpy() & SOURCES["follow_up"]) > 0,
        (candidates["sources"].to_numpy() & SOURCES["rising"]) > 0,
        buyers >= MIN_BUYERS_FOR_POPULAR,
    ]
    code = np.select(tests, range(len(tests)), len(tests)).astype(np.uint8)
    number = np.select(
        tests, [np.floor(gap + 0.5), since, buys, buys, family_buys, family_buys, *[buyers] * 4], buyers
    )
    return code, np.nan_to_num(number).astype(np.int64)
