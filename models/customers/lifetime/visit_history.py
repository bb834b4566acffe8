"""What the buy-till-you-die models know of a customer: how often they came back, when last, how long known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.features.feature_matrix import FeatureMatrix

DAYS_A_WEEK = 7.0
# The part of the past that tells whether a customer's rate is rising: the columns visits_84d and tenure_days.
RECENT_WEEKS = 12.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class VisitHistory:
    """n customers' visits before a moment; a visit is a day with a purchase.

    Attributes:
        repeats: (n,) visits after the first one, the literature's x.
        last_weeks: (n,) weeks from the first visit to the last one, t_x; 0 where there was one visit.
        age_weeks: (n,) weeks from the first visit to the moment, T.
        recent_repeats: (n,) those of the last RECENT_WEEKS.
    """

    repeats: Floats
    last_weeks: Floats
    age_weeks: Floats
    recent_repeats: Floats

    def __len__(self) -> int:
        """Number of customers."""
        return len(self.repeats)

    def take(self, rows: npt.NDArray[np.bool_]) -> "VisitHistory":
        """The given customers."""
        return VisitHistory(
            self.repeats[rows], self.last_weeks[rows], self.age_weeks[rows], self.recent_repeats[rows]
        )


def visit_history(customers: FeatureMatrix) -> VisitHistory:
    """The history of customers from their features (`models.features`: visits, tenure, days since the last visit)."""
    visits, tenure, since, recent = (
        customers.column(name).astype(np.float64)
        for name in ("visits", "tenure_days", "days_since_visit", "visits_84d")
    )
    first_is_recent = tenure <= RECENT_WEEKS * DAYS_A_WEEK
    return VisitHistory(
        repeats=visits - 1.0,
        last_weeks=(tenure - since) / DAYS_A_WEEK,
        age_weeks=tenure / DAYS_A_WEEK,
        recent_repeats=np.maximum(recent - first_is_recent, 0.0),
    )
