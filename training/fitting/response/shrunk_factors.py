"""How much more or less a product answers than the shop: product <- family <- shop, as far as its own sales speak.

Of each product's factor, 1 for the shop's own response, its own counts give an estimate with an error. How far families
lie apart, and products within them, is Paule and Mandel's (1982), as it is for gaps between visits; every estimate is
then shrunk towards the level above it (empirical Bayes).
"""

from dataclasses import dataclass

import numpy as np

from models.customers.rhythm.gap_beliefs import fit_centre
from models.response.elasticities import Doubles, Ints

_FACTORS = 0.0, 3.0  # a discount never makes fewer buy, and thrice the shop's response is an accident
_SURE_OF_NOTHING = 1e-9
_FEWEST = 10  # families or products, below which their spread is not told


@dataclass(frozen=True)
class ShrunkFactors:
    """Factors of F families and P products, as in `models.response.Elasticities`."""

    family: Doubles
    family_error: Doubles
    family_spread: float
    product: Doubles
    product_error: Doubles
    product_spread: float


def shrink(
    score: Doubles, information: Doubles, family: Ints, families: int, otherwise: float
) -> ShrunkFactors:
    """Shrink one Newton step from the shop's response.

    Args:
        score: (P,) of each product's factor at 1.
        information: (P,) the same, less for counts that vary beyond Poisson's; 0 where nothing is known.
        family: (P,) of each product.
        families: how many there are.
        otherwise: spread that is believed where too few tell.
    """
    told = information > _SURE_OF_NOTHING
    safe = np.where(told, information, 1.0)
    own, error2 = np.where(told, 1 + score / safe, 1.0), np.where(told, 1 / safe, np.inf)
    weight = np.bincount(family, np.where(told, information, 0.0), families)
    known = weight > _SURE_OF_NOTHING
    raw = np.where(
        known, 1 + np.bincount(family, np.where(told, score, 0.0), families) / np.where(known, weight, 1), 1.0
    )
    several = told & (np.bincount(family[told], minlength=families)[family] > 1)
    product_spread = _spread((own - raw[family])[several], error2[several], otherwise)
    # Products' own deviations do not average out of a family of few.
    square = np.bincount(family, np.where(told, information, 0.0) ** 2, families)
    safe_weight = np.where(known, weight, 1.0)
    raw_error2 = np.where(known, 1 / safe_weight + product_spread**2 * square / safe_weight**2, np.inf)
    family_spread = _spread(raw[known] - 1, raw_error2[known], otherwise)
    of_family, family_error = _between(raw, raw_error2, 1.0, family_spread)
    product, product_error = _between(own, error2, of_family[family], product_spread)
    pull = (product_error / product_spread) ** 2  # how much of what is not known of its family is in it
    return ShrunkFactors(
        family=np.clip(of_family, *_FACTORS),
        family_error=family_error,
        family_spread=family_spread,
        product=np.clip(product, *_FACTORS),
        product_error=np.hypot(product_error, pull * family_error[family]),
        product_spread=product_spread,
    )


def _spread(deviations: Doubles, error2: Doubles, otherwise: float) -> float:
    if len(deviations) < _FEWEST:
        return otherwise
    return fit_centre(deviations, error2)[1]


def _between(own: Doubles, error2: Doubles, above: Doubles | float, spread: float) -> tuple[Doubles, Doubles]:
    """Posterior mean and standard deviation of a normal around `above` after an estimate with an error."""
    weight = np.where(np.isfinite(error2), spread**2 / (spread**2 + error2), 0.0)
    return above + weight * (own - above), spread * np.sqrt(1 - weight)
