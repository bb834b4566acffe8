"""In which arm every customer of a bucket is tonight: as they were first seen, else as the holdout draws them.

The night reads it once, into its snapshot, and writes those who were seen for the first time when it is published.
"""

import pandas as pd

from engine.domain.arms import Arm, DrawnAs, unit_of
from engine.nightly.context import NightContext
from engine.nightly.holdout_in_force import HoldoutInForce
from engine.store import Store
from engine.store.nights.assigned_arms import Placed, assign_all, assigned_among
from models.tables import CUSTOMER_ID


def read_arms(
    store: Store, context: NightContext, holdout: HoldoutInForce | None, bucket: int
) -> pd.DataFrame:
    """One row a customer of the bucket: customer_id, unit (as it is today), arm; in the order of the customers."""
    people = _units(context, bucket, DrawnAs.HOUSEHOLD if holdout is None else holdout.drawn_as)
    if holdout is None:
        return people.assign(arm=Arm.TREATED.value).astype("str")
    kept: dict[str, Placed] = {}
    if holdout.number is not None:
        kept = assigned_among(store, holdout.number, people[CUSTOMER_ID].tolist())
    arms = [
        kept[name].arm if name in kept else holdout.arm_of(unit).value
        for name, unit in zip(people[CUSTOMER_ID].tolist(), people["unit"].tolist(), strict=True)
    ]
    return people.assign(arm=arms).astype("str")


def keep_arms(store: Store, context: NightContext, number: int) -> int:
    """Write the arms of everybody who was seen for the first time; returns how many they were."""
    added = 0
    for bucket in range(context.data.buckets):
        places = [Placed(*row) for row in context.arms(bucket).itertuples(index=False)]
        kept = assigned_among(store, number, [one.customer_id for one in places])
        new = [one for one in places if one.customer_id not in kept]
        added += assign_all(store, number, new, seen=context.night.as_of)
    return added


def _units(context: NightContext, bucket: int, drawn_as: DrawnAs) -> pd.DataFrame:
    people = pd.read_parquet(context.data.customers(bucket), columns=[CUSTOMER_ID, "household_id"])
    units = [
        unit_of(name, None if pd.isna(household) else household, drawn_as)
        for name, household in zip(people[CUSTOMER_ID].tolist(), people["household_id"].tolist(), strict=True)
    ]
    return pd.DataFrame({CUSTOMER_ID: people[CUSTOMER_ID], "unit": units})
