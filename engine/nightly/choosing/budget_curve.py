"""What a night is worth by what it may cost: one planning says it for every budget.

As the budget's price falls every customer moves along their levels, so the summed cost and worth of what is taken at each price are
the whole curve; a budget is the lowest price whose cost it covers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.nightly.choosing.allocation import NOTHING, find_shadow_price
from engine.nightly.choosing.bucket_plan import BucketPlan
from engine.nightly.choosing.used_cost import used_cost_milli
from models.tables import CUSTOMER_NO, P_BUY


@dataclass(frozen=True)
class BudgetCurve:
    """Sums over everybody who is served, at every shadow price's index, (NOTHING + 1,) each, never rising.

    Attributes:
        cost_milli: expected discounts, thousandths of a minor unit.
        uses: offers expected to be bought.
        worth: what the policy expects, in its unit.
        bundles: customers with a bundle.
    """

    cost_milli: npt.NDArray[np.int64]
    uses: npt.NDArray[np.float64]
    worth: npt.NDArray[np.float64]
    bundles: npt.NDArray[np.int64]

    def at(self, allowance_milli: int) -> int:
        """The index that an allowance pays."""
        return find_shadow_price(self.cost_milli, allowance_milli)

    def corners(self, most: int = 60) -> list[int]:
        """Indices along the curve, from nothing to all that anybody could have, at most so many, evenly spaced by cost."""
        asked = np.linspace(0, int(self.cost_milli[0]), most).astype(np.int64)
        return list(dict.fromkeys(self.at(int(one)) for one in asked))

    def knee(self) -> int:
        """The index from which on more money brings less than it did on the average.

        The point that is farthest above the line from nothing to everything (Satopaa et al. 2011, "Finding a kneedle in a haystack").
        """
        cost = self.cost_milli / max(int(self.cost_milli[0]), 1)
        worth = self.worth / (self.worth[0] or 1.0)
        return int(np.argmax(worth - cost))


def budget_curve(plans: Iterable[BucketPlan], factor_bp: Mapping[str, int]) -> BudgetCurve:
    """Sum the plans of buckets and cells; all lots count, and experiments share one price here.

    Args:
        plans: of the first pass.
        factor_bp: as of `used_cost.used_cost_milli`; empty where offers count as expected.
    """
    cost = np.zeros(NOTHING + 1, dtype=np.int64)
    steps = np.zeros((3, NOTHING + 1))
    for plan in plans:
        cost += used_cost_milli(plan, factor_bp) if factor_bp else plan.cost_milli
        served = plan.customers.loc[plan.customers["served"], CUSTOMER_NO]
        levels = plan.levels[(plan.levels["reach"] > 0) & plan.levels[CUSTOMER_NO].isin(served)]
        uses = plan.slots.groupby([CUSTOMER_NO, "level"], as_index=False)[[P_BUY]].sum()
        taken = levels.merge(uses, on=[CUSTOMER_NO, "level"], how="left").sort_values(
            [CUSTOMER_NO, "reach", "level"], ascending=[True, False, True]
        )
        sums = taken[[P_BUY, "plan_value"]].astype("float64")
        more = sums.groupby(taken[CUSTOMER_NO]).diff().fillna(sums).to_numpy(dtype=np.float64)
        first = ~taken[CUSTOMER_NO].duplicated().to_numpy()
        for row, values in enumerate((*more.T, first.astype(np.float64))):
            np.add.at(steps[row], taken["reach"].to_numpy(dtype=np.int64) - 1, values)
    uses_at, worth, bundles = steps[:, ::-1].cumsum(axis=1)[:, ::-1]
    return BudgetCurve(cost, uses_at, worth, np.rint(bundles).astype(np.int64))
