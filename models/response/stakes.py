"""What exposing customers for a week would lose, bring and teach: the value of information weighed against its price.

The worth of serving everybody whose bundle may pay is a normal quantity T. A week at share s earns s E[T], and moves what is
believed: from the weeks after it those are served for whom it pays, so they earn E[max(T, 0)] of the posterior to come. The
share is the one at which both together are largest (the knowledge gradient: Frazier, Powell and Dayanik 2008, SIAM Journal
on Control and Optimization; Chick and Gans 2009, Management Science, for the money of it; several weeks of looking are tried
because a single one's information may be worth nothing where four weeks' is: Frazier and Powell 2010). So where harm is
likely and could not be unlearnt at a price that is worth it, the share is 0, and where little is at stake nothing is tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from models.response.elasticities import Doubles
from models.response.visit_effects import AT_ONCE, COEFFICIENTS, VisitEffects

HORIZON_WEEKS = (
    12.0  # over which what was learnt is put to use: a quarter, after which assortments and habits are others
)
# What a bundle by lot may cost is not what is expected of it but so many standard deviations worse: what is lost is sure to be
# felt, what is learnt only may be.
DOUBT = 0.67
_SHARES = (0.0, 0.02, 0.05, 0.08, 0.12, 0.17, 0.25, 0.35, 0.5, 0.65, 0.8, 0.95)
_LOOKS = (1.0, 2.0, 4.0)  # weeks
_TRACE = AT_ONCE + 1.0  # mean trace of who is exposed for some weeks


@dataclass(frozen=True)
class Stakes:
    """Sums over the customers of a week whose bundle may pay, of the plan that a lot would give them; minor units.

    Attributes:
        own_minor: own gain, mostly a loss.
        own_open_minor: standard deviation of it, the same error for all.
        along: (K,) of COEFFICIENTS: margin of usual visits x dose.
        information: (K, K) sum of visits expected x doses x doses'.
    """

    own_minor: float
    own_open_minor: float
    along: tuple[float, ...]
    information: tuple[tuple[float, ...], ...]

    @classmethod
    def nothing(cls) -> "Stakes":
        """Nobody."""
        none = (0.0,) * len(COEFFICIENTS)
        return cls(0.0, 0.0, none, (none,) * len(COEFFICIENTS))

    @classmethod
    def of(
        cls, own: Doubles, own_open: Doubles, usual_minor: Doubles, visits: Doubles, doses: Doubles
    ) -> "Stakes":
        """Of n customers: own gain and its deviation, margin of usual visits, visits, doses (n, K)."""
        seen = np.column_stack([doses[:, :-1], np.full(len(doses), _TRACE)])
        information = seen.T @ (visits[:, None] * seen)
        return cls(
            float(own.sum()),
            float(own_open.sum()),
            tuple((doses.T @ usual_minor).tolist()),
            tuple(tuple(row) for row in information.tolist()),
        )

    def plus(self, other: "Stakes") -> "Stakes":
        """Of more customers."""
        return Stakes(
            self.own_minor + other.own_minor,
            self.own_open_minor + other.own_open_minor,
            tuple(np.add(self.along, other.along).tolist()),
            tuple(tuple(row) for row in np.add(self.information, other.information).tolist()),
        )

    def worth(self, effects: VisitEffects) -> tuple[float, float]:
        """Mean and standard deviation of what serving all of them for the week is worth."""
        total, spread = effects.visits_worth(np.array(self.along))
        return self.own_minor + float(total), float(np.sqrt(spread + self.own_open_minor**2))

    def cost(self, effects: VisitEffects) -> float:
        """What serving all of them may cost, as far as is doubted; 0 where it surely costs nothing."""
        mean, deviation = self.worth(effects)
        return max(DOUBT * deviation - mean, 0.0)

    def share(self, effects: VisitEffects, of_all: float) -> float:
        """The share of them to expose; they are one in `of_all` of those who may be served where it pays."""
        mean, deviation = self.worth(effects)
        sure = mean - DOUBT * deviation
        along, covariance = np.array(self.along) * effects.brought, np.array(effects.covariance)
        best, chosen = (HORIZON_WEEKS - 1) * of_all * max(mean, 0.0), 0.0
        for share in _SHARES[1:]:
            for weeks in _LOOKS:
                taught = np.array(self.information) * (weeks * share * (1 - share))
                left = np.linalg.inv(np.linalg.inv(covariance) + taught)
                told = float(np.sqrt(max(along @ (covariance - left) @ along, 0.0)))
                # before it is known whom it pays for, only these are served
                worth = weeks * share * sure + (HORIZON_WEEKS - weeks) * of_all * _hoped(mean, told)
                if worth > best or (sure > 0 and chosen == 0.0):
                    best, chosen = worth, share
        return chosen

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content."""
        return {
            "own_minor": self.own_minor,
            "own_open_minor": self.own_open_minor,
            "along": list(self.along),
            "information": [list(row) for row in self.information],
        }

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Stakes":
        """The inverse of `as_dict`; raises LookupError, TypeError or ValueError where it is none."""
        along = tuple(float(one) for one in told["along"])
        information = tuple(tuple(float(one) for one in row) for row in told["information"])
        if np.shape(along) != (len(COEFFICIENTS),) or np.shape(information) != (len(COEFFICIENTS),) * 2:
            raise ValueError(f"expected {len(COEFFICIENTS)} coefficients")
        return cls(float(told["own_minor"]), float(told["own_open_minor"]), along, information)


def _hoped(mean: float, spread: float) -> float:
    """E[max(T, 0)] of a normal T."""
    if spread <= 0:
        return max(mean, 0.0)
    z = mean / spread
    return float(mean * norm.cdf(z) + spread * norm.pdf(z))
