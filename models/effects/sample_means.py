"""Shares and means of a group from sums alone, each with its interval: groups can be counted bucket by bucket.

Shares have Wilson's interval (1927), which says something of none and of all, too; means have Student's.
"""

import numpy as np

from models.effects.estimate import Estimate
from models.ground.errors import BadInput

_Z = 1.959964


def wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's interval of a share of n, which holds the true share in 95 of 100 such groups."""
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def mean_of_sums(n: int, total: float, squares: float) -> Estimate:
    """A mean from how many there are, their sum and the sum of their squares.

    Raises:
        BadInput: fewer than two, which have no spread.
    """
    if n < 2:  # noqa: PLR2004 - one alone has no spread
        raise BadInput(f"expected at least 2 values to take a mean of, got {n}")
    mean = total / n
    variance = max(squares - n * mean * mean, 0.0) / (n - 1)
    return Estimate(mean, float(np.sqrt(variance / n)), n - 1.0)
