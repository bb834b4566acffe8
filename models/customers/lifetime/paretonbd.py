"""Pareto/NBD: purchases at a gamma-distributed Poisson rate, until an exponential end at a gamma-distributed rate.

Schmittlein, Morrison and Colombo (1987), Counting your customers: who are they and what will they do next?,
Management Science 33(1), in the notation of Fader and Hardie (2005), A note on deriving the Pareto/NBD model.
Their likelihood's integral over the moment of the end is taken by Gauss-Legendre quadrature on a logarithmic
scale: positive terms summed in logarithms, so that neither many visits nor equal scales break it, which the
printed difference of hypergeometric functions does not survive.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from models.customers.lifetime.visit_history import Floats, VisitHistory

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
NODES, LOG_WEIGHTS = (_NODES + 1.0) / 2.0, np.log(_WEIGHTS / 2.0)
# Customers at a time: 32 numbers for each.
BLOCK = 100_000


@dataclass(frozen=True)
class ParetoNbd:
    """The four parameters; rates are per week.

    Attributes:
        r, alpha: shape and scale (weeks) of the gamma distribution of purchase rates.
        s, beta: the same of the rates at which customers end.
    """

    r: float
    alpha: float
    s: float
    beta: float

    def log_likelihood(self, history: VisitHistory) -> Floats:
        """Each customer's log likelihood, shape (n,)."""
        alive, gone = self._alive_and_gone(history)
        x = history.repeats
        shared = (
            gammaln(self.r + x) - gammaln(self.r) + self.r * np.log(self.alpha) + self.s * np.log(self.beta)
        )
        return np.asarray(shared + np.logaddexp(alive, gone))

    def p_alive(self, history: VisitHistory) -> Floats:
        """P(not gone at the moment), shape (n,)."""
        alive, gone = self._alive_and_gone(history)
        return np.asarray(np.exp(alive - np.logaddexp(alive, gone)))

    def expected_if_alive(self, history: VisitHistory, weeks: float) -> Floats:
        """E[visits in the next `weeks` | history, alive], shape (n,)."""
        until = np.log1p(weeks / (self.beta + history.age_weeks))
        power = self.s - 1.0
        # (1 - e^(-power x until)) / power, which is `until` itself at s = 1
        lasting = until if power == 0.0 else -np.expm1(-power * until) / power
        rate = (self.r + history.repeats) / (self.alpha + history.age_weeks)
        return np.asarray(rate * (self.beta + history.age_weeks) * lasting)

    def expected_visits(self, history: VisitHistory, weeks: float) -> Floats:
        """E[visits in the next `weeks` | history], shape (n,)."""
        return self.p_alive(history) * self.expected_if_alive(history, weeks)

    def _alive_and_gone(self, history: VisitHistory) -> tuple[Floats, Floats]:
        """Log of the likelihood's two terms: still alive, and gone since the last purchase."""
        x, age = history.repeats, history.age_weeks
        alive = -(self.r + x) * np.log(self.alpha + age) - self.s * np.log(self.beta + age)
        blocks = [slice(first, first + BLOCK) for first in range(0, len(x), BLOCK)]
        gone = [self._gone(x[rows], history.last_weeks[rows], age[rows]) for rows in blocks]
        return alive, np.concatenate(gone) if gone else np.zeros(0)

    def _gone(self, x: Floats, last: Floats, age: Floats) -> Floats:
        """Log of s times the integral of (alpha + u)^-(r + x) (beta + u)^-(s + 1) over u from t_x to T."""
        span = np.log((self.alpha + age) / (self.alpha + last))
        place = np.log(self.alpha + last)[:, None] + span[:, None] * NODES
        end = np.maximum(np.exp(place) - self.alpha, 0.0)
        terms = -(self.r + x - 1.0)[:, None] * place - (self.s + 1.0) * np.log(self.beta + end) + LOG_WEIGHTS
        largest = terms.max(axis=1)
        summed = np.exp(terms - largest[:, None]).sum(axis=1)
        with np.errstate(divide="ignore"):  # a customer of today has no time to be gone in
            return np.asarray(np.log(self.s) + np.log(span) + largest + np.log(summed))
