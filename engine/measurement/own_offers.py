"""What the discount of everybody's own offers comes to on what they bought: of those who got them, and of shadows.

Both arms are reckoned alike, from purchases and not from what tills redeemed: the items of a bundle that were bought
while it ran, at the price that it was made for. Whoever is held out has bundles too, which nobody was served.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.measurement.customer_weeks import ReportedWeeks
from models.features.bucket_history import read_sql
from models.features.catalogue import Catalogue
from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_ID, PRICE_MINOR

_READ = (CUSTOMER_ID, ITEM_ID, "discount_bp", PRICE_MINOR, "max_units", "valid_from", "valid_to")
_HELD_OUT = "holdout"  # the outcome of whom the lot keeps without offers


class NightFiles(NamedTuple):
    """A published night's slots and shadows, in the order of its buckets; none where the folder was pruned."""

    as_of: datetime
    slots: Sequence[Path]
    shadows: Sequence[Path]
    claim: tuple[int, int] | None = (
        None  # offers of a pool that count at once, and for how many days; None: all do
    )


def own_discount(
    bought: duckdb.DuckDBPyConnection,
    people: pd.DataFrame,
    treated: npt.NDArray[np.bool_],
    nights: Sequence[NightFiles],
    catalogue: Catalogue,
    period: ReportedWeeks,
    bucket: tuple[int, int],
) -> npt.NDArray[np.float64]:
    """Discount on own offers, minor units, shape (n, 2): of bundles of the first week, and of later ones.

    Args:
        bought: the bucket's purchases, opened with `open_bought` at `period.read_to`.
        people: the bucket's customers by customer_no, with customer_id.
        treated: shape (n,), whose bundles were served; others are looked up among the shadows.
        nights: those of the period whose folders are there.
        catalogue: the load's items.
        period: which weeks; a bundle counts up to their end.
        bucket: its number, and of how many.
    """
    found = np.zeros((len(people), 2))
    made = [
        rows
        for night in nights
        for rows in (
            *_made(night.slots, people[treated], bucket, {}, night.claim),
            *_made(night.shadows, people[~treated], bucket, {"outcome": _HELD_OUT}, night.claim),
        )
        if len(rows)
    ]
    if not made:
        return found
    offers = _by_age(pd.concat(made, ignore_index=True), period)
    bought.register("made", offers)
    bought.register("item_ids", catalogue.items[[ITEM_ID]].reset_index())
    rows = bought.sql(read_sql("own_offers.sql", "engine.measurement").strip().rstrip(";")).df()
    place = np.where(rows["is_first_week"].to_numpy(np.bool_), 0, 1)
    found[rows[CUSTOMER_NO].to_numpy(), place] = rows["discount_minor"].to_numpy(np.float64)
    return found


def _made(
    files: Sequence[Path],
    people: pd.DataFrame,
    bucket: tuple[int, int],
    only: dict[str, Any],
    claim: tuple[int, int] | None,
) -> list[pd.DataFrame]:
    number, buckets = bucket
    if not len(people):
        return []
    # A night over another number of buckets has the customers elsewhere.
    chosen = files[number : number + 1] if len(files) == buckets else files
    filters = [(name, "==", value) for name, value in only.items()] or None
    return [
        as_drawn(pd.read_parquet(file, columns=list(_READ), filters=filters), claim).merge(
            people[[CUSTOMER_ID, CUSTOMER_NO]], on=CUSTOMER_ID
        )
        for file in chosen
    ]


def as_drawn(made: pd.DataFrame, claim: tuple[int, int] | None) -> pd.DataFrame:
    """A night's offers at the discount that they give on the average: of a pool only what is drawn counts.

    What a held-out customer would have drawn nobody knows, so both arms are reckoned by the chance of an offer to be in a claimed
    set; `claim` is the programme's `shown` and `days`.
    """
    if claim is None or made.empty:
        return made
    shown, days = claim
    window = ((made["valid_to"] - made["valid_from"]).dt.total_seconds() / 86_400).round()
    size = made.groupby(CUSTOMER_ID)[ITEM_ID].transform("size")
    share = np.minimum(shown * np.ceil(window / days) / size, 1.0)
    return made.assign(discount_bp=made["discount_bp"] * share)


def _by_age(made: pd.DataFrame, period: ReportedWeeks) -> pd.DataFrame:
    """The offers with the ages in days of their first and last day within the period."""
    zone, read_to, ends = period.read_to.timezone, period.read_to.day, period.ends.day
    first, end = (
        made[name].dt.tz_convert(zone).dt.normalize().dt.tz_localize(None)
        for name in ("valid_from", "valid_to")
    )
    last = np.minimum(end, np.datetime64(ends)) - timedelta(days=1)
    early = np.datetime64(period.starts.day + timedelta(weeks=1))
    return pd.DataFrame(
        {
            "offer_no": np.arange(len(made)),
            CUSTOMER_NO: made[CUSTOMER_NO],
            ITEM_ID: made[ITEM_ID],
            "discount_bp": made["discount_bp"],
            PRICE_MINOR: made[PRICE_MINOR].astype("float64"),
            "max_units": made["max_units"],
            "first_age": (np.datetime64(read_to) - first).dt.days,
            "last_age": (np.datetime64(read_to) - last).dt.days,
            "is_first_week": first < early,
        }
    )
