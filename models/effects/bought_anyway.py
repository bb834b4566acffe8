"""Which share of the discount falls on what would have been bought anyway, from the holdout.

Those who are held out have bundles too, which nobody is served: shadows, made by the same night, with the same cool-downs
as if they had been. What they buy of these is bought anyway. The share is

    E[discount-weighted units of shadow offers that a held-out customer buys]
    ------------------------------------------------------------------------
    E[discount-weighted units of offers that a treated customer buys]

with a unit weighing the discount that its offer gives on it, up to the offer's most units. This is a share of sums: the
customer who buys anyway and the one who is persuaded are different people, and no holdout tells them apart, so the sum of
what is less of both for each offer, which a simulator could add up, is not what is meant. It may exceed 1 where offers
keep people from buying what they are on.
"""

import numpy.typing as npt

from models.effects.arm_means import arm_means
from models.effects.drawn_arms import Arms
from models.effects.ratio_of_means import RatioOfMeans, ratio_of


def bought_anyway(discount: npt.ArrayLike, arms: Arms, figures: npt.ArrayLike | None = None) -> RatioOfMeans:
    """The share of the discount on what is bought anyway.

    Args:
        discount: shape (customers,), what the customer's offers took off what they bought, in money; for the held out,
            what their shadow offers would have. 0 for whoever bought nothing of theirs.
        arms: who is in which.
        figures: shape (customers, k), known before the experiment, or None.

    Raises:
        BadInput: as `arm_means`.

    """
    return ratio_of(arm_means(discount, arms, figures), over=[0, 1], under=[1, 0])
