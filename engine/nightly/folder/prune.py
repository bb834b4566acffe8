"""What an operator may throw away: old run folders, what the store kept of them, loads that no run needs.

Kept whatever `keep` says: the current run, every run that customers still have offers of or that the budget still
counts, nights that began an experiment which still runs (every night compares its arms by what they knew), offers whose terms the programme's [law] keeps, unfinished nights newer than the current run, every touched
offer, all model versions.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from engine.nightly.folder.run_folder import RunFolder
from engine.programme import kept_rules
from engine.store import Store
from engine.store.nights.kept_experiments import all_experiments
from engine.store.nights.retention import (
    PrunableRun,
    discard_staged,
    forget_ended,
    forget_events,
    old_events,
    prunable,
    prune_bundles,
)
from engine.store.nights.run_records import all_runs, began_with, current_run
from engine.store.schema import PUBLISHED
from engine.store.schema.customer_data import Clock
from models.ground.durable import discard
from models.ground.errors import BadInput
from models.ground.progress import Progress
from models.sources.stored.current_load import remove_load, unneeded_loads

# No budget period is longer than a month: what ended this long before the current run counts in none any more.
_COUNTED = timedelta(days=32)


@dataclass(frozen=True)
class Pruning:
    """What can go: names of run folders, bundles that ended by `ended_by` or were replaced, names of loads, events.

    `events_before` is None where events stay.
    """

    ended_by: datetime
    folders: tuple[str, ...]
    bundles: tuple[PrunableRun, ...]
    loads: tuple[str, ...]
    events_before: datetime | None
    events: int


def what_to_prune(workspace: Path, store: Store, keep: int, *, events_days: int | None = None) -> Pruning:
    """Find what `prune` would remove.

    Args:
        workspace: its run folders and loads.
        store: its bundles.
        keep: how many of the runs published last stay whole, with their folders and all their bundles.
        events_days: how many days before the current run's cut events may be old; None keeps all.

    Raises:
        BadInput: `keep` is not positive, or nothing was published yet.
    """
    current = current_run(store)
    if keep < 1:
        raise BadInput(f"--keep {keep} would remove the current run; expected at least 1.")
    if current is None:
        raise BadInput(f"Nothing is published in {workspace}; there is nothing that can be told to be old.")
    ended_by = current.as_of - max(_COUNTED, _terms(workspace, current.run_id))
    young_from = current.as_of - _COUNTED
    known = [run for run in all_runs(store) if run.published_at is not None]
    last = {run.run_id for run in known[-keep:]} | {current.run_id}
    bundles = prunable(store, keep=last, ended_by=ended_by)
    # A published run younger than that still has bundles which count, so its folder still explains something.
    young = {run.run_id for run in known if run.state == PUBLISHED and run.as_of > young_from}
    began = {
        run_id
        for one in all_experiments(store)
        if one.stopped is None
        for run_id in began_with(store, one.started)
    }
    unfinished = {
        folder
        for folder in _folders(workspace)
        if folder not in {run.run_id for run in known} and folder[:10] >= current.night.isoformat()
    }
    folders = tuple(name for name in _folders(workspace) if name not in last | young | began | unfinished)
    loads = unneeded_loads(workspace, without_runs=frozenset(folders) | (began - last - young))
    before = None if events_days is None else current.as_of - timedelta(days=events_days)
    events = 0 if before is None else old_events(store, before=before)
    return Pruning(ended_by, folders, bundles, loads, before, events)


def prune(workspace: Path, store: Store, what: Pruning, progress: Progress) -> None:
    """Remove it, while nobody else writes into the workspace; it may be interrupted and repeated."""
    discard_staged(store)
    for place, run in enumerate(what.bundles):
        progress("removing bundles", place, len(what.bundles))
        prune_bundles(store, run, ended_by=what.ended_by)
    forget_ended(store, Clock.SHOP, before=what.ended_by)
    if what.events_before is not None:
        forget_events(store, before=what.events_before)
    for place, name in enumerate(what.folders):
        progress("removing run folders", place, len(what.folders))
        discard(RunFolder.of(workspace, name).path)
    for name in what.loads:
        remove_load(workspace, name)


def _terms(workspace: Path, run_id: str) -> timedelta:
    """For how long the programme in force keeps the terms of offers; nothing where it has no [law], or its folder is gone."""
    file = RunFolder.of(workspace, run_id).programme
    if not file.exists():
        return timedelta(0)
    law = kept_rules(file.read_text(encoding="utf-8"), str(file)).programme.law
    return timedelta(0) if law is None else timedelta(days=law.keeps_terms_days)


def _folders(workspace: Path) -> list[str]:
    return sorted(path.name for path in (workspace / "runs").glob("[!.]*") if path.is_dir())
