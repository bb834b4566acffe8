"""A customer and the shop: how long they usually take to come back, and when they are expected next."""

from dataclasses import dataclass

import numpy as np

from models.customers.rhythm.gap_beliefs import GapBelief, GapPrior, fit_gap_prior
from models.customers.rhythm.item_cycles import ItemRhythm
from models.features.feature_matrix import FeatureMatrix

# Where nobody came twice: a week, give or take; wide enough that the first gaps soon count for more.
A_WEEK = GapPrior(log_mean=float(np.log(7.0)), between_sd=0.6, within_sd=1.0, freedom=3.0)


@dataclass(frozen=True)
class Rhythm:
    """The shop's cycles.

    Attributes:
        visits: customers' gaps between visits.
        items: their gaps between purchases of the same item.
    """

    visits: GapPrior
    items: ItemRhythm

    def gaps(self, customers: FeatureMatrix) -> GapBelief:
        """What is believed of every customer's next gap between visits."""
        return self.visits.believe(
            customers.column("visits") - 1.0,
            customers.column("gap_log_mean"),
            customers.column("gap_log_sd"),
        )

    def visit_gap_days(self, customers: FeatureMatrix) -> np.ndarray:
        """Every customer's usual gap in days, shape (n,): the median that is believed of it."""
        return self.gaps(customers).median_days()

    def next_visit_days(self, customers: FeatureMatrix) -> np.ndarray:
        """Days from `as_of` by which half of such customers are back, given the silence so far; at least 1.

        Shape (n,). It supposes that the customer returns: whether they do is the churn model's business.
        """
        return np.asarray(np.maximum(self.due_days(customers, 0.5), 1.0))

    def due_days(self, customers: FeatureMatrix, share: float) -> np.ndarray:
        """Days from `as_of` by which `share` of such customers are back; two shares make an interval. Shape (n,)."""
        return self.gaps(customers).due_in_days(customers.column("days_since_visit"), share)

    def survival(self, customers: FeatureMatrix, days: float) -> np.ndarray:
        """P(no visit for `days` more | the silence so far), shape (n,)."""
        return self.gaps(customers).stays_away(customers.column("days_since_visit"), days)

    def overdue(self, customers: FeatureMatrix) -> np.ndarray:
        """Silence in usual gaps, shape (n,): 2 is "twice as long as usual". It explains; it ranks badly."""
        return np.asarray(customers.column("days_since_visit") / self.visit_gap_days(customers))


def fit_visits(customers: FeatureMatrix) -> GapPrior:
    """Learn the shop's visits from the customers' features at one moment; a week where hardly anybody came twice."""
    return fit_gap_prior(
        customers.column("visits").astype(np.float64) - 1.0,
        customers.column("gap_log_mean").astype(np.float64),
        customers.column("gap_log_sd").astype(np.float64),
        otherwise=A_WEEK,
    )
