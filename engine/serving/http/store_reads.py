"""Reads of the store that the event loop waits for: none of them can hold it.

SQLite's one row is in memory, takes microseconds and is read in place. PostgreSQL's lies behind a socket at whose other
end nobody may be, so a few threads of its own read it, each request waits for a limited time, and after one that waited
in vain nobody waits: the requests that follow are told at once that the store is away, but for one a second that tries.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from models.ground.errors import StoreBusy, StoreUnreachable

Found = TypeVar("Found")
# Longer than a point read's own patience, so that mostly the reason is known.
_LONGEST_SECONDS = 1.5
_TRY_AGAIN_SECONDS = 1.0
_AWAY = "The store did not answer in time; check that its database runs and that nobody holds a lock on a whole table."


class StoreReads:
    """Reads of one kind, of one process; `threads` also bounds how many can be stuck at a time."""

    def __init__(self, *, embedded: bool, threads: int) -> None:
        self._count = threads
        self._threads = None if embedded else ThreadPoolExecutor(threads, "store-read")
        self._try_at: float | None = None  # monotonic seconds; None while reads are answered

    async def answered(self, read: Callable[[], Found]) -> Found:
        """Return what `read` finds; raises StoreUnreachable within a second and a half, whatever the store does."""
        if self._threads is None:
            return _in_place(read)
        now = time.monotonic()
        if self._try_at is not None:
            if now < self._try_at:
                raise StoreUnreachable(_AWAY)
            self._try_at = now + _LONGEST_SECONDS + _TRY_AGAIN_SECONDS  # this one tries for all
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                found = await asyncio.wrap_future(self._threads.submit(read))
        except (TimeoutError, StoreUnreachable, StoreBusy) as error:
            self._try_at = time.monotonic() + _TRY_AGAIN_SECONDS
            raise StoreUnreachable(str(error) or _AWAY) from error
        self._try_at = None
        return found

    def end(self) -> None:
        """Wait for the reads under way, so that none opens a connection later; a read after that has new threads."""
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
            self._threads = ThreadPoolExecutor(self._count, "store-read")


def _in_place(read: Callable[[], Found]) -> Found:
    try:
        return read()
    except StoreBusy as error:
        raise StoreUnreachable(str(error)) from error
