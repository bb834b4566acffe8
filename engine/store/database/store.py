"""An open store: one SQLAlchemy engine, transactions, failures said in one sentence.

What differs between the databases stands in `sqlite` and `postgresql`; everything else is one code.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, text
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from engine.store.database import postgresql, sqlite
from engine.store.database.bounded_waits import NoAnswer
from engine.store.database.writer_queue import WriterQueue
from models.ground.errors import AbonementError, StoreBusy, StoreUnreachable

_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_WRITTEN_AS_IT_IS = text("UPDATE alembic_version SET version_num = version_num")


class Store:
    """An open store. Functions of this package take it as their first argument.

    A thread has one transaction at a time: what is asked for within a writing one joins it, so that a use case
    called inside another's transaction is kept or undone together with it.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_postgresql = engine.dialect.name == "postgresql"
        self._reading = engine.execution_options(**_SNAPSHOT) if self.is_postgresql else engine
        self._writing = engine.execution_options(writes=True)
        self._file = None if self.is_postgresql else Path(str(engine.url.database))
        self._identity: tuple[int, int] | None = None
        self._queue = None if self._file is None else WriterQueue(self._file)
        self._local = threading.local()
        self._kept: list[Any] = []
        self._statements: dict[Select[Any], tuple[str, Sequence[str], dict[str, Any]]] = {}

    @property
    def name(self) -> str:
        """Where it is, without a password."""
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent snapshot; raises StoreUnreachable or StoreBusy."""
        joined = self._joined()
        if joined is not None:
            yield joined
            return
        self._check_file()
        with self._in_one_sentence(), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """One snapshot that everything read within it shares; for plain functions, not around generators."""
        joined = self._joined()
        if joined is not None:
            yield joined
            return
        with self.reading() as connection:
            self._local.joined = connection
            try:
                yield connection
            finally:
                self._local.joined = None

    @contextmanager
    def writing(self, customer_id: str | None = None) -> Iterator[Connection]:
        """One transaction, all or nothing; with a customer, the only one that writes for them.

        What is read within it about that customer, and which runs are published, stays so until it ends. Raises
        StoreUnreachable, CannotWrite, or StoreBusy where it is worth trying the whole transaction again.
        """
        joined = self._joined()
        if joined is not None:
            if not joined.get_execution_options().get("writes", False):
                raise RuntimeError("a transaction that only looks cannot write; open the writing one first")
            self._lock_customer(joined, customer_id)
            yield joined
            return
        with ExitStack() as leaving:
            leaving.enter_context(self._in_one_sentence())
            if self._queue is not None:
                leaving.enter_context(self._queue)
            self._check_file()
            connection = leaving.enter_context(self._writing.begin())
            self._local.joined = connection
            try:
                self._lock_customer(connection, customer_id)
                yield connection
            finally:
                self._local.joined = None

    @contextmanager
    def switching(self) -> Iterator[Connection]:
        """A short writing transaction beside which nobody writes for any customer."""
        with self.writing() as connection:
            if self.is_postgresql:
                postgresql.lock_switch(connection)
            yield connection

    def try_to_write(self) -> None:
        """Write what is there already; raises CannotWrite, StoreUnreachable or StoreBusy."""
        with self.writing() as connection:
            connection.execute(_WRITTEN_AS_IT_IS)

    def point_read(self, query: Select[Any], **values: str | int | bytes) -> tuple[Any, ...] | None:
        """The first row of `point_reads`."""
        found = self.point_reads(query, **values)
        return found[0] if found else None

    def point_reads(self, query: Select[Any], **values: str | int | bytes) -> list[tuple[Any, ...]]:
        """The few rows of one statement on this thread's own connection.

        A login is one such statement; SQLAlchemy's execution around it would cost more than the read itself,
        so the statement is compiled once and handed to the driver. It sees what was committed last and, within a
        writing transaction, what that has written.
        """
        joined = self._joined()
        if joined is not None:
            return [tuple(row) for row in joined.execute(query, values)]
        sql, order, fixed = self._compiled(query)
        given = fixed | values
        parameters = [given[name] for name in order]
        try:
            return self._point_rows(sql, parameters)
        except self.engine.dialect.loaded_dbapi.Error as error:
            if not self._connection_was_lost() or isinstance(error, NoAnswer):
                raise self._sentence(error) or error from error
        try:  # once more, on a new connection: the database was restarted
            return self._point_rows(sql, parameters)
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise self._sentence(error) or error from error

    def empty_log(self) -> None:
        """Bring SQLite's log into its file and cut it off, so that no former page stays in it; else nothing."""
        if self.is_postgresql:
            return
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            connection.close()

    def close(self) -> None:
        """Give all connections back."""
        while self._kept:
            self._kept.pop().close()
        self._local = threading.local()
        if self._queue is not None:
            self._queue.close()
        self.engine.dispose()

    def _check_file(self) -> None:
        """Raise StoreUnreachable if the file was removed or replaced: what is open would be written for nobody.

        A file that was put back is opened by the next transaction.
        """
        if self._file is None:
            return
        found = sqlite.identity(self._file)
        if self._identity is None:
            self._identity = found
        elif found != self._identity:
            self.close()
            self._identity = found or self._identity
            raise StoreUnreachable(
                f"The store {self.name} was removed or replaced while it was open; put the file back, or restore a backup."
            )

    def _joined(self) -> Connection | None:
        return getattr(self._local, "joined", None)

    def _lock_customer(self, connection: Connection, customer_id: str | None) -> None:
        if customer_id is not None and self.is_postgresql:
            postgresql.lock_customer(connection, customer_id)

    def _compiled(self, query: Select[Any]) -> tuple[str, Sequence[str], dict[str, Any]]:
        known = self._statements.get(query)
        if known is None:
            compiled: Any = query.compile(
                dialect=self.engine.dialect, compile_kwargs={"render_postcompile": True}
            )
            known = self._statements[query] = (
                str(compiled),
                compiled.positiontup or (),
                dict(compiled.params),
            )
        return known

    def _point_rows(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        connection = self._own_connection()
        if self.is_postgresql:
            return postgresql.point_rows(connection, self._local.prepared, sql, parameters)
        cursor = connection.cursor()
        try:
            cursor.execute(sql, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        finally:
            cursor.close()
        return rows

    def _own_connection(self) -> Any:
        connection: Any = getattr(self._local, "connection", None)
        if connection is None:
            own = postgresql.own_connection if self.is_postgresql else sqlite.own_connection
            with self._in_one_sentence():
                connection = own(self.engine)
            self._local.connection, self._local.prepared = connection, {}
            self._kept.append(connection)
        return connection

    def _connection_was_lost(self) -> bool:
        connection = getattr(self._local, "connection", None)
        if connection is None or not getattr(connection, "closed", False):
            return False
        self._kept.remove(connection)
        self._local.connection = None
        return True

    def _sentence(self, error: BaseException | None) -> AbonementError | None:
        sentence = postgresql.sentence if self.is_postgresql else sqlite.sentence
        return sentence(self.name, error)

    @contextmanager
    def _in_one_sentence(self) -> Iterator[None]:
        """Turn the driver's errors into ours; a broken constraint stays what it is."""
        try:
            yield
        except DBAPIError as error:
            sentence = self._sentence(error.orig)
            if sentence is None:
                raise
            raise sentence from error
        except NoConnectionFree as error:
            raise StoreBusy(f"The store {self.name} is busy; try again in a few seconds.") from error


def insert_rows(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert raw tuples, every column in the order of the table, the fast way of the database."""
    rows = list(rows)
    if rows:
        insert = postgresql.insert_rows if connection.dialect.name == "postgresql" else sqlite.insert_rows
        insert(connection, table, rows)


def insert_unless_there(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row; False, and nothing changed, where one of its unique keys is taken."""
    return insert_new_ones(connection, table, [row]) > 0


def insert_new_ones(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert those of the rows whose unique keys are free, also within themselves; returns how many.

    The one statement that both databases offer and SQLAlchemy spells for each by itself.
    """
    if not rows:
        return 0
    insert = insert_on_postgresql if connection.dialect.name == "postgresql" else insert_on_sqlite
    # Of an INSERT SQLAlchemy keeps the number of rows only where it is told to.
    statement = insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return connection.execute(statement, list(rows)).rowcount
