"""What an offer is worth to those whom it reached, beside the effect of being meant to have one.

Not everybody who is treated opens the app. Nobody of the holdout can. So the whole difference between the arms comes from
the treated who were reached, and is divided by their share (Bloom, "Accounting for no-shows in experimental evaluation
designs", 1984; as an instrument: Angrist, Imbens and Rubin, JASA 1996). This is an effect on them and on nobody else.
Those who open the app are other people than those who do not: comparing them with the holdout directly is no experiment.
"""

import numpy as np
import numpy.typing as npt

from models.effects.arm_means import arm_means
from models.effects.drawn_arms import Arms
from models.effects.ratio_of_means import RatioOfMeans, ratio_of
from models.ground.errors import BadInput


def effect_per_exposed(
    values: npt.ArrayLike, exposed: npt.ArrayLike, arms: Arms, figures: npt.ArrayLike | None = None
) -> RatioOfMeans:
    """The effect a customer who was exposed.

    Args:
        values: shape (customers,), of everybody who was drawn.
        exposed: shape (customers,), true for those who saw an offer at least once.
        arms: who is in which.
        figures: shape (customers, k), known before the experiment, or None.

    Raises:
        BadInput: somebody of the holdout was exposed, or as `arm_means`.

    """
    reached = np.asarray(exposed, dtype=np.float64)
    leaked = int(reached[~arms.treated].sum())
    if leaked:
        raise BadInput(
            f"expected nobody of the holdout to see an offer, {leaked} of {int(arms.customers[1])} did; "
            "find the leak before anything is measured"
        )
    both = np.column_stack([np.asarray(values, dtype=np.float64), reached])
    return ratio_of(arm_means(both, arms, figures), over=[[1, 0], [-1, 0]], under=[[0, 1], [0, -1]])
