"""The budget is kept, by its shadow price: each customer takes the level whose value most exceeds that price x cost.

The shadow price is the budget's dual, what a bundle must be worth for each unit of its cost; nobody pays it at a till.
This is the Lagrangian relaxation of the multiple-choice knapsack (Sinha and Zoltners 1979): with many customers
the loss against the exact optimum is at most one customer's bundle. The shadow price is sought on a fixed geometric
grid, so each bucket contributes one vector of whole numbers, the planned cost at every shadow price; the vectors are
summed in any order, and the lowest one whose sum the allowance covers is taken. Memory does not grow with
customers, and the plan never exceeds the allowance.

As the shadow price falls a customer moves along the upper hull of their (cost, value) levels. A level is therefore
stored as the number of shadow prices on the grid below which it, or a costlier one, is taken: its reach.
"""

import numpy as np
import numpy.typing as npt

from models.ground.errors import BadInput

# In value per thousandth of a minor unit, free first; neighbours differ by 0.9 %. The last index is no
# price but "nothing for anybody", so that some index always fits the allowance.
SHADOW_PRICES = np.concatenate([[0.0], np.geomspace(1e-13, 1e3, 4095)])
NOTHING = len(SHADOW_PRICES)


def reaches(value: npt.NDArray[np.float64], cost_milli: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return for every customer and level the number of shadow prices below which it or a costlier one is taken.

    Args:
        value: (n, L) with 0 in the first column, no bundle; minus infinity where a level does not exist.
        cost_milli: (n, L) expected cost with 0 in the first column.

    Returns:
        (n, L): NOTHING + 1 for no bundle, 0 for a level that no shadow price selects.

    """
    rows = np.arange(len(value))
    reach: npt.NDArray[np.int64] = np.zeros(value.shape, dtype=np.int64)
    reach[:, 0] = NOTHING + 1
    current = np.zeros(len(value), dtype=np.int64)
    for _ in range(value.shape[1] - 1):
        gain = value - value[rows, current][:, None]
        extra = cost_milli - cost_milli[rows, current][:, None]
        better = (gain > 0) & (extra >= 0)
        threshold = np.full(value.shape, -np.inf)
        np.divide(gain, extra, out=threshold, where=better & (extra > 0))
        threshold[better & (extra == 0)] = np.inf
        best = threshold.argmax(axis=1)
        count = np.searchsorted(SHADOW_PRICES, threshold[rows, best], side="left")
        count = np.minimum(count, np.minimum(reach[rows, current], NOTHING))
        moves = count > 0
        # A level left at the very shadow price at which it is reached is never taken.
        skipped = moves & (count == reach[rows, current])
        reach[rows[skipped], current[skipped]] = 0
        reach[rows[moves], best[moves]] = count[moves]
        current = np.where(moves, best, current)
    return reach


def taken_levels(reach: npt.NDArray[np.int64], shadow_price_index: int) -> npt.NDArray[np.int64]:
    """Return the level that each customer takes at a shadow price: of those still reached, the one reached least far."""
    still = np.where(reach > shadow_price_index, reach, NOTHING + 2)
    return np.asarray(still.argmin(axis=1), dtype=np.int64)


def planned_cost(reach: npt.NDArray[np.int64], cost_milli: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the bucket's expected cost at every shadow price's index, (NOTHING + 1,), never rising."""
    order = np.argsort(-reach, axis=1, kind="stable")
    sorted_reach = np.take_along_axis(reach, order, axis=1)
    sorted_cost = np.take_along_axis(cost_milli, order, axis=1)
    used = sorted_reach[:, 1:] > 0
    steps = np.zeros(NOTHING + 1, dtype=np.int64)
    np.add.at(steps, sorted_reach[:, 1:][used] - 1, np.diff(sorted_cost, axis=1)[used])
    return steps[::-1].cumsum()[::-1]


def find_shadow_price(planned_milli: npt.NDArray[np.int64], allowance_milli: int) -> int:
    """Return the index of the lowest shadow price whose planned cost, summed over all buckets, the allowance covers."""
    if allowance_milli < 0:
        raise BadInput(f"expected an allowance of zero or more, got {allowance_milli} thousandths")
    return int(np.argmax(planned_milli <= allowance_milli))


def shadow_price_per_minor(shadow_price_index: int) -> float:
    """Return a shadow price in value per minor unit of expected discount; infinite where nothing is affordable."""
    return float(SHADOW_PRICES[shadow_price_index] * 1000) if shadow_price_index < NOTHING else float("inf")
