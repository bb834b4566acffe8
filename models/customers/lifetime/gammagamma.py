"""Gamma-Gamma: what a visit is worth, shrunk towards the shop's mean as far as few visits deserve.

Fader and Hardie (2013), The Gamma-Gamma model of monetary value. A customer's visits are gamma-distributed
around their own mean, and the means' scale is gamma-distributed over customers.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from models.customers.lifetime.visit_history import Floats


@dataclass(frozen=True)
class GammaGamma:
    """The three parameters, with money in minor units.

    Attributes:
        p: shape of a customer's visits around their mean; their coefficient of variation is 1 / sqrt(p).
        q: shape of the customers' scales; above 2, so that means and their variance exist.
        v: scale of the customers' scales, minor units.
    """

    p: float
    q: float
    v: float

    def log_likelihood(self, visits: Floats, mean_minor: Floats) -> Floats:
        """Each customer's log likelihood (their equation 1a, up to nothing), shape (n,).

        Args:
            visits: visits that `mean_minor` is the mean of, at least 1.
            mean_minor: mean money of a visit, above 0.
        """
        shape = self.p * visits
        return np.asarray(
            -betaln(shape, self.q)
            - np.log(mean_minor)
            + self.q * np.log(self.v)
            + shape * np.log(visits * mean_minor)
            - (shape + self.q) * np.log(self.v + visits * mean_minor)
        )

    def expected_minor(self, visits: Floats, mean_minor: Floats) -> Floats:
        """E[a customer's own mean | their visits] (the paper's equation 5), shape (n,); the shop's at no visits."""
        return np.asarray(self.p * (self.v + visits * mean_minor) / (self.p * visits + self.q - 1.0))

    def variance_of_mean(self, visits: Floats, mean_minor: Floats) -> Floats:
        """Var[a customer's own mean | their visits], minor units squared, shape (n,)."""
        shape = self.p * visits + self.q
        return np.asarray(self.expected_minor(visits, mean_minor) ** 2 / np.maximum(shape - 2.0, 0.1))
