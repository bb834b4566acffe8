"""What being offered something is worth, whether it is used or not: treated less held-out customers, by intention to treat.

Everybody who was drawn counts in the arm they were drawn into, those who never came again with nothing bought.
"""

from dataclasses import dataclass

import numpy.typing as npt

from models.effects.arm_means import arm_means
from models.effects.drawn_arms import Arms
from models.effects.estimate import Estimate


@dataclass(frozen=True)
class TreatmentEffect:
    """A difference between both arms.

    Attributes:
        treated: mean a treated customer, adjusted.
        holdout: mean a held-out customer, adjusted.
        difference: the first less the second, with its error.
        variance_left: variance of the difference over what it is without figures of the time before; 1 without any.
    """

    treated: Estimate
    holdout: Estimate
    difference: Estimate
    variance_left: float


def treatment_effect(
    values: npt.ArrayLike, arms: Arms, figures: npt.ArrayLike | None = None
) -> TreatmentEffect:
    """Compare one outcome a customer.

    Args:
        values: shape (customers,), of everybody who was drawn.
        arms: who is in which.
        figures: shape (customers, k), known before the experiment began (`pre_period`), or None.

    Raises:
        BadInput: as `arm_means`.

    """
    means = arm_means(values, arms, figures)
    difference = means.contrast([1, -1])
    left = 1.0
    if figures is not None:
        plain = arm_means(values, arms).contrast([1, -1]).standard_error
        left = (difference.standard_error / plain) ** 2 if plain > 0 else 1.0
    return TreatmentEffect(means.contrast([1, 0]), means.contrast([0, 1]), difference, left)
