"""BG/NBD: purchases at a gamma-distributed Poisson rate, until a coin with a beta-distributed side ends them.

Fader, Hardie and Lee (2005), "Counting your customers" the easy way: an alternative to the Pareto/NBD model,
Marketing Science 24(2). Numbers of the equations are theirs. Everything is computed in logarithms; the
hypergeometric function of equation 10 is taken in Euler's form, whose parameters stay small however often a
customer came, where the form as printed overflows from about a hundred visits on.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, gammaln, hyp2f1

from models.customers.lifetime.visit_history import Floats, VisitHistory

# a = 1 is a removable singularity of the expectation: so near to it, its neighbour's value is taken.
NEAR_ONE = 1e-6


@dataclass(frozen=True)
class BgNbd:
    """The four parameters; rates are per week.

    Attributes:
        r, alpha: shape and scale (weeks) of the gamma distribution of purchase rates.
        a, b: of the beta distribution of the chance to be gone after a repeat purchase.
    """

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, history: VisitHistory) -> Floats:
        """Each customer's log likelihood (equation 6), shape (n,)."""
        x, last, age = history.repeats, history.last_weeks, history.age_weeks
        shared = gammaln(self.r + x) - gammaln(self.r) + self.r * np.log(self.alpha)
        return np.asarray(shared + np.logaddexp(*self._alive_and_gone(x, last, age)))

    def p_alive(self, history: VisitHistory) -> Floats:
        """P(not gone at the moment), shape (n,). Without a repeat it is 1 by construction: no score of churn."""
        alive, gone = self._alive_and_gone(history.repeats, history.last_weeks, history.age_weeks)
        return np.asarray(np.exp(alive - np.logaddexp(alive, gone)))

    def expected_visits(self, history: VisitHistory, weeks: float) -> Floats:
        """E[visits in the next `weeks` | history] (equation 10), shape (n,)."""
        x, age = history.repeats, history.age_weeks
        a = self.a if abs(self.a - 1.0) > NEAR_ONE else 1.0 + NEAR_ONE
        share = weeks / (self.alpha + age + weeks)
        left = (1.0 - share) ** (a - 1.0)
        series = hyp2f1(a + self.b - 1.0 - self.r, a - 1.0, a + self.b + x - 1.0, share)
        return np.asarray(self.p_alive(history) * (a + self.b + x - 1.0) / (a - 1.0) * (1.0 - left * series))

    def _alive_and_gone(self, x: Floats, last: Floats, age: Floats) -> tuple[Floats, Floats]:
        """Log of the likelihood's two terms: still alive, and gone right after the last purchase."""
        alive = betaln(self.a, self.b + x) - (self.r + x) * np.log(self.alpha + age)
        gone = betaln(self.a + 1.0, self.b + np.maximum(x, 1.0) - 1.0) - (self.r + x) * np.log(
            self.alpha + last
        )
        scale = betaln(self.a, self.b)
        return alive - scale, np.where(x > 0, gone - scale, -np.inf)
