"""The embedded store: SQLite in WAL mode, where readers never wait and writers follow each other."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert
from sqlalchemy.engine import URL

from engine.store.database.writer_queue import PATIENCE_SECONDS
from models.ground.errors import AbonementError, CannotWrite, StoreBusy, StoreUnreachable

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # readers never wait for the night
    "PRAGMA synchronous = FULL",  # an acknowledged redemption survives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",  # 64 MiB: the customer index of a million bundles stays in memory
    "PRAGMA wal_autocheckpoint = 16384",  # 64 MiB: a page of an index is written once for many customers
    f"PRAGMA busy_timeout = {PATIENCE_SECONDS * 1000}",
)
_POINT_READ_MILLISECONDS = 1000
# Connections of one process: each has a cache of its own, and writers follow each other anyway.
_CONNECTIONS = 8


def engine_of(url: URL) -> Engine:
    """Open the file, which must be there, with the pragmas, and with a write lock from a writer's first statement.

    The driver's own implicit transactions are switched off: SQLAlchemy's `begin` says BEGIN, and a writer says
    BEGIN IMMEDIATE, so that it waits at the start instead of failing in the middle.
    """
    # Parameters hold customer ids; they stay out of messages and logs.
    engine = create_engine(
        url, hide_parameters=True, pool_size=_CONNECTIONS, max_overflow=0, pool_timeout=PATIENCE_SECONDS
    )

    @event.listens_for(engine, "do_connect")
    def on_opening(_dialect: Any, _record: Any, where: list[Any], named: dict[str, Any]) -> Any:
        # SQLite would make a file that is not there: an empty store in the place of one that was lost.
        return sqlite3.connect(f"{Path(where[0]).absolute().as_uri()}?mode=rw", **{**named, "uri": True})

    @event.listens_for(engine, "connect")
    def on_connect(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        for pragma in _PRAGMAS:
            dbapi_connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def make_file(file: Path) -> None:
    """Make an empty file for a store unless there is one; where that fails, opening it says why."""
    with suppress(OSError):
        file.touch(0o644)


def identity(file: Path) -> tuple[int, int] | None:
    """Which file it is, whatever its name; None if there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def own_connection(engine: Engine) -> Any:
    """Take a connection out of the pool for good, for point reads, which hardly ever wait and never for long."""
    pooled = engine.raw_connection()
    connection: Any = pooled.driver_connection
    pooled.detach()
    connection.execute(f"PRAGMA busy_timeout = {_POINT_READ_MILLISECONDS}")
    return connection


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert raw tuples with one `executemany` of the driver."""
    connection.exec_driver_sql(str(insert(table).compile(dialect=connection.dialect)), list(rows))


def sentence(name: str, error: BaseException | None) -> AbonementError | None:
    """Say what an error of the driver means; None for one that means a defect of ours."""
    code = str(getattr(error, "sqlite_errorname", ""))
    if code.startswith(("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR")):
        return CannotWrite(
            f"The store {name} cannot be written ({error}); free some space or make its folder writable."
        )
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusy(f"The store {name} is busy ({error}); try again in a few seconds.")
    if not isinstance(error, sqlite3.OperationalError) and code not in {"SQLITE_NOTADB", "SQLITE_CORRUPT"}:
        return None
    return StoreUnreachable(
        f"The store {name} does not answer ({error}); check that its folder exists and that it is not damaged."
    )
