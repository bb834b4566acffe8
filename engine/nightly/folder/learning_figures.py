"""What a night does for learning, from its logs: who is exposed, who of them by lot, and what that is expected to lose."""

import json
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from engine.domain.arms import Arm
from engine.nightly.folder.run_folder import RunFolder
from models.response.exposure import Exposure
from models.tables import CUSTOMER_ID

OWN_GAIN = "own_gain"  # the part of a plan's value that the bundle brings by itself: what a lot may lose
_OF_BUNDLE = [CUSTOMER_ID, "slot", "outcome", "plan_lower", "plan_parts"]


def learning_figures(
    folder: RunFolder, exposure: Exposure, lots: float = 1.0, beside: Collection[str] = ()
) -> dict[str, Any]:
    """What the manifest says under `learning`.

    `lots` is the share of the lots that count, below 1 where the budget has no room for all of them; `beside` are the cells of
    experiments that go by another policy, of which nothing is learnt here.
    A bundle is given by lot where its plan did not surely pay (`plan_lower` at most 0).

    Returns:
        state, sum_minor and spent_minor before tonight; share, by lot tonight; lots, as given, where it is below 1; asked (customers who could have a bundle), exposed, paying
        (those for whom a bundle surely pays) and by_lot (bundles given by lot); cost_minor, what these are expected to lose
        tonight; might_cost_minor and share_paying, as `Exposure.after` takes them.
    """
    asked = exposed = paying = by_lot = 0
    cost = might_cost = 0.0
    for outcomes, slots, shadows in zip(
        folder.outcome_files(), folder.slot_files(), folder.shadow_files(), strict=True
    ):
        people = pd.read_parquet(outcomes, columns=[CUSTOMER_ID, "arm", "exposed", "p_exposed"])
        people = people[people["p_exposed"].notna() & (people["arm"] != Arm.HOLDOUT.value)]
        others = _in_cells(folder, outcomes.name, beside)
        people = people[~people[CUSTOMER_ID].isin(others)]
        asked, exposed = asked + len(people), exposed + int(people["exposed"].sum())
        served = pd.read_parquet(slots, columns=[name for name in _OF_BUNDLE if name != "outcome"])
        served = served[~served[CUSTOMER_ID].isin(others)]
        waiting = pd.read_parquet(shadows, columns=_OF_BUNDLE)
        waiting = waiting[(waiting["outcome"] != Arm.HOLDOUT.value) & ~waiting[CUSTOMER_ID].isin(others)]
        given, lost = _by_lot(served)
        by_lot, cost = by_lot + given, cost + lost
        might_cost += lost + _by_lot(waiting)[1]
        paying += sum(
            int(((rows["slot"] == 0) & (rows["plan_lower"] > 0)).sum()) for rows in (served, waiting)
        )
    return {
        "state": exposure.state.value,
        "share": exposure.share * lots,
        "sum_minor": exposure.sum_minor,
        "spent_minor": exposure.spent_minor,
        "asked": asked,
        "exposed": exposed,
        "paying": paying,
        "by_lot": by_lot,
        "cost_minor": round(cost, 3),
        "might_cost_minor": round(might_cost, 3),
        "share_paying": paying / asked if asked else 0.0,
        **({"lots": lots} if lots < 1 else {}),
    }


def _in_cells(folder: RunFolder, file: str, cells: Collection[str]) -> set[str]:
    """Customers of a bucket who are in one of the cells."""
    if not cells:
        return set()
    drawn = pd.read_parquet(folder.path / "snapshot" / "arms" / file)
    return set(drawn.loc[drawn["cell"].isin(list(cells)), CUSTOMER_ID])


def _by_lot(bundles: pd.DataFrame) -> tuple[int, float]:
    """How many bundles lots force, and what they are expected to lose, minor units."""
    forced = bundles.loc[(bundles["slot"] == 0) & ~(bundles["plan_lower"] > 0), "plan_parts"]
    own = np.array([json.loads(parts).get(OWN_GAIN, 0.0) for parts in forced], dtype=np.float64)
    return len(own), float(np.maximum(-own, 0.0).sum())
