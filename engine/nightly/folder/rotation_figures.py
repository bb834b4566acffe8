"""What rotation costs a night in expected use, for its manifest, its page and its summary."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from engine.nightly.choosing.cell_plans import CellPlans
from engine.nightly.choosing.rotation_cost import RotationCost
from engine.nightly.folder.run_folder import RunFolder


def rotation_figures(folder: RunFolder, buckets: int, budget: Mapping[str, Any]) -> dict[str, Any]:
    """Sum what the buckets' plans say; to be asked while they are there. Nothing where no customer's programme asks.

    Returns:
        The sums of `RotationCost`, with staples (items that have a price) and exchanged_milli (uses lost to these prices),
        under "rotation".
    """
    total, any_asked = RotationCost(), False
    for bucket in range(buckets):
        for cost in CellPlans.rotation_costs(folder.plan(bucket)):
            total, any_asked = total + cost, True
    if not any_asked:
        return {}
    priced = [one for items in budget.get("staples", {}).values() for one in items]
    about = {"staples": len(priced), "exchanged_milli": budget.get("exchanged_milli", 0)}
    return {"rotation": asdict(total) | about}
