"""Erased customers leave the workspace too: the shop's data, the nights' run folders, the model versions that name them.

The store was first (`engine.store.access.customer_erasure`) and holds a tombstone for each until everything here is done, so a
killed erasure is done again. What nights were made from is not whole any more: `verify` excuses the erased customers
and compares what is left of a run, instead of computing it again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from engine.nightly.folder.run_folder import RunFolder, write_parquet
from engine.store import Store
from engine.store.access.customer_erasure import finish_erasures, waiting_erasures
from engine.store.nights.run_records import keep_manifest
from models.ground.durable import discard, readable_json, write_text
from models.ground.locks import only_writer
from models.sources.stored.current_load import is_kept
from models.sources.stored.load_erasure import erase_from_load
from models.tables import CUSTOMER_ID
from models.versions import registry

_NAMES_CUSTOMERS = CUSTOMER_ID


@dataclass(frozen=True)
class WorkspaceErasure:
    """What an erasure of the workspace found.

    Attributes:
        customers: tombstones that were waiting.
        in_data: of them, customers whom the data in use knew.
        runs: run folders that are without them now.
        discarded: unfinished nights that were removed, because they had read them.
        retrain: model versions that name one of them; fit again and remove these.
        unseen: tombstones whose names stood neither in the data in use nor in a run.

    """

    customers: int
    in_data: int
    runs: tuple[str, ...]
    discarded: tuple[str, ...]
    retrain: tuple[str, ...]
    unseen: tuple[str, ...] = ()


def erase_waiting(
    workspace: Path, store: Store, *, now: datetime, wait_seconds: float = 0
) -> WorkspaceErasure:
    """Take everybody with a tombstone out of the workspace; nothing is read or written where there is none.

    Raises:
        Busy: another process still writes into the workspace; the tombstones stay.
        BadInput: the load in use is damaged.
        StoreUnreachable, CannotWrite: the tombstones stay.
    """
    names = waiting_erasures(store)
    if not names:
        return WorkspaceErasure(0, 0, (), (), ())
    taken = erase_from_load(workspace, names, wait_seconds=wait_seconds)
    with only_writer(workspace, "an erasure", wait_seconds=wait_seconds):
        cleaned, discarded, in_runs = _erase_from_runs(workspace, store, set(names))
    retrain = registry.versions_naming(registry.registry_folder(workspace), names)
    finish_erasures(store, names, now=now)
    unseen = tuple(name for name in names if name not in taken.named | in_runs)
    return WorkspaceErasure(len(names), taken.customers, cleaned, discarded, retrain, unseen)


def _erase_from_runs(
    workspace: Path, store: Store, names: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...], set[str]]:
    """Every finished run without them, under a new manifest; an unfinished one is removed and begins anew.

    A run that names none of them and whose load is still there stays as it is: it can be computed again. Returns runs that
    changed, runs that were removed, and who stood in them.
    """
    cleaned, discarded = [], []
    seen = set[str]()
    for path in sorted((workspace / "runs").glob("[!.]*")):
        folder = RunFolder.of(workspace, path.name)
        if not folder.is_finished:
            discard(path)
            discarded.append(path.name)
            continue
        folder.drop_plans()
        here = _who_goes(folder, names)
        if not here and is_kept(workspace, folder.request()["load"]):
            continue
        seen |= here
        erased = _note_who_goes(folder, here)
        for file in _files_naming(folder, names):
            frame = pd.read_parquet(file)
            write_parquet(file, frame[~frame[_NAMES_CUSTOMERS].isin(list(names))].reset_index(drop=True))
        about = {key: value for key, value in folder.manifest().items() if key != "files"}
        # Also a run that did not see them: the load that it was made from is gone.
        keep_manifest(store, path.name, folder.finish(about | {"erased": erased}))
        discard(folder.erasing)
        cleaned.append(path.name)
    return tuple(cleaned), tuple(discarded), seen


def _who_goes(folder: RunFolder, names: Collection[str]) -> set[str]:
    """Who of them stands in a run, or stood there when an erasure began that was killed."""
    here = set((folder.erasing_begun() or {"customers": []})["customers"])
    for file in _files_naming(folder, names):
        here |= set(names) & _customers_in(file)
    return here


def _note_who_goes(folder: RunFolder, here: Collection[str]) -> int:
    """Write down who goes before any file is without them, and return how many the run will be without.

    An erasure that was killed finds some of them in no file any more, and counts them all the same.
    """
    before = (folder.erasing_begun() or {"before": folder.manifest().get("erased", 0)})["before"]
    if here:
        write_text(folder.erasing, readable_json({"before": before, "customers": sorted(here)}))
    return int(before) + len(here)


def _files_naming(folder: RunFolder, names: Collection[str]) -> list[Path]:
    return [
        file for file in sorted(folder.path.rglob("*.parquet")) if not _customers_in(file).isdisjoint(names)
    ]


def _customers_in(file: Path) -> set[str]:
    if _NAMES_CUSTOMERS not in pq.read_schema(file).names:
        return set()
    return set(pd.read_parquet(file, columns=[_NAMES_CUSTOMERS])[_NAMES_CUSTOMERS])
