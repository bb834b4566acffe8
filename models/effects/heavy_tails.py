"""The rule for heavy tails: outcomes are winsorised at bounds that the time before the experiment sets.

A party's shopping or a resold pallet can outweigh a thousand customers. The bounds are quantiles of the same quantity over
the time before, of both arms together, so that neither the outcome nor the arm has a say in them. What is cut off is not
thrown away: its difference between the arms is the bias that the rule may have, told beside the effect with its own error.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.effects.drawn_arms import Arms
from models.effects.estimate import Estimate
from models.effects.treatment_effect import TreatmentEffect, treatment_effect
from models.ground.errors import BadInput

CUT_SHARE = 0.001  # at each end: of 10,000 customers ten, whom anybody would look at by hand


@dataclass(frozen=True)
class Bounds:
    """Between which values an outcome counts in full."""

    low: float
    high: float

    @classmethod
    def of(cls, before: npt.ArrayLike, times: float, cut_share: float = CUT_SHARE) -> "Bounds":
        """Bounds from the time before.

        Args:
            before: shape (customers,), the same quantity over the time before, both arms.
            times: length of the experiment over the length of the time before.
            cut_share: of customers beyond each bound.

        Raises:
            BadInput: nobody is known, or the share is not within [0, .05].

        """
        known = np.asarray(before, dtype=np.float64)
        if not len(known):
            raise BadInput("expected figures of the time before to set bounds by, got none")
        if not 0 <= cut_share <= 0.05:  # noqa: PLR2004 - more is no tail
            raise BadInput(
                f"expected a share within [0, .05] to be cut at each end, got {cut_share}; a twentieth is no tail"
            )
        low, high = np.quantile(known * times, [cut_share, 1 - cut_share])
        return cls(float(low), float(high))


@dataclass(frozen=True)
class WinsorisedEffect:
    """An effect under the rule.

    Attributes:
        effect: of outcomes within the bounds.
        left_out: difference of what lies beyond them, treated less holdout: with `effect` it makes the whole.
        customers_cut: shape (2,), how many treated and held-out customers lie beyond a bound.
        share_cut: shape (2,), of the arm's sum of absolute outcomes.
    """

    effect: TreatmentEffect
    left_out: Estimate
    customers_cut: npt.NDArray[np.int64]
    share_cut: npt.NDArray[np.float64]


def winsorised_effect(
    values: npt.ArrayLike, arms: Arms, figures: npt.ArrayLike | None, bounds: Bounds
) -> WinsorisedEffect:
    """The effect on outcomes within bounds, and what the bounds leave out.

    Args:
        values: shape (customers,).
        arms: who is in which.
        figures: shape (customers, k), known before, or None.
        bounds: from the time before.

    Raises:
        BadInput: as `arm_means`.

    """
    whole = np.asarray(values, dtype=np.float64)
    kept = np.clip(whole, bounds.low, bounds.high)
    effect, beyond = treatment_effect(kept, arms, figures), whole - kept
    rows = [arms.rows(arm) for arm in (0, 1)]
    sums = np.array([np.abs(whole[of]).sum() for of in rows])
    return WinsorisedEffect(
        effect,
        treatment_effect(beyond, arms).difference,
        np.array([int((beyond[of] != 0).sum()) for of in rows]),
        np.array([np.abs(beyond[of]).sum() for of in rows]) / np.where(sums > 0, sums, 1.0),
    )
