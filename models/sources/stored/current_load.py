"""One load becomes the current one, or nothing changes.

A load is built in `data/loads/.incoming-N`, flushed to disk, renamed to `data/loads/N`, and only then does
`data/current` name it, by one rename. A kill at any point leaves the former load in use; whatever it left behind is
removed by the next load. Former loads stay as long as a run was made from them (a killed night resumes with its own
load, and a verification reads it) or a process is reading them; the others are removed.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.ground.durable import flush, move_into_place, remove, sweep, write_text
from models.ground.locks import is_in_use, only_writer

INCOMING = ".incoming-"
# In the folder of a former load: it holds customers who were erased since.
_ERASE = "erase"


@contextmanager
def incoming_load(workspace: Path, *, wait_seconds: float = 0) -> Iterator[Path]:
    """An empty folder to build the next load in, removed again unless `publish` has renamed it.

    Raises Busy where another process still writes into the workspace after `wait_seconds`.
    """
    loads = workspace / "data" / "loads"
    with only_writer(workspace, "a load", wait_seconds=wait_seconds):
        loads.mkdir(parents=True, exist_ok=True)
        sweep(loads.parent, inside=False)
        for left_over in loads.glob(f"{INCOMING}*"):
            remove(left_over)
        numbers = [int(path.name) for path in loads.iterdir() if path.name.isdigit()]
        folder = loads / f"{INCOMING}{max(numbers, default=0) + 1:04d}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):  # a first load that was refused leaves no empty folders
                loads.rmdir()
                loads.parent.rmdir()


def next_load_id(incoming: Path) -> str:
    """The name under which an incoming load will be published."""
    return incoming.name.removeprefix(INCOMING)


def publish(incoming: Path, workspace: Path, *, erasing: bool = False) -> None:
    """Make a finished load the current one and remove those that nobody needs any more.

    `erasing`: the former loads hold customers whom the shop has erased, so they go even where runs were made from
    them, and those runs can be neither resumed nor verified any more. One that a process is reading is marked, and
    goes with the next load.
    """
    loads, load_id = incoming.parent, next_load_id(incoming)
    move_into_place(incoming, loads / load_id)
    write_text(workspace / "data" / "current", load_id + "\n")
    remove_erased_loads(workspace, former_loads(workspace) if erasing else ())


def former_loads(workspace: Path) -> list[Path]:
    """The folders of the loads that are not in use any more."""
    current = _current(workspace)
    loads = workspace / "data" / "loads"
    return [path for path in sorted(loads.glob("[!.]*")) if path.name != current]


def remove_erased_loads(workspace: Path, folders: Iterable[Path]) -> None:
    """Mark former loads that hold an erased customer; remove them and the others that nobody needs or reads."""
    for folder in folders:
        (folder / _ERASE).touch()
    for name in unneeded_loads(workspace):
        remove_load(workspace, name)


def is_kept(workspace: Path, load_id: str) -> bool:
    """Whether a load is there and not about to go for an erasure."""
    folder = workspace / "data" / "loads" / load_id
    return folder.exists() and not (folder / _ERASE).exists()


def unneeded_loads(workspace: Path, *, without_runs: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Loads that are not current, that no run was made from, or that are to be erased, and that no process reads.

    `without_runs` names runs that do not count, because they are about to be removed.
    """
    loads = workspace / "data" / "loads"
    of_runs = {name for name in _of_runs(workspace, without_runs) if not (loads / name / _ERASE).exists()}
    needed = {_current(workspace), *of_runs}
    return tuple(
        sorted(
            path.name
            for path in loads.glob("[!.]*")
            if path.name not in needed and not is_in_use(path / "load.json")
        )
    )


def remove_load(workspace: Path, load_id: str) -> None:
    """Remove a load; the hidden name it gets first is one that the next load clears away."""
    loads = workspace / "data" / "loads"
    gone = loads / f"{INCOMING}gone-{load_id}"
    (loads / load_id).rename(gone)
    flush(loads)
    shutil.rmtree(gone, ignore_errors=True)


def _current(workspace: Path) -> str:
    try:
        return (workspace / "data" / "current").read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return ""


def _of_runs(workspace: Path, without: frozenset[str]) -> Iterator[str]:
    """What the request of each run folder names as its load: the one thing that a load knows of nights."""
    for request in (workspace / "runs").glob("[!.]*/request.json"):
        if request.parent.name not in without:
            yield str(json.loads(request.read_text(encoding="utf-8")).get("load"))
