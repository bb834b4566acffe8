"""What every resource needs: the clock and the store, opened at the first request that needs it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from fastapi import Request

from engine.serving.http.in_flight import InFlight
from engine.serving.http.last_known import LastKnown
from engine.serving.http.store_reads import StoreReads
from engine.serving.http.write_probe import WriteProbe
from engine.settings import Settings
from engine.store import Store, open_store
from models.ground.errors import BadInput, StoreUnreachable

# How long a write waits for PostgreSQL to say anything: longer than its own limits, which end what is only slow.
_PATIENCE_SECONDS = 12.0
_LOGIN_THREADS, _KEY_THREADS, _EVENT_THREADS = 4, 1, 2


class Deployment:
    """The settings, the clock, and the store of one server process.

    The store is opened when first asked for and not at the start, so that a server whose database is away
    says so at /health/ready and recovers by itself.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.now: Callable[[], datetime] = settings.clock_function()
        self.in_flight = InFlight()
        self.last_known = LastKnown()
        self._embedded = embedded = settings.store.startswith("sqlite")
        # Each its own, so that a table which is locked does not stop what reads another one.
        self.login_reads = StoreReads(embedded=embedded, threads=_LOGIN_THREADS)
        self.key_reads = StoreReads(embedded=embedded, threads=_KEY_THREADS)
        self.health_reads = StoreReads(embedded=embedded, threads=1)
        self.write_probe = WriteProbe()
        # Batches of events wait in a line of their own: at most these stand before a till that wants to write.
        self.event_writers = ThreadPoolExecutor(_EVENT_THREADS, "event-write")
        self.recall_writer = ThreadPoolExecutor(1, "recall-write")
        self._store: Store | None = None
        self._opening = threading.Lock()

    @property
    def store(self) -> Store:
        """The open store; raises StoreUnreachable, CannotWrite or StoreTooNew.

        An embedded one is never made here: where its file is missing it was lost, or no night has begun yet.
        """
        if self._store is None:
            with self._opening:
                if self._store is None:
                    self._store = self._open()
        return self._store

    def _open(self) -> Store:
        url = self.settings.store
        try:
            return open_store(url, must_exist=self._embedded, patience_seconds=_PATIENCE_SECONDS)
        except BadInput as error:
            raise StoreUnreachable(str(error)) from error

    def close(self) -> None:
        """Close the store if it was opened, once what reads and writes it has ended; the next request opens it again."""
        for one in (self.login_reads, self.key_reads, self.health_reads, self.write_probe):
            one.end()
        self.event_writers.shutdown(cancel_futures=True)
        self.event_writers = ThreadPoolExecutor(_EVENT_THREADS, "event-write")
        self.recall_writer.shutdown(cancel_futures=True)
        self.recall_writer = ThreadPoolExecutor(1, "recall-write")
        if self._store is not None:
            self._store.close()
            self._store = None


def deployment(request: Request) -> Deployment:
    """The deployment that the app was created for."""
    found: Deployment = request.app.state.deployment
    return found
