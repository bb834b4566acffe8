"""Who may write: one process at a time in a folder, held by flock, which a killed process cannot leave behind.

`WORKSPACE/.lock` is for load, night, rollback, prune, restore and the start and end of an experiment, one of them at a time; `WORKSPACE/registry/.lock`
for the moment in which a version or the pointer to it changes (`registry/response` has one of its own). `WORKSPACE/.workers` holds the token of who writes
now: workers share it while they do a bucket, and do nothing where it names another token than theirs. A fit shares
the `load.json` of the load it reads, so that nobody removes it.
"""

import fcntl
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from models.ground.errors import Busy

_LOCK = ".lock"
_WORKERS = ".workers"
_PAUSE_SECONDS = 0.25
# A worker whose night was killed is at one bucket of customers, which takes seconds.
_WORKERS_SECONDS = 120.0


@dataclass(frozen=True)
class Fence:
    """A writer's leave to write into a workspace, which goes to its workers; it ends when another writer begins.

    Attributes:
        workspace: as the workers see it.
        token: the writer's own, drawn when it took the workspace.
    """

    workspace: Path
    token: str

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Write; whoever takes the workspace meanwhile waits for the end of it.

        Raises:
            Busy: the writer has ended, or another one has begun.
        """
        # Open for writing too: a network file system has no shared lock on a file that is only appended to.
        with (self.workspace / _WORKERS).open("r+", encoding="utf-8") as workers:
            fcntl.flock(workers, fcntl.LOCK_SH)
            if workers.read() != self.token:
                raise Busy(
                    "The command that this worker belongs to has ended; its step is left to the next start."
                )
            yield


@contextmanager
def only_writer(workspace: Path, doing: str, *, wait_seconds: float = 0) -> Iterator[Fence]:
    """Be the only one that loads, runs a night, rolls back, prunes or restores in a workspace.

    Yields the fence within which workers may write. Raises Busy like `holding`, and where workers of a killed
    writer do not come to an end.
    """
    with (
        holding(workspace, doing, wait_seconds=wait_seconds),
        (workspace / _WORKERS).open("a+", encoding="utf-8") as workers,
    ):
        fence = Fence(workspace, secrets.token_hex(16))
        # First the token, then the wait: workers of a killed night finish their bucket and begin no other.
        workers.truncate(0)
        workers.write(fence.token)
        workers.flush()
        _acquire(workers, _WORKERS_SECONDS, lambda: f"Workers of a killed night still write into {workspace}")
        fcntl.flock(workers, fcntl.LOCK_UN)
        try:
            yield fence
        finally:
            workers.truncate(0)


@contextmanager
def holding(folder: Path, doing: str, *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold a folder against others that want to, and make it where it does not exist.

    Args:
        folder: a workspace, or its registry.
        doing: what for, as others will read it: "the night of 2017-12-04".
        wait_seconds: how long to wait for another writer.

    Raises:
        Busy: another process is still writing after that time; the message says which and what.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("a+", encoding="utf-8") as lock:
        _acquire(lock, wait_seconds, lambda: _held(folder, lock, doing))
        lock.truncate(0)
        lock.write(f"{doing} (process {os.getpid()} on {socket.gethostname()})\n")
        lock.flush()
        yield
        lock.truncate(0)


@contextmanager
def in_use(file: Path) -> Iterator[None]:
    """Hold a file that others then leave in place: see `is_in_use`."""
    with file.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        yield


def is_in_use(file: Path) -> bool:
    """Tell whether some process holds a file."""
    try:
        with file.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _acquire(lock: IO[str], wait_seconds: float, sentence: Callable[[], str]) -> None:
    left = wait_seconds
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if left <= 0:
                raise Busy(f"{sentence()}; try again later, or wait for it with --wait SECONDS.") from None
        pause = min(_PAUSE_SECONDS, left)
        time.sleep(pause)
        left -= pause


def _held(folder: Path, lock: IO[str], doing: str) -> str:
    lock.seek(0)
    holder = lock.read().strip() or "another process"
    return f"Cannot begin {doing}: {folder} is held by {holder}"
