"""Visits and money over a horizon with intervals: Pareto/NBD and Gamma-Gamma, put right by the shop's own past.

The expectation of the Pareto/NBD model is corrected twice, both times by what was learnt on an inner cut of the
history (`training.fitting.lifetime_likelihood`), never on what is to be predicted:

    expected = level x PNBD(history, horizon) x tilt,   tilt = ((recent + 1) / (usual + 1))^trend

where `recent` are the customer's repeats of the last 12 weeks and `usual` what their own lifetime rate would have
given in that time: the model supposes a rate that never changes, shops know better. Intervals come from the
distribution it implies: nothing with P(gone), else a negative binomial around the expectation.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, nbdtrik

from models.customers.lifetime.gammagamma import GammaGamma
from models.customers.lifetime.paretonbd import ParetoNbd
from models.customers.lifetime.visit_history import DAYS_A_WEEK, RECENT_WEEKS, Floats, VisitHistory

# Bounds of the interval that is reported: eight in ten customers end up between them.
LOW, HIGH = 0.1, 0.9
# Places in the distribution whose mean is the typical number of visits: all but the upper twentieth, which holds
# the few who come very often, and the lower third, which is nothing for most.
TYPICAL = tuple(np.linspace(0.35, 0.95, 13).tolist())
NO_VISITS = 1e-9


@dataclass(frozen=True)
class Outlook:
    """What n customers will do within the horizon; arrays of shape (n,).

    Attributes:
        p_alive: P(not gone), to explain with; no score of churn.
        visits: expected visits.
        visits_low, visits_high: whole numbers that eight in ten customers' visits end up between, ends included.
        spend_minor: expected money at the prices paid.
        spend_low_minor, spend_high_minor: the same interval for money.
    """

    p_alive: Floats
    visits: Floats
    visits_low: Floats
    visits_high: Floats
    spend_minor: Floats
    spend_low_minor: Floats
    spend_high_minor: Floats


@dataclass(frozen=True)
class LifetimeModel:
    """Everything fitted.

    Attributes:
        visits: how often, and until when.
        spend: how much a visit.
        horizon_days: for which the corrections were learnt.
        level: factor on every expectation, observed over expected on the inner cut; 1 where there was none.
        trend: power of the tilt, from 0 (rates never change) to 1 (only the last weeks count).
        dispersion: factor on the shape of the negative binomial; below 1 real visits vary more than the model says.
        typical_level: factor that lets typical visits add up to expected ones.
    """

    visits: ParetoNbd
    spend: GammaGamma
    horizon_days: int
    level: float
    trend: float
    dispersion: float
    typical_level: float

    def expected_visits(self, history: VisitHistory, days: float) -> Floats:
        """E[visits within `days`], shape (n,)."""
        return self._expected(history, self.visits.p_alive(history), days)

    def typical_visits(self, history: VisitHistory, days: float) -> Floats:
        """The number of visits within `days` that misses by least, shape (n,): a trimmed mean of their distribution.

        The expectation is pulled up by the few who come very often, so it overstates most customers; the median
        is 0 for most and adds up to too little. The mean between two quantiles, raised so that all customers
        together keep their expected total, lies between: use it to judge single customers.
        """
        alive = self.visits.p_alive(history)
        expected = self._expected(history, alive, days)
        mean = np.mean([self._quantile(at, expected, alive, history) for at in TYPICAL], axis=0)
        return np.asarray(self.typical_level * mean)

    def predict(self, history: VisitHistory, basket_minor: Floats, days: float) -> Outlook:
        """Visits and money of n customers within `days`.

        Args:
            history: their visits.
            basket_minor: mean money of a visit so far, shape (n,).
            days: the horizon, best near `horizon_days`.
        """
        alive = self.visits.p_alive(history)
        expected = self._expected(history, alive, days)
        own_visits = history.repeats + 1.0
        paid = np.maximum(basket_minor, 1.0)  # who was given everything still counts as a customer
        basket = self.spend.expected_minor(own_visits, paid)
        spread = self.spend.variance_of_mean(own_visits, paid)
        # money of the customers who are not gone: n visits at an uncertain mean that itself varies by visit
        n = expected / np.maximum(alive, NO_VISITS)
        visits_variance = n + n**2 / self._shape(history)
        variance = (
            n * (basket**2 + spread) / self.spend.p + visits_variance * (basket**2 + spread) + n**2 * spread
        )
        money = np.maximum(n * basket, NO_VISITS)
        shape = money**2 / np.maximum(variance, NO_VISITS)
        low, high = (money / shape * gammaincinv(shape, _among_alive(at, alive)) for at in (LOW, HIGH))
        return Outlook(
            p_alive=alive,
            visits=expected,
            visits_low=np.ceil(self._quantile(LOW, expected, alive, history)),
            visits_high=np.ceil(self._quantile(HIGH, expected, alive, history)),
            spend_minor=expected * basket,
            spend_low_minor=low,
            spend_high_minor=high,
        )

    def _expected(self, history: VisitHistory, alive: Floats, days: float) -> Floats:
        if_alive = self.visits.expected_if_alive(history, days / DAYS_A_WEEK)
        return np.asarray(self.level * alive * if_alive * tilt(history, self.trend))

    def _shape(self, history: VisitHistory) -> Floats:
        return self.dispersion * (self.visits.r + history.repeats)

    def _quantile(self, at: float, expected: Floats, alive: Floats, history: VisitHistory) -> Floats:
        """Where the distribution of visits reaches `at`, a real number at or above 0, shape (n,)."""
        shape, rest = self._shape(history), _among_alive(at, alive)
        mean = np.maximum(expected / np.maximum(alive, NO_VISITS), NO_VISITS)
        place = nbdtrik(rest, shape, shape / (shape + mean))
        return np.where(rest > 0, np.nan_to_num(np.maximum(place, 0.0)), 0.0)


def tilt(history: VisitHistory, trend: float) -> Floats:
    """Factor on a customer's expectation for their last weeks against their whole past, shape (n,); 1 without repeats."""
    seen = np.minimum(history.age_weeks, RECENT_WEEKS)
    usual = history.repeats * seen / np.maximum(history.age_weeks, 1.0)
    ratio = (history.recent_repeats + 1.0) / (usual + 1.0)
    return np.where(history.repeats > 0, ratio**trend, 1.0)


def _among_alive(at: float, alive: Floats) -> Floats:
    """The place among those not gone that is place `at` among all, who are at 0 where gone; shape (n,)."""
    return np.clip((at - (1.0 - alive)) / np.maximum(alive, NO_VISITS), 0.0, 1.0 - 1e-9)
