"""Which writes are under way in this process, so that the same one sent twice at once is told to wait."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from engine.domain.offer_errors import Refused


class InFlight:
    """The writes under way in this process, by caller and Idempotency-Key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writes: set[tuple[str, str]] = set()

    @contextmanager
    def alone(self, write: tuple[str, str]) -> Iterator[None]:
        """Raise Refused if the same write is under way in this process."""
        with self._lock:
            if write in self._writes:
                raise Refused("write_in_flight", "Ask again in a moment with the same Idempotency-Key.")
            self._writes.add(write)
        try:
            yield
        finally:
            with self._lock:
                self._writes.discard(write)
