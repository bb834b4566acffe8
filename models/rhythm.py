"""Purchase cycles: how long a customer usually takes to come back.

For now one figure a customer, the median gap between visits, shrunk on the log scale towards the shop's
median with the weight of PRIOR_GAPS gaps (the posterior mean of a normal with a known prior weight), so that
two visits do not make a cycle.
"""

from dataclasses import dataclass

import numpy as np

from models.features.matrix import FeatureMatrix

PRIOR_GAPS = 3.0
# The quantile-free spread of log gaps that a customer with one gap is assumed to have.
MIN_LOG_SD = 0.3


@dataclass(frozen=True)
class Rhythm:
    """The shop's cycle, learnt from every customer's gaps.

    Attributes:
        gap_median_days: median over customers of their median gap between visits.
        gap_log_sd: median over customers of the standard deviation of their log gaps.
    """

    gap_median_days: float
    gap_log_sd: float

    def visit_gap_days(self, customers: FeatureMatrix) -> np.ndarray:
        """Every customer's shrunken median gap in days, shape (n,)."""
        gaps = np.maximum(customers.column("visits").astype(np.float64) - 1.0, 0.0)
        own = np.log(np.nan_to_num(customers.column("gap_median_days"), nan=self.gap_median_days).clip(1.0))
        shop = np.log(self.gap_median_days)
        return np.asarray(np.exp((gaps * own + PRIOR_GAPS * shop) / (gaps + PRIOR_GAPS)))

    def next_visit_days(self, customers: FeatureMatrix) -> np.ndarray:
        """Expected days from `as_of` to the next visit, at least 1, shape (n,).

        A customer who is past his gap is expected within the next day: being late tells about leaving
        (the churn model's business), not about the day on which a returning customer returns.
        """
        left = self.visit_gap_days(customers) - customers.column("days_since_visit").astype(np.float64)
        return np.asarray(np.maximum(left, 1.0))


def fit_rhythm(customers: FeatureMatrix) -> Rhythm:
    """Learn the shop's cycle from the customers' features at one moment; a week where nobody came twice."""
    medians = customers.column("gap_median_days")
    spreads = customers.column("gap_log_sd")
    medians, spreads = medians[~np.isnan(medians)], spreads[~np.isnan(spreads)]
    return Rhythm(
        gap_median_days=float(np.median(medians)) if len(medians) else 7.0,
        gap_log_sd=max(float(np.median(spreads)), MIN_LOG_SD) if len(spreads) else 1.0,
    )
