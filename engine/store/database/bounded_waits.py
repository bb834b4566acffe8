"""A connection to PostgreSQL that does not wait for ever.

The server's own limits (`statement_timeout`, `lock_timeout`) end what is slow. They end nothing where the server itself
stands still: a stopped process, a lost machine, a disk that hangs. So the client counts too, and gives the connection up.
"""

from contextlib import suppress
from typing import Any

import psycopg
from psycopg.errors import _WaitTimeout

_CANCEL_SECONDS = 0.5


class NoAnswer(psycopg.OperationalError):
    """The server took the statement and said nothing in time; the connection is closed."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is given up once an answer has taken longer than `patience_seconds`; None waits for ever."""

    patience_seconds: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait as psycopg does; raises NoAnswer when patience is over.

        The statement is cancelled first, so that no server process is left waiting for a lock for nobody.
        """
        patience = self.patience_seconds if timeout is None else timeout
        if patience is None:
            return super().wait(gen, interval)
        try:
            return super().wait(gen, interval, patience)
        except _WaitTimeout as error:
            with suppress(psycopg.Error):
                self.cancel_safe(timeout=_CANCEL_SECONDS)
            self.pgconn.finish()
            raise NoAnswer(f"no answer within {patience:g} s") from error
