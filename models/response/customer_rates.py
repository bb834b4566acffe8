"""What a customer does, from counts, with what is not known of it: visits a week, lapses a week, margin a visit.

A rate is a gamma's draw and what was counted is Poisson of it (Robbins 1956, as in Fader and Hardie's NBD): the shop's
customers tell the gamma, and each one's own weeks move it. A mean is a normal's draw around the shop's (Efron and Morris,
1975). Both are shrunk the more, the less was seen.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.customers.rhythm.gap_beliefs import fit_centre
from models.response.elasticities import Doubles

# A gamma's shape, within what counts can tell apart: below, most customers would be at 0; above, all would be alike.
_SHAPES = 0.05, 100.0
_FEWEST = 10  # customers with two visits or more, below which a shop's spread of margins is not told
_LEAST_SPREAD = 1e-3


@dataclass(frozen=True)
class CustomerRates:
    """Events a week of n customers: posterior mean and standard deviation, shape (n,), and the shop's gamma.

    Attributes:
        mean, sd: of each customer's rate.
        shape, weeks: of the gamma: its mean is shape / weeks.
    """

    mean: Doubles
    sd: Doubles
    shape: float
    weeks: float


@dataclass(frozen=True)
class CustomerMeans:
    """A mean a visit of n customers: posterior mean and standard deviation, shape (n,), and the shop's normal."""

    mean: Doubles
    sd: Doubles
    centre: float
    spread: float


def shrunk_rates(counts: npt.ArrayLike, weeks: npt.ArrayLike) -> CustomerRates:
    """Rates of events from counts: visits, or silences that a customer fell into.

    The gamma is told by moments: its mean is the pooled rate, its variance what counts vary beyond Poisson.

    Args:
        counts: (n,) events of each customer.
        weeks: (n,) for how long each was watched, above 0; for lapses, the weeks in which they were customers.

    Raises:
        ValueError: nobody was watched, or a count or a time is none.
    """
    seen, watched = np.asarray(counts, dtype=np.float64), np.asarray(weeks, dtype=np.float64)
    if not len(seen) or not ((seen >= 0).all() and (watched > 0).all()):
        raise ValueError("expected customers with counts of 0 or more in weeks above 0")
    total, all_weeks = seen.sum(), watched.sum()
    # Half an event more where nothing happened at all: a rate of exactly nothing is never known.
    pooled = max(total, 0.5) / all_weeks
    between = (((seen - pooled * watched) ** 2).sum() - total) / (watched**2).sum()
    shape = float(np.clip(pooled**2 / between if between > 0 else _SHAPES[1], *_SHAPES))
    known = shape / pooled
    mean = (shape + seen) / (known + watched)
    return CustomerRates(mean, np.sqrt(shape + seen) / (known + watched), shape, float(known))


def shrunk_means(sums: npt.ArrayLike, squares: npt.ArrayLike, visits: npt.ArrayLike) -> CustomerMeans:
    """Means a visit, such as margin, from each customer's sums.

    The spread within a customer is pooled over all; that between them is Paule and Mandel's.

    Args:
        sums: (n,) of the value over the customer's visits.
        squares: (n,) of its square.
        visits: (n,) how many, 0 or more.

    Raises:
        ValueError: nobody has ever come.
    """
    total, square = np.asarray(sums, dtype=np.float64), np.asarray(squares, dtype=np.float64)
    count = np.asarray(visits, dtype=np.float64)
    if not (count > 0).any():
        raise ValueError("expected at least one customer with a visit")
    own = total / np.maximum(count, 1.0)
    freedom = np.maximum(count - 1.0, 0.0)
    within = float(np.maximum(square - count * own**2, 0.0).sum() / max(freedom.sum(), 1.0))
    told = count > 1
    centre, spread = float(total.sum() / count.sum()), float(np.sqrt(within))
    if told.sum() >= _FEWEST and within > 0:
        centre, spread = fit_centre(own[told], within / count[told])
    # A shop in which every visit is worth the same has no spread at all, and still no certainty of the next one.
    spread, within = max(spread, _LEAST_SPREAD), max(within, _LEAST_SPREAD**2)
    precision = 1 / spread**2 + count / within
    weight = count / within / precision
    return CustomerMeans(centre + weight * (own - centre), np.sqrt(1 / precision), centre, spread)
