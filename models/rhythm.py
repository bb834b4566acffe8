"""Purchase cycles: how long a customer usually takes to come back.

A customer's gaps between visits are taken as log-normal. The centre of his log gaps is his median gap, the
spread their standard deviation, both shrunk towards the shop's with the weight of PRIOR_GAPS gaps (the
posterior mean under a normal prior of that weight), so that two visits do not make a cycle.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

from models.features.matrix import FeatureMatrix

PRIOR_GAPS = 3.0
# Nobody is a clock: a customer who came twice after exactly seven days still gets some spread.
MIN_LOG_SD = 0.3
# A visit earlier on the day of `as_of` counts as half a day ago.
MIN_SILENCE_DAYS = 0.5


@dataclass(frozen=True)
class Rhythm:
    """The shop's cycle, learnt from every customer's gaps.

    Attributes:
        gap_median_days: median over customers of their median gap between visits.
        gap_log_sd: median over customers of the standard deviation of their log gaps.
    """

    gap_median_days: float
    gap_log_sd: float

    def log_gaps(self, customers: FeatureMatrix) -> tuple[np.ndarray, np.ndarray]:
        """Centre and spread of every customer's log gap, shrunken; two arrays of shape (n,)."""
        weight = np.maximum(customers.column("visits").astype(np.float64) - 1.0, 0.0)
        own_gap = np.nan_to_num(customers.column("gap_median_days"), nan=self.gap_median_days)
        own_sd = np.nan_to_num(customers.column("gap_log_sd").astype(np.float64), nan=self.gap_log_sd)
        total = weight + PRIOR_GAPS
        centre = (weight * np.log(own_gap.clip(1.0)) + PRIOR_GAPS * np.log(self.gap_median_days)) / total
        spread = np.sqrt((weight * own_sd**2 + PRIOR_GAPS * self.gap_log_sd**2) / total)
        return centre, spread.clip(MIN_LOG_SD)

    def visit_gap_days(self, customers: FeatureMatrix) -> np.ndarray:
        """Every customer's shrunken median gap in days, shape (n,)."""
        return np.asarray(np.exp(self.log_gaps(customers)[0]))

    def next_visit_days(self, customers: FeatureMatrix) -> np.ndarray:
        """Days from `as_of` by which half of such customers are back: the median given the silence so far.

        With S the survival function of the gap and g the days since the last visit, the t that solves
        S(g + t) = S(g) / 2; at least 1. Shape (n,). It supposes that the customer returns: whether he does is
        the churn model's business.
        """
        centre, spread = self.log_gaps(customers)
        silence = self._silence(customers)
        # in logarithms, because S(g) of a long silence is too small to be told from zero
        half_left = log_ndtr(-(np.log(silence) - centre) / spread) - np.log(2.0)
        back = np.exp(centre - spread * ndtri_exp(half_left))
        return np.asarray(np.maximum(back - silence, 1.0))

    def survival(self, customers: FeatureMatrix, days: float) -> np.ndarray:
        """P(no visit for `days` more | the silence so far) = S(g + days) / S(g), shape (n,)."""
        centre, spread = self.log_gaps(customers)
        silence = self._silence(customers)
        now = log_ndtr(-(np.log(silence) - centre) / spread)
        then = log_ndtr(-(np.log(silence + days) - centre) / spread)
        return np.asarray(np.exp(then - now))

    @staticmethod
    def _silence(customers: FeatureMatrix) -> np.ndarray:
        return np.asarray(
            np.maximum(customers.column("days_since_visit").astype(np.float64), MIN_SILENCE_DAYS)
        )


def fit_rhythm(customers: FeatureMatrix) -> Rhythm:
    """Learn the shop's cycle from the customers' features at one moment; a week where nobody came twice."""
    medians = customers.column("gap_median_days")
    spreads = customers.column("gap_log_sd")
    medians, spreads = medians[~np.isnan(medians)], spreads[~np.isnan(spreads)]
    return Rhythm(
        gap_median_days=float(np.median(medians)) if len(medians) else 7.0,
        gap_log_sd=max(float(np.median(spreads)), MIN_LOG_SD) if len(spreads) else 1.0,
    )
