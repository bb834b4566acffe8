"""What is known of customers before an experiment begins, as the figures that comparisons are adjusted by.

Spend over several windows tells more than spend over one: on Complete Journey .39 of the variance of four weeks' spend stays
with the four weeks before, .31 with these (docs/effects.md). A figure never looks past the first day.
"""

import numpy as np
import numpy.typing as npt

from models.ground.errors import BadInput

SPEND_WEEKS = (4, 8, 16)
VISIT_WEEKS = (4, 12)


def pre_period_figures(spend: npt.ArrayLike, visits: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Figures of each customer, shape (customers, 7).

    Args:
        spend: shape (customers, weeks), by week, the last one ending where the experiment begins; 0 where nothing was
            bought and before a customer came.
        visits: the same of days with a purchase.

    Returns:
        Spend of the last 4, 8, 16 and of all weeks, visits of the last 4 and 12, and 1 for whom nothing is known.

    Raises:
        BadInput: the shapes differ, or there is no week.

    """
    spent, came = np.asarray(spend, dtype=np.float64), np.asarray(visits, dtype=np.float64)
    if spent.ndim != 2 or spent.shape != came.shape or not spent.shape[1]:  # noqa: PLR2004 - customers, weeks
        raise BadInput(
            f"expected spend and visits by customer and week, got shapes {spent.shape} and {came.shape}; "
            "an experiment needs at least a week before it"
        )
    return np.column_stack(
        [
            *(spent[:, -weeks:].sum(axis=1) for weeks in SPEND_WEEKS),
            spent.sum(axis=1),
            *(came[:, -weeks:].sum(axis=1) for weeks in VISIT_WEEKS),
            (came == 0).all(axis=1),
        ]
    )
