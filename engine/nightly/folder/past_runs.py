"""The runs of a workspace as an operator lists them: published ones from the store, killed ones from their folders."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.domain.customer_view import moment_text
from engine.nightly.folder.run_folder import RunFolder
from engine.store import Store
from engine.store.log.exported_offers import touched_bundles
from engine.store.nights.run_records import Run, all_runs, current_run, programme_in
from models.ground.errors import BadInput
from models.ground.shop_ids import is_id

UNFINISHED = "unfinished"  # killed, or refused by the guard; not in the store
CURRENT = "current"


@dataclass(frozen=True)
class PastRun:
    """One line of the list; moments as text in UTC, None where there is none."""

    run_id: str
    state: str
    is_current: bool
    as_of: str | None
    published_at: str | None
    bundles: int
    offers: int
    touched: int  # bundles that somebody has activated or used
    model: str | None
    has_folder: bool
    timezone: str  # the shop's
    programme: str  # its name; empty where it has none


def past_runs(workspace: Path, store: Store) -> tuple[PastRun, ...]:
    """Every run, in the order in which they began; unfinished ones last."""
    current, touched = current_run(store), touched_bundles(store)
    runs = all_runs(store)
    found = [
        _published(workspace, run, touched.get(run.run_no, 0), run.run_id == (current and current.run_id))
        for run in runs
    ]
    known = {run.run_id for run in runs}
    for path in sorted((workspace / "runs").glob("[!.]*/request.json")):
        folder = RunFolder(path.parent)
        if folder.run_id not in known:
            request = folder.request()
            found.append(
                PastRun(
                    run_id=folder.run_id,
                    state=UNFINISHED,
                    is_current=False,
                    as_of=request["as_of"],
                    published_at=None,
                    bundles=0,
                    offers=0,
                    touched=0,
                    model=request["model"],
                    has_folder=True,
                    timezone=request["timezone"],
                    programme=programme_in(folder.run_id),
                )
            )
    return tuple(found)


def named_run(store: Store, name: str) -> str:
    """A run's name; `current` is that of the current one; BadInput where there is none, or for what is no name."""
    if not is_id(name):  # no run, no path and nothing for the store to look up
        raise BadInput(f"There is no run {name!r}; `abonement runs list` names them all.")
    if name != CURRENT:
        return name
    current = current_run(store)
    if current is None:
        raise BadInput(
            "Nothing was published yet; run `abonement nightly` first. `abonement runs list` shows what began and was not."
        )
    return current.run_id


def past_run(workspace: Path, store: Store, run_id: str) -> tuple[PastRun, dict[str, Any]]:
    """One run with its manifest, which is empty for an unfinished one; BadInput where there is no such run."""
    for run in past_runs(workspace, store):
        if run.run_id == run_id:
            folder = RunFolder.of(workspace, run_id)
            if run.state == UNFINISHED:
                return run, folder.manifest() if folder.is_finished else {}
            manifest = next(one.manifest for one in all_runs(store) if one.run_id == run_id)
            return run, dict(manifest)
    raise BadInput(f"There is no run {run_id} in {workspace}; `abonement runs list` names them all.")


def _published(workspace: Path, run: Run, touched: int, is_current: bool) -> PastRun:
    return PastRun(
        run_id=run.run_id,
        state=run.state,
        is_current=is_current,
        as_of=moment_text(run.as_of),
        published_at=None if run.published_at is None else moment_text(run.published_at),
        bundles=run.bundles,
        offers=run.offers,
        touched=touched,
        model=run.manifest.get("model"),
        has_folder=RunFolder.of(workspace, run.run_id).path.is_dir(),
        timezone=run.timezone,
        programme=run.programme,
    )
