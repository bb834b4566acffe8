"""Policies over several worlds and seeds in the closed loop, worlds and seeds side by side."""

from collections.abc import Sequence
from pathlib import Path

from models.ground.progress import Progress, silent
from models.running.cluster import map_buckets
from training.simulator.loop.simulation_start import SimulationPlan
from training.simulator.loop.weeks import simulate


def live_all(plans: Sequence[SimulationPlan], jobs: int, progress: Progress) -> set[Path]:
    """Live every plan; returns the folders of their weeks, which the rankings name.

    Plans of one world and seed share its year and first model, so they are lived one after the other; where there are
    several worlds or seeds, `jobs` of them are lived side by side, each by one process.

    Raises:
        BadInput: as `training.simulator.loop.weeks.simulate`.

    """
    together: dict[Path, list[SimulationPlan]] = {}
    for plan in plans:
        together.setdefault(plan.setting, []).append(plan)
    if len(together) == 1:
        for plan in plans:
            simulate(plan, progress)
    else:
        tasks = [(of_setting,) for of_setting in together.values()]
        for _ in map_buckets(live_in_turn, tasks, jobs=jobs, what="living worlds", progress=progress):
            pass
    return {plan.folder.parent for plan in plans}


def live_in_turn(plans: Sequence[SimulationPlan]) -> None:
    """Live plans of one world and seed one after the other."""
    for plan in plans:
        simulate(plan, silent)
