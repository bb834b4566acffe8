"""One load becomes the current one, or nothing changes.

A load is built in `data/loads/.incoming-N`, flushed to disk, renamed to `data/loads/N`, and only then does
`data/current` name it, by one os.replace. A kill at any point leaves the former load in use; whatever it left
behind is removed by the next load. Older loads are removed after the pointer has moved.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import Busy

INCOMING = ".incoming-"


@contextmanager
def incoming_load(workspace: Path) -> Iterator[Path]:
    """An empty folder to build the next load in, removed again unless `publish` has renamed it.

    Raises Busy where another process is loading into the same workspace.
    """
    loads = workspace / "data" / "loads"
    loads.mkdir(parents=True, exist_ok=True)
    with (workspace / "data" / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"Another load into {workspace} is running; wait until it has ended.") from None
        for left_over in loads.glob(f"{INCOMING}*"):
            shutil.rmtree(left_over)
        numbers = [int(path.name) for path in loads.iterdir() if path.name.isdigit()]
        folder = loads / f"{INCOMING}{max(numbers, default=0) + 1:04d}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def next_load_id(incoming: Path) -> str:
    """The name under which an incoming load will be published."""
    return incoming.name.removeprefix(INCOMING)


def publish(incoming: Path) -> None:
    """Make a finished load the current one and remove the others."""
    loads, load_id = incoming.parent, next_load_id(incoming)
    for path in (*incoming.rglob("*"), incoming):
        _flush(path)
    incoming.rename(loads / load_id)
    _flush(loads)
    pointer = loads.parent / "current"
    coming = loads.parent / ".current-incoming"
    coming.write_text(load_id + "\n", encoding="utf-8")
    _flush(coming)
    coming.replace(pointer)
    _flush(loads.parent)
    for former in loads.iterdir():
        if former.name not in {load_id, incoming.name}:
            shutil.rmtree(former, ignore_errors=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
