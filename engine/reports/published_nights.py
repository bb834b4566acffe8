"""The files of a period's published nights: what was offered, and what was only made for those who are held out."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from engine.measurement.own_offers import NightFiles
from engine.nightly.folder.run_folder import RunFolder
from engine.reports.report_figures import ReportedShop
from engine.store import Store
from engine.store.nights.run_records import Run, all_runs
from engine.store.schema import PUBLISHED
from models.ground.moment import Moment
from models.tables import CUSTOMER_ID, CUSTOMER_NO, EXPECTED_COST_MILLI, ITEM_ID, PRICE_MINOR

_READ = (
    CUSTOMER_ID,
    ITEM_ID,
    "kind",
    "discount_bp",
    PRICE_MINOR,
    "max_units",
    EXPECTED_COST_MILLI,
    "valid_from",
    "valid_to",
)
_HELD_OUT = "holdout"


def published_nights(workspace: Path, store: Store, shop: ReportedShop) -> tuple[list[NightFiles], int]:
    """The files of the nights for the period, and how many nights have none any more."""
    since, until = shop.starts.as_of, shop.ends.as_of
    nights = [one for one in all_runs(store) if one.state == PUBLISHED and since <= one.as_of < until]
    found = [
        NightFiles(one.as_of, folder.slot_files(), folder.shadow_files(), folder.claim)
        for one in nights
        if (folder := RunFolder.of(workspace, one.run_id)).path.is_dir()
    ]
    return found, len(nights) - len(found)


def last_night(workspace: Path, store: Store, until: Moment) -> tuple[Run, RunFolder] | None:
    """The last night published for a moment before `until` whose folder is there; None without one."""
    nights = [one for one in all_runs(store) if one.state == PUBLISHED and one.as_of < until.as_of]
    for one in sorted(nights, key=lambda run: (run.as_of, run.run_no), reverse=True):
        folder = RunFolder.of(workspace, one.run_id)
        if folder.is_finished:
            return one, folder
    return None


def offers_made(
    nights: Sequence[NightFiles], kind: str, people: pd.DataFrame, bucket: tuple[int, int], read_to: Moment
) -> pd.DataFrame:
    """Offers of a kind to a bucket's customers, served and only made for the held out, with ages in days before `read_to`.

    Args:
        nights: whose offers.
        kind: preferred, novelty or cold_start.
        people: customer_no and customer_id of the bucket.
        bucket: its number, and of how many.
        read_to: from when ages count back.
    """
    parts = [_EMPTY]
    for night in nights:
        for files, served, more in (
            (night.slots, True, []),
            (night.shadows, False, [("outcome", "==", _HELD_OUT)]),
        ):
            # A night over another number of buckets has the customers elsewhere.
            chosen = files[bucket[0] : bucket[0] + 1] if len(files) == bucket[1] else files
            for file in chosen:
                rows = pd.read_parquet(file, columns=list(_READ), filters=[("kind", "==", kind), *more])
                if len(rows):
                    parts.append(rows.merge(people, on=CUSTOMER_ID).assign(served=served))
    made = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    first, end = (
        made[name].dt.tz_convert(read_to.timezone).dt.normalize().dt.tz_localize(None)
        for name in ("valid_from", "valid_to")
    )
    today = np.datetime64(read_to.day)
    ages: Mapping[str, pd.Series] = {
        "first_age": (today - first).dt.days,
        "last_age": (today - (end - timedelta(days=1))).dt.days,
    }
    return made[[CUSTOMER_NO, ITEM_ID, "served", "discount_bp", "max_units"]].assign(
        **ages,
        price_minor=made[PRICE_MINOR].astype("float64"),
        expected_cost_minor=made[EXPECTED_COST_MILLI] / 1000.0,
    )


_EMPTY = pd.DataFrame(
    {
        CUSTOMER_NO: pd.Series(dtype="int64"),
        ITEM_ID: pd.Series(dtype="str"),
        "served": pd.Series(dtype="bool"),
        "discount_bp": pd.Series(dtype="int64"),
        "max_units": pd.Series(dtype="int64"),
        PRICE_MINOR: pd.Series(dtype="float64"),
        EXPECTED_COST_MILLI: pd.Series(dtype="int64"),
        "valid_from": pd.Series(dtype="datetime64[us, UTC]"),
        "valid_to": pd.Series(dtype="datetime64[us, UTC]"),
    }
)
