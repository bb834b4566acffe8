"""Who writes next into an embedded store: threads and processes, strictly in the order in which they came.

SQLite lets waiting writers sleep and try again, longer each time, and whoever happens to ask when the file is free gets it:
a till that waits beside busy phones may lose for a minute. So writers draw numbers from a file beside the store. Whoever
has a number holds a lock on the byte of that number, and waits until nobody holds the one before; the system gives a
killed process's bytes back. It is an order and no more: SQLite's own lock still decides who may write.
"""

import fcntl
import os
import threading
import time
from collections import deque
from pathlib import Path

from models.ground.errors import StoreBusy

# How long a writer waits for those before it, seconds: longer than one chunk of a publishing night.
PATIENCE_SECONDS = 30
_PAUSE_SECONDS = 0.001
_COUNTER_BYTES = 8
_BUSY = "The store is busy with other writers; try again in a few seconds."


class WriterQueue:
    """The queue of one embedded store; a process that may not write beside it has only its own threads' order."""

    def __init__(self, store: Path) -> None:
        self.file = store.with_name(f"{store.name}-queue")
        self._threads = _Line()
        self._open: int | None = None
        self._number = 0

    def __enter__(self) -> None:
        """Wait for this thread's turn; raises StoreBusy."""
        until = time.monotonic() + PATIENCE_SECONDS
        self._threads.enter()
        try:
            self._draw()
            self._wait(until)
        except BaseException:
            self._leave()
            raise

    def __exit__(self, *_: object) -> None:
        self._leave()

    def close(self) -> None:
        """Give the file back."""
        if self._open is not None:
            os.close(self._open)
            self._open = None

    def _draw(self) -> None:
        try:
            if self._open is None:
                self._open = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError:  # a folder that is missing or read-only: SQLite says so better
            self._number = 0
            return
        fcntl.lockf(self._open, fcntl.LOCK_EX, _COUNTER_BYTES, 0)
        try:
            number = int.from_bytes(os.pread(self._open, _COUNTER_BYTES, 0), "big") + 1
            fcntl.lockf(self._open, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _COUNTER_BYTES + number)
            os.pwrite(self._open, number.to_bytes(_COUNTER_BYTES, "big"), 0)
            self._number = number
        finally:
            fcntl.lockf(self._open, fcntl.LOCK_UN, _COUNTER_BYTES, 0)

    def _wait(self, until: float) -> None:
        while not self._is_next():
            if time.monotonic() > until:
                raise StoreBusy(_BUSY)
            time.sleep(_PAUSE_SECONDS)

    def _is_next(self) -> bool:
        if self._open is None or self._number <= 1:
            return True
        before = _COUNTER_BYTES + self._number - 1
        try:
            fcntl.lockf(self._open, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, before)
        except BlockingIOError:
            return False
        fcntl.lockf(self._open, fcntl.LOCK_UN, 1, before)
        return True

    def _leave(self) -> None:
        if self._open is not None and self._number:
            fcntl.lockf(self._open, fcntl.LOCK_UN, 1, _COUNTER_BYTES + self._number)
            self._number = 0
        self._threads.leave()


class _Line:
    """Threads of one process, one at a time and in order; a plain lock may go to whoever gave it back."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._busy = False
        self._waiting: deque[threading.Lock] = deque()

    def enter(self) -> None:
        """Wait for those who came before; raises StoreBusy."""
        with self._guard:
            if not self._busy:
                self._busy = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=PATIENCE_SECONDS):
            return
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                raise StoreBusy(_BUSY)

    def leave(self) -> None:
        """Let the next one in."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._busy = False
