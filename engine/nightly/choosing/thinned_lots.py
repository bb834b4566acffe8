"""Where what lots give away costs more than tonight may plan, a share of the lots counts: as many as the budget has room for.

Every customer on whom a lot fell has a place in [0, 1), drawn once; at a share s those below s are exposed and the others wait,
with s times their chance to be exposed. So the log still says by which chance everybody got what they got, and whoever is
exposed at a share is exposed at a larger one.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.eligibility import Outcome
from engine.domain.money import WHOLE_BP
from engine.nightly.choosing.bucket_plan import BucketPlan
from engine.nightly.choosing.used_cost import used_a_level
from models.tables import CUSTOMER_NO


def lot_costs_milli(plan: BucketPlan, factor_bp: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """What lots are expected to give when so many basis points of them count, (WHOLE_BP + 1,), never falling.

    Args:
        plan: of the first pass.
        factor_bp: as of `used_cost.used_cost_milli`.
    """
    people = plan.customers
    fell = people.loc[people["served"] & people["lot_place"].notna(), [CUSTOMER_NO, "lot_place"]]
    forced = plan.levels.loc[plan.levels["reach"] > 0, [CUSTOMER_NO, "level"]].merge(fell, on=CUSTOMER_NO)
    given = forced.merge(used_a_level(plan, factor_bp), on=[CUSTOMER_NO, "level"])
    steps = np.zeros(WHOLE_BP + 1, dtype=np.int64)
    np.add.at(steps, _place_bp(given["lot_place"]) + 1, given["used"].to_numpy(dtype=np.int64))
    return steps.cumsum()


def thinned(plan: BucketPlan, share_bp: int) -> BucketPlan:
    """The plan when so many basis points of the lots count."""
    if share_bp == WHOLE_BP:
        return plan
    people = plan.customers.copy()
    fell = people["lot_place"].notna().to_numpy()
    waits = fell & people["exposed"].to_numpy(dtype=np.bool_)
    waits[waits] = _place_bp(people.loc[waits, "lot_place"]) >= share_bp
    served = waits & people["served"].to_numpy(dtype=np.bool_)
    people.loc[fell, "p_exposed"] *= share_bp / WHOLE_BP
    people.loc[waits, "exposed"] = False
    people.loc[served, "served"] = False
    people.loc[served, "shadow"] = ~people.loc[served, "shadow_open"].astype(bool)
    people.loc[served, "outcome"] = Outcome.NOT_YET_EXPOSED.value
    return BucketPlan(people, plan.levels, plan.slots, plan.cost_milli)


def _place_bp(place: "pd.Series[float]") -> npt.NDArray[np.int64]:
    return np.asarray(np.floor(place.to_numpy(dtype=np.float64) * WHOLE_BP), dtype=np.int64)
