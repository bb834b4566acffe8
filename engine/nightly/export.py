"""What nights left behind, as tables: offers from the store, scores and the slot log from run folders."""

from pathlib import Path

import pandas as pd

from engine.domain.errors import BadRequest
from engine.nightly.folder import RunFolder
from engine.store import Store
from engine.store.ledger import current_offers
from engine.store.runs import Run, current_run, run_of
from models.moment import parse_moment
from models.tables import CUSTOMER_SCORES, OFFERS, OUTCOMES, SLOT_LOG, Table

CURRENT = "current"


def export_frame(store: Store, workspace: Path, what: str, run: str, now: str | None) -> pd.DataFrame:
    """One export.

    Args:
        store: for current offers, and to know which run is current.
        workspace: its run folders.
        what: "offers", "customers" or "log".
        run: a run's name, or "current": all offers valid at `now` whichever night made them, and scores and
            log of the run published last before `now` and not replaced or rolled back.
        now: required with "current", refused without it.

    Returns:
        Columns of OFFERS, CUSTOMER_SCORES or SLOT_LOG.

    Raises:
        BadRequest: no such run, nothing published, or `now` is missing or out of place.
    """
    chosen = _chosen(store, run, now)
    if what == "offers" and run == CURRENT and now is not None:
        moment = parse_moment(now, chosen.timezone, "--now").as_of
        return _in_order(pd.DataFrame(current_offers(store, moment), columns=list(OFFERS.names)), OFFERS)
    folder = RunFolder.of(workspace, chosen.run_id)
    folder.manifest()
    match what:
        case "offers":
            return _in_order(_read(folder.slot_files(), SLOT_LOG), OFFERS)
        case "customers":
            return _in_order(_read(folder.outcome_files(), OUTCOMES), CUSTOMER_SCORES)
        case _:
            return _read(folder.slot_files(), SLOT_LOG)


def _chosen(store: Store, run: str, now: str | None) -> Run:
    if run != CURRENT:
        if now is not None:
            raise BadRequest(
                f"--now goes with --run current; run {run} is the same at any moment, so leave it out."
            )
        return run_of(store, run)
    if now is None:
        raise BadRequest("--run current needs --now: which moment's offers? For example --now 2017-12-04.")
    current = current_run(store)
    if current is None:
        raise BadRequest("Nothing was published yet; run `abonement nightly` first.")
    return current


def _read(files: list[Path], table: Table) -> pd.DataFrame:
    frames = [pd.read_parquet(file) for file in files]
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled, ignore_index=True)[list(table.names)]


def _in_order(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    return frame[list(table.names)].sort_values(list(table.names[:1]), kind="stable", ignore_index=True)
