"""Whether the store can be written: found out by writing, every few seconds at most, and never waited for long.

A disk that is full or a database that was made read-only still answers reads. Only a write tells.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from models.ground.errors import AbonementError, StoreBusy

_EVERY_SECONDS = 5.0
# Behind busy tills a write takes its turn like any other; meanwhile the last answer stands.
_LONGEST_SECONDS = 1.0


class WriteProbe:
    """The last write of its own, of one process."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "write-probe")
        self._under_way: Future[None] | None = None
        self._tried_at = float("-inf")  # monotonic seconds
        self._failure: AbonementError | None = None

    async def check(self, write: Callable[[], None]) -> None:
        """Try to write if the last try is some seconds old; raises what the last one failed with."""
        if self._under_way is None or self._under_way.done():
            if time.monotonic() - self._tried_at < _EVERY_SECONDS:
                self._say()
                return
            self._under_way = self._thread.submit(self._try, write)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_SECONDS):
                await asyncio.shield(asyncio.wrap_future(self._under_way))
        self._say()

    def end(self) -> None:
        """Wait for the write under way; a check after that has a new thread."""
        self._thread.shutdown(cancel_futures=True)
        self._thread, self._under_way = ThreadPoolExecutor(1, "write-probe"), None

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
            self._failure = None
        except StoreBusy:  # others write, so it can be written
            pass
        except AbonementError as error:
            self._failure = error
        self._tried_at = time.monotonic()

    def _say(self) -> None:
        if self._failure is not None:
            raise self._failure
