"""What nights left behind, as tables: offers from the store, scores and the slot log from run folders."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from engine.domain.customer_view import moment_text
from engine.nightly.folder.run_folder import RunFolder
from engine.store import Store
from engine.store.access.audit import records
from engine.store.grants.booked_grants import booked_grants
from engine.store.log.exported_log import (
    CameOf,
    all_events,
    all_substitutions,
    came_of,
    chosen_favourites,
    redeemed_lines,
)
from engine.store.log.exported_offers import current_offers
from engine.store.nights.run_records import Run, all_runs, current_run, run_of
from engine.store.schema import PUBLISHED
from engine.wording.analyst_sentences import standing_sentences
from models.ground.errors import BadInput
from models.ground.moment import parse_moment
from models.ground.shop_ids import is_id
from models.tables import (
    AUDIT_LOG,
    CUSTOMER_ID,
    CUSTOMER_SCORES,
    EVENT_LOG,
    FAVOURITE_LOG,
    GRANT_LOG,
    LOG,
    OFFER_ID,
    OFFERS,
    OUTCOMES,
    P_CHURN,
    REDEMPTION_LOG,
    SHADOW_LOG,
    SLOT_LOG,
    STANDINGS,
    SUBSTITUTION_LOG,
    Table,
)

CURRENT = "current"
_OF_OUTCOMES = (CUSTOMER_ID, P_CHURN, "p_churn_long", "p_partial", "churn_reasons", "next_visit")


def export_frame(
    store: Store, workspace: Path, what: str, run: str, now: str | None, clock: datetime
) -> pd.DataFrame:
    """One export.

    Args:
        store: for current offers, and to know which run is current.
        workspace: its run folders.
        what: "offers", "customers", "log" or "shadow"; or, of all nights, "redemptions", "favourites", "grants", "events",
            "substitutions" or "audit".
        run: a run's name, or "current": all offers valid at `now` whichever night made them, and scores and
            log of the last night whose `as_of` is not after `now`, in its run not replaced or rolled back.
        now: with "current", a local day or a time with zone; refused without it.
        clock: the time by the deployment's clock, which "current" goes by without `now`.

    Returns:
        Columns of OFFERS, CUSTOMER_SCORES, LOG, SHADOW_LOG, REDEMPTION_LOG, FAVOURITE_LOG, GRANT_LOG, EVENT_LOG, SUBSTITUTION_LOG or
        AUDIT_LOG.

    Raises:
        BadInput: no such run, nothing published by then, `now` is missing or out of place, or a file of the
            run is gone or damaged.
        BadInput: `now` is no time.
    """
    if what in _OF_ALL_NIGHTS:
        if run != CURRENT or now is not None:
            raise BadInput(f"--what {what} is of all nights; leave out --run and --now.")
        table, rows = _OF_ALL_NIGHTS[what]
        return pd.DataFrame(rows(store), columns=list(table.names))
    chosen, moment = _chosen(store, run, now, clock)
    if what == "offers" and moment is not None:
        return _in_order(pd.DataFrame(current_offers(store, moment), columns=list(OFFERS.names)), OFFERS)
    folder = RunFolder.of(workspace, chosen.run_id)
    match what:
        case "offers":
            return _in_order(_read(folder, "slots", SLOT_LOG), OFFERS)
        case "customers":
            scores = _read(folder, "outcomes", OUTCOMES)[list(_OF_OUTCOMES)]
            people = _read(folder, "people", STANDINGS).merge(scores, on=CUSTOMER_ID, how="left")
            people["about"] = standing_sentences(people)
            return _in_order(people, CUSTOMER_SCORES)
        case "shadow":
            return _read(folder, "shadow", SHADOW_LOG)
        case _:
            return _with_what_came(_read(folder, "slots", SLOT_LOG), store, chosen)


_OF_ALL_NIGHTS: dict[str, tuple[Table, Callable[[Store], Iterator[Any]]]] = {
    "redemptions": (REDEMPTION_LOG, redeemed_lines),
    "favourites": (FAVOURITE_LOG, chosen_favourites),
    "grants": (GRANT_LOG, booked_grants),
    "events": (EVENT_LOG, all_events),
    "substitutions": (SUBSTITUTION_LOG, all_substitutions),
    "audit": (AUDIT_LOG, records),
}


def _with_what_came(slots: pd.DataFrame, store: Store, run: Run) -> pd.DataFrame:
    """Every slot of a night beside what became of its offer; nothing where the store has it no more."""
    known = pd.DataFrame(came_of(store, run), columns=list(CameOf._fields))
    log = slots.merge(known, on=OFFER_ID, how="left", validate="one_to_one")
    log["touched_at"] = pd.to_datetime(log["touched_at"], utc=True)
    counted = ["shown", "opened", "redeemed_units_milli", "redeemed_discount_minor"]
    log[counted] = log[counted].astype("Int64")
    return log[list(LOG.names)]


def _chosen(store: Store, run: str, now: str | None, clock: datetime) -> tuple[Run, datetime | None]:
    if not is_id(run):
        raise BadInput(f"There is no run {run!r}; `abonement runs list` names them all.")
    if run != CURRENT:
        if now is not None:
            raise BadInput(
                f"--now goes with --run current; run {run} is the same at any moment, so leave it out."
            )
        return run_of(store, run), None
    current = current_run(store)
    if current is None:
        raise BadInput(
            "Nothing was published yet; run `abonement nightly` first. `abonement runs list` shows what began and was not."
        )
    moment = clock if now is None else parse_moment(now, current.timezone, "--now").as_of
    published = [run for run in all_runs(store) if run.state == PUBLISHED]
    known = [run for run in published if run.as_of <= moment]
    if not known:
        first = min(moment_text(run.as_of) for run in published)
        asked = f"--now {now}" if now else f"The deployment's clock, {moment_text(moment)},"
        raise BadInput(f"{asked} is before the first night; expected {first} or later.")
    return max(known, key=lambda run: (run.as_of, run.run_no)), moment


def _read(folder: RunFolder, kind: str, table: Table) -> pd.DataFrame:
    """All buckets' rows; a column that a run of an older release did not write yet is null."""
    frames = [pd.read_parquet(file) for file in folder.checked_files(kind)] or [pd.DataFrame()]
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled, ignore_index=True).reindex(columns=list(table.names))


def _in_order(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    return frame[list(table.names)].sort_values(list(table.names[:1]), kind="stable", ignore_index=True)
