"""In which arms every customer of a bucket is tonight: as they were first seen, else as they are drawn.

The night reads it once, into its snapshot, and writes those who were seen for the first time when it is published. The
holdout comes first: whoever is held out is in no experiment. Only arms that another engine drew come before it: their
customers are drawn for no holdout anew, and who is left to that engine is in nothing else of ours.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from engine.domain.arms import Arm, DrawnAs, unit_of
from engine.domain.experiments import (
    IMPORTED_LAYER,
    INCUMBENT,
    RunningExperiment,
    arms_of,
    label_of,
)
from engine.nightly.context import NightContext
from engine.nightly.in_force.holdout_in_force import HoldoutInForce
from engine.store import Store
from engine.store.nights.assigned_arms import Placed, assign_all, assigned_among
from models.tables import CUSTOMER_ID

Units = Mapping[DrawnAs, Sequence[str]]


def read_arms(
    store: Store, context: NightContext, holdout: HoldoutInForce | None, bucket: int
) -> pd.DataFrame:
    """One row a customer of the bucket, in their order.

    Returns:
        customer_id, unit (the household or customer that they are today), seen_as (the one that they were drawn as), arm (holdout or treated), cell (their arms
        in the experiments that run, `engine.domain.experiments.label_of`).
    """
    ids, units = _units(context, bucket)
    drawn_as = DrawnAs.HOUSEHOLD if holdout is None else holdout.drawn_as
    kept: dict[str, Placed] = {}
    if holdout is not None and holdout.number is not None:
        kept = assigned_among(store, holdout.number, ids)
    imported = _imported(store, context.trials, ids)
    arms = [
        kept[name].arm
        if name in kept
        else (Arm.TREATED if holdout is None or name in imported else holdout.arm_of(unit)).value
        for name, unit in zip(ids, units[drawn_as], strict=True)
    ]
    cells = _cells(store, context.trials, ids, units, arms)
    arms = [
        Arm.HOLDOUT.value if Arm.HOLDOUT in arms_of(cell).values() else arm
        for arm, cell in zip(arms, cells, strict=True)
    ]
    seen_as = [
        kept[name].unit if name in kept else unit for name, unit in zip(ids, units[drawn_as], strict=True)
    ]
    columns = {
        CUSTOMER_ID: ids,
        "unit": units[drawn_as],
        "seen_as": seen_as,
        "arm": arms,
        "cell": cells,
    }
    return pd.DataFrame(columns).astype("str")


def served_elsewhere(trials: Sequence[RunningExperiment], drawn: pd.DataFrame) -> list[str]:
    """Customers of a bucket whom an imported experiment leaves to another engine."""
    imported = {one.name for one in trials if one.layer == IMPORTED_LAYER}
    return [
        name
        for name, cell in zip(drawn[CUSTOMER_ID], drawn["cell"], strict=True)
        if any(arm == INCUMBENT for trial, arm in arms_of(cell).items() if trial in imported)
    ]


def keep_arms(store: Store, context: NightContext, holdout_no: int | None) -> int:
    """Write the arms of everybody who was seen for the first time; returns how many places those were."""
    added = 0
    for bucket in range(context.data.buckets):
        drawn = context.arms(bucket)
        ids, cells = drawn[CUSTOMER_ID].tolist(), [arms_of(cell) for cell in drawn["cell"]]
        if holdout_no is not None:
            # an experiment's own holdout is treated as far as the shop's holdout goes
            arms = [Arm.TREATED.value if cell else arm for cell, arm in zip(cells, drawn["arm"], strict=True)]
            imported = _imported(store, context.trials, ids)
            drawn_here = map(Placed, ids, drawn["unit"].tolist(), arms)
            added += _keep_new(
                store, context, holdout_no, [one for one in drawn_here if one.customer_id not in imported]
            )
        if not context.trials:
            continue
        _, units = _units(context, bucket)
        for one in context.trials:
            places = [
                Placed(name, unit, cell[one.name])
                for name, unit, cell in zip(ids, units[one.drawn_as], cells, strict=True)
                if one.name in cell
            ]
            added += _keep_new(store, context, one.number, places)
    return added


def _keep_new(store: Store, context: NightContext, number: int, places: Sequence[Placed]) -> int:
    of = {one.customer_id: one for one in places}
    kept = assigned_among(store, number, list(of))
    new = [place for name, place in of.items() if name not in kept]
    return assign_all(store, number, new, seen=context.night.as_of)


def _imported(store: Store, trials: Sequence[RunningExperiment], ids: Sequence[str]) -> set[str]:
    """Those of the customers whom another engine has drawn: no lot of ours holds them out."""
    return {
        name
        for one in trials
        if one.layer == IMPORTED_LAYER
        for name in assigned_among(store, one.number, ids)
    }


def _cells(
    store: Store,
    trials: Sequence[RunningExperiment],
    ids: Sequence[str],
    units: Units,
    arms: Sequence[str],
) -> list[str]:
    if not trials:
        return [""] * len(ids)
    kept = {one.name: assigned_among(store, one.number, ids) for one in trials}
    cells = []
    for row, name in enumerate(ids):
        found: dict[str, str] = {}
        if arms[row] != Arm.HOLDOUT:
            # within a layer a place once given counts before any draw: nobody is in two experiments of it
            taken = {one.layer for one in trials if name in kept[one.name]}
            elsewhere = [one for one in trials if _leaves_to_another(one, kept[one.name].get(name))]
            for one in elsewhere or trials:
                if name in kept[one.name]:
                    found[one.name] = kept[one.name][name].arm
                elif one.layer not in taken and (arm := one.draw(units[one.drawn_as][row])) is not None:
                    found[one.name] = arm
        cells.append(label_of(found))
    return cells


def _leaves_to_another(one: RunningExperiment, place: Placed | None) -> bool:
    return one.layer == IMPORTED_LAYER and place is not None and place.arm == INCUMBENT


def _units(context: NightContext, bucket: int) -> tuple[list[str], dict[DrawnAs, list[str]]]:
    people = pd.read_parquet(context.data.customers(bucket), columns=[CUSTOMER_ID, "household_id"])
    ids: list[str] = people[CUSTOMER_ID].tolist()
    households = [None if pd.isna(one) else str(one) for one in people["household_id"].tolist()]
    return ids, {
        drawn_as: [unit_of(name, one, drawn_as) for name, one in zip(ids, households, strict=True)]
        for drawn_as in DrawnAs
    }
