"""What every resource needs: the clock and the store, opened at the first request that needs it."""

import threading
from collections.abc import Callable
from datetime import datetime

from fastapi import Request

from engine.serving.http.in_flight import InFlight
from engine.serving.http.last_known import LastKnown
from engine.settings import Settings
from engine.store import Store, open_store


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
        self._store: Store | None = None
        self._opening = threading.Lock()

    @property
    def store(self) -> Store:
        """The open store; raises StoreUnreachable, CannotWrite or StoreTooNew."""
        if self._store is None:
            with self._opening:
                if self._store is None:
                    self._store = open_store(self.settings.store)
        return self._store

    def close(self) -> None:
        """Close the store if it was opened."""
        if self._store is not None:
            self._store.close()
            self._store = None


def deployment(request: Request) -> Deployment:
    """The deployment that the app was created for."""
    found: Deployment = request.app.state.deployment
    return found
