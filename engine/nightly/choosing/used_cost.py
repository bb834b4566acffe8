"""A bucket's plan as tills use it: its cost at every shadow price, each kind of offer by its own factor."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.money import WHOLE_BP
from engine.nightly.choosing.allocation import NOTHING
from engine.nightly.choosing.bucket_plan import BucketPlan
from engine.nightly.choosing.bundling import KINDS
from models.tables import CUSTOMER_NO, EXPECTED_COST_MILLI


def used_cost_milli(plan: BucketPlan, factor_bp: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """What the bucket is expected to give at every shadow price's index, (NOTHING + 1,), thousandths of a minor unit.

    Args:
        plan: of the first pass.
        factor_bp: what is given for each unit of expected cost, by kind; a kind that is not named is used as expected.
    """
    used = used_a_level(plan, factor_bp)
    served = plan.customers.loc[plan.customers["served"], CUSTOMER_NO]
    taken = (
        plan.levels[plan.levels[CUSTOMER_NO].isin(served) & (plan.levels["reach"] > 0)]
        .merge(used, on=[CUSTOMER_NO, "level"], how="left")
        .sort_values([CUSTOMER_NO, "reach", "level"], ascending=[True, False, True])
    )
    more = taken.groupby(CUSTOMER_NO)["used"].diff().fillna(taken["used"]).to_numpy(dtype=np.int64)
    steps = np.zeros(NOTHING + 1, dtype=np.int64)
    np.add.at(steps, taken["reach"].to_numpy(dtype=np.int64) - 1, more)
    return steps[::-1].cumsum()[::-1]


def used_a_level(plan: BucketPlan, factor_bp: Mapping[str, int]) -> pd.DataFrame:
    """What each bundle of the plan is expected to give, as tills use it: customer_no, level, used (thousandths of a minor unit)."""
    factors = np.array([factor_bp.get(kind.value, WHOLE_BP) for kind in KINDS], dtype=np.int64)
    slots = plan.slots[[CUSTOMER_NO, "level"]].assign(
        used=-(
            -plan.slots[EXPECTED_COST_MILLI].to_numpy(dtype=np.int64)
            * factors[plan.slots["kind"].to_numpy(dtype=np.int64)]
            // WHOLE_BP
        )
    )
    return slots.groupby([CUSTOMER_NO, "level"], as_index=False)[["used"]].sum()
