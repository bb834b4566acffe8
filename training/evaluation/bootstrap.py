"""Intervals by resampling customers: a customer is drawn with all that they did on all cuts.

Customers are independent of each other, a customer's items, slots and weeks are not; so the customer is what is
drawn (the cluster bootstrap; Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8).
Every measure and every method is judged on the same draws, which makes differences paired.
"""

from dataclasses import dataclass

import numpy as np

# Enough for 97.5 % intervals: a dozen draws lie beyond each end.
DRAWS = 1000
_CHUNK = 100


@dataclass(frozen=True)
class Interval:
    """A figure with the range that holds the true one in `level` of all such evaluations."""

    value: float
    low: float
    high: float
    level: float

    @property
    def below_zero(self) -> bool:
        """The whole interval is negative."""
        return self.high < 0

    @property
    def above_zero(self) -> bool:
        """The whole interval is positive."""
        return self.low > 0


class Resamples:
    """How often each of n customers was drawn in each of the draws.

    Args:
        customers: how many there are.
        rng: where the draws come from.
        draws: how many.
    """

    def __init__(self, customers: int, rng: np.random.Generator, draws: int = DRAWS) -> None:
        self.counts = np.zeros((draws, customers), dtype=np.float32)
        for start in range(0, draws, _CHUNK):
            rows = min(_CHUNK, draws - start)
            drawn = rng.integers(0, max(customers, 1), size=(rows, customers))
            flat = (drawn + customers * np.arange(rows)[:, None]).ravel()
            self.counts[start : start + rows] = np.bincount(flat, minlength=rows * customers).reshape(
                rows, customers
            )

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum over the customers drawn, shape (draws,), of one value a customer, shape (customers,)."""
        return np.asarray(self.counts @ values.astype(np.float32), dtype=np.float64)

    def ratio(self, over: np.ndarray, under: np.ndarray, level: float) -> Interval:
        """Sum of `over` / sum of `under`, one of each a customer: a mean, a rate, a relative error.

        The interval is that of the draws' quantiles; draws without anything under the line do not count. NaN
        where nobody has anything under the line.
        """
        return _interval(_divided(over.sum(), under.sum()), self._ratios(over, under), level)

    def difference(
        self, one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray], level: float
    ) -> Interval:
        """One ratio less another on the same draws; each is a pair (over, under)."""
        value = _divided(one[0].sum(), one[1].sum()) - _divided(other[0].sum(), other[1].sum())
        return _interval(value, self._ratios(*one) - self._ratios(*other), level)

    def _ratios(self, over: np.ndarray, under: np.ndarray) -> np.ndarray:
        return _divided(self.sums(over), self.sums(under))


def _divided(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(under != 0, over / under, np.nan), dtype=np.float64)


def _interval(value: np.ndarray, draws: np.ndarray, level: float) -> Interval:
    known = draws[np.isfinite(draws)]
    if not len(known) or not np.isfinite(value):
        return Interval(float(value), float("nan"), float("nan"), level)
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(value), float(low), float(high), level)
