"""The grid on which prices of scarce things rise: items that stand in too many bundles, and suppliers' budgets."""

import numpy as np
import numpy.typing as npt

# In value: what an offer may be worth in any policy's unit; neighbours differ by 1 %. Beyond the last: at no price.
ITEM_PRICES = np.concatenate([[0.0], np.geomspace(1e-9, 1e9, 4095)])
AT_NO_PRICE = len(ITEM_PRICES)
FIRST_PRICE = 1  # next to nothing: from then on buckets tell who would bear more

Numbers = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


def in_value(price: Numbers) -> Values:
    """The value of places on the grid; infinite at no price."""
    return np.append(ITEM_PRICES, np.inf)[price]


def most_borne(value: Values) -> Numbers:
    """The highest place of the grid that each value bears."""
    return np.asarray(np.searchsorted(ITEM_PRICES, value, side="right"), dtype=np.int64)


def enough(bearable: Numbers, allowed: int, least: int) -> int:
    """The lowest place of the grid, from `least` on, at which no more than is allowed stays.

    Args:
        bearable: (AT_NO_PRICE + 1,) how much bears each place and no higher one; at a place stays what bears more than it.
        allowed: so much may stay.
        least: never less.
    """
    staying = bearable[::-1].cumsum()[::-1]
    places = np.flatnonzero(np.append(staying[1:], 0) <= allowed)
    return min(max(int(places[0]), least), AT_NO_PRICE)
