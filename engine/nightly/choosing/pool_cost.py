"""What a pool is planned to cost: its dearest offers, as many as can count; each offer's part of that by its own cost.

Not a pool's whole cost, of which a customer uses a third at most, and not its mean: who draws anew until a set suits them
draws no mean set. See docs/decisions/a-pool-costs-its-dearest-set.md.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.plan_policy import LaidOut
from engine.nightly.shelf.variety import rank_within
from engine.programme import Programme
from models.tables import CUSTOMER_NO, EXPECTED_COST_MILLI

Numbers = npt.NDArray[np.int64]
# Of a slot whose customer draws: its cost if it counted for certain, and how many of its bundle can count.
ALONE, COUNTING = "alone_milli", "counting"


def counting_places(programme: Programme, window_days: Numbers) -> Numbers | None:
    """(n,) how many offers of each customer's pool can count within its window; None where every offer does."""
    claim = programme.claim
    return None if claim is None else claim.shown * -(-window_days // claim.days)


def parts_of_pools(pool: Numbers, cost_milli: Numbers, counting: Numbers) -> Numbers:
    """(k,) parts, rounded up, of offers of several pools: of each what its dearest offers cost, parted by cost.

    Args:
        pool: (k,) equal for offers of one.
        cost_milli: (k,) of each by itself.
        counting: (k,) how many of its pool can count.
    """
    _, of = np.unique(pool, return_inverse=True)
    whole, dearest = (np.zeros(len(cost_milli), dtype=np.int64) for _ in range(2))
    np.add.at(whole, of, cost_milli)
    np.add.at(dearest, of, np.where(rank_within(of, cost_milli.astype(np.float64)) < counting, cost_milli, 0))
    return np.asarray(-(-cost_milli * dearest[of] // np.maximum(whole[of], 1)), dtype=np.int64)


def places_cost_milli(plan: LaidOut, context: Context, counting: Numbers | None) -> Numbers:
    """(n, S) what each place of a plan's bundles is planned to cost; 0 where it is empty."""
    alone: Numbers = plan.of(context.expected_cost_milli)
    if counting is None:
        return alone
    customer, place = np.nonzero(plan.filled)
    found = np.zeros_like(alone)
    found[customer, place] = parts_of_pools(
        customer.astype(np.int64), alone[customer, place], counting[customer]
    )
    return found


def with_parts(slots: pd.DataFrame) -> pd.DataFrame:
    """Slots with their parts as they stand now; as they are where every offer counts."""
    if ALONE not in slots or slots.empty:
        return slots
    pool = np.asarray(slots.groupby([CUSTOMER_NO, "level"]).ngroup(), dtype=np.int64)
    alone, counting = (slots[name].to_numpy(dtype=np.int64) for name in (ALONE, COUNTING))
    return slots.assign(**{EXPECTED_COST_MILLI: parts_of_pools(pool, alone, counting)})
