"""Answers that look like effects and are none: what a shop without a holdout would report.

They are made so that a report can show how wrong they are beside the randomised answer, and carry why in words, so that no
page can leave it out.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.effects.drawn_arms import summed
from models.effects.estimate import Estimate
from models.ground.errors import BadInput

WHY_BEFORE_AFTER = "Not an effect: seasons, prices, holidays and customers who would have come more or less anyway are in it too."
WHY_LOOKALIKES = "Not an effect: whoever takes part differs from whoever does not in what no figure shows, such as the wish to buy more."


@dataclass(frozen=True)
class NotCausal:
    """A difference that no lot has made.

    Attributes:
        difference: a customer, in the outcome's unit; its error is that of chance alone.
        why: why it misleads, a sentence for the page.
    """

    difference: Estimate
    why: str


def before_after(
    before: npt.ArrayLike, after: npt.ArrayLike, household: npt.ArrayLike | None = None
) -> NotCausal:
    """What the same customers did after less what they did before, over as many days.

    Args:
        before: shape (customers,).
        after: shape (customers,).
        household: shape (customers,), any ids; None: each customer is one.

    Raises:
        BadInput: the shapes differ, or there are fewer than two households.

    """
    was, became = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if was.shape != became.shape or was.ndim != 1:
        raise BadInput(
            f"expected the same customers before and after, got shapes {was.shape} and {became.shape}"
        )
    unit = np.arange(len(was)) if household is None else np.unique(household, return_inverse=True)[1]
    change = became - was
    sums = summed((change - change.mean())[:, None], unit)[:, 0] if len(change) else change
    if len(sums) < 2:  # noqa: PLR2004 - one alone has no spread
        raise BadInput(f"expected at least 2 households to compare before and after, got {len(sums)}")
    error = float(np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1))) / len(change)
    return NotCausal(Estimate(float(change.mean()), error, len(sums) - 1.0), WHY_BEFORE_AFTER)
