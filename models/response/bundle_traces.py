"""What bundles leave behind with each customer, in bundle-weeks, and what lots alone make expected of it.

A trace grows with a bundle's week and fades with a half-life (`visit_effects.HALF_LIFE_DAYS`). Its mean follows from the
chances alone, so the difference is what a lot did, whatever the chances were.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.response.elasticities import Doubles, Ints
from models.response.visit_effects import HALF_LIFE_DAYS, NEXT_WEEK

_WEEK = 7


@dataclass
class BundleTraces:
    """Traces of n customers as they were on a day of each; kept up to date bundle by bundle."""

    trace: Doubles
    usual: Doubles
    day: Ints

    @classmethod
    def none(cls, customers: int) -> "BundleTraces":
        """Before the first bundle."""
        return cls(np.zeros(customers), np.zeros(customers), np.zeros(customers, dtype=np.int64))

    def at(self, rows: Ints, days: npt.ArrayLike) -> tuple[Doubles, Doubles]:
        """Traces of some customers on their days, and their means by the lots."""
        fading = 0.5 ** (np.maximum(np.asarray(days) - self.day[rows], 0) / HALF_LIFE_DAYS)
        return self.trace[rows] * fading, self.usual[rows] * fading

    def leave(
        self, rows: Ints, starts: npt.ArrayLike, ends: npt.ArrayLike, exposed: npt.ArrayLike, chance: Doubles
    ) -> None:
        """Add bundles over days [starts, ends) that some customers had, by a chance."""
        starts, ends = np.broadcast_to(starts, rows.shape), np.broadcast_to(ends, rows.shape)
        trace, usual = self.at(rows, ends)
        grown = NEXT_WEEK * (ends - starts) / _WEEK
        self.trace[rows], self.usual[rows] = trace + grown * np.asarray(exposed), usual + grown * chance
        self.day[rows] = np.maximum(ends, self.day[rows])
