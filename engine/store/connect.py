"""Opening the store: one SQLAlchemy engine, the schema brought up to date, failures said in one sentence."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Select, Table, create_engine, event, insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from engine.domain.errors import BadRequest, CannotWrite, OfferError, StoreTooNew, StoreUnreachable
from engine.store.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
# How long a writer waits for another one, milliseconds: longer than one chunk of a publishing night.
_BUSY_TIMEOUT_MS = 30_000
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # readers never wait for the night
    "PRAGMA synchronous = FULL",  # an acknowledged redemption survives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",  # 64 MiB: the customer index of a million bundles stays in memory
    "PRAGMA wal_autocheckpoint = 16384",  # 64 MiB: a page of an index is written once for many customers
    f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}",
)
_CANNOT_WRITE = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR")


class Store:
    """An open store. Functions of this package take it as their first argument."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(writes=True)
        self._local = threading.local()
        self._statements: dict[Select[Any], tuple[str, Sequence[str], dict[str, Any]]] = {}

    @property
    def name(self) -> str:
        """Where it is, without a password."""
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent snapshot; raises StoreUnreachable."""
        with in_one_sentence(self.name), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, all or nothing; raises StoreUnreachable or CannotWrite.

        Within another one of the same thread it is a part of that: what a request wrote and what is remembered
        of the request stand or fall together.
        """
        outer: Connection | None = getattr(self._local, "writing", None)
        if outer is not None:
            yield outer
            return
        with in_one_sentence(self.name), self._writing.begin() as connection:
            self._local.writing = connection
            try:
                yield connection
            finally:
                self._local.writing = None

    def point_read(self, query: Select[Any], **values: str | int | bytes) -> tuple[Any, ...] | None:
        """The first row of one statement on this thread's own connection.

        A login is one such statement; SQLAlchemy's execution around it would cost more than the read itself,
        so the statement is compiled once and handed to the driver.
        """
        sql, order, fixed = self._compiled(query)
        given = fixed | values
        try:
            cursor = self._cursor()
            cursor.execute(sql, [given[name] for name in order])
            row: tuple[Any, ...] | None = cursor.fetchone()
            cursor.close()
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise _sentence(self.name, error) from error
        return row

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

    def _cursor(self) -> Any:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            with in_one_sentence(self.name):
                connection = self._local.connection = self.engine.raw_connection()
        return connection.cursor()

    def close(self) -> None:
        """Give all connections back."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            del self._local.connection
        self.engine.dispose()


def open_store(url: str, *, must_exist: bool = False) -> Store:
    """Open the store at an SQLAlchemy URL and bring its schema up to date.

    A store that is not there is made, or refused with BadRequest if it `must_exist`.

    Raises BadRequest for a URL that is no SQLite one, StoreUnreachable, CannotWrite, and StoreTooNew for a
    database that a newer version made.
    """
    parsed = _checked(url)
    if must_exist and not store_file(url).is_file():
        raise BadRequest(
            f"There is no store at {store_file(url)}; run `abonement nightly` first, or check the path."
        )
    # Parameters hold customer ids; they stay out of messages and logs.
    engine = create_engine(parsed, hide_parameters=True)
    _configure(engine)
    store = Store(engine)
    try:
        _migrate(store)
    except OfferError:
        store.close()
        raise
    return store


def store_file(url: str) -> Path:
    """The file behind a store's URL, existing or not; raises BadRequest for a URL that is no SQLite one."""
    return Path(str(_checked(url).database))


def insert_rows(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert raw tuples, every column in the order of the table: one `executemany` of the driver."""
    rows = list(rows)
    if rows:
        statement = str(insert(table).compile(dialect=connection.dialect))
        connection.exec_driver_sql(statement, rows)


def insert_unless_there(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row; False, and nothing changed, where one of its unique keys is taken.

    The one statement that both databases offer and SQLAlchemy spells for each by itself.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return connection.execute(dialect.insert(table).values(row).on_conflict_do_nothing()).rowcount > 0


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadRequest(
            "The store's address is not a URL; expected for example sqlite:////srv/abonement/store.db."
        ) from error
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        raise BadRequest(
            f"The store's address {parsed.render_as_string()} is not supported; "
            "expected an SQLite file, for example sqlite:////srv/abonement/store.db."
        )
    return parsed


def _configure(engine: Engine) -> None:
    """Pragmas for every connection, and a write lock from the first statement of a writing transaction.

    The driver's own implicit transactions are switched off: SQLAlchemy's `begin` says BEGIN, and a writer says
    BEGIN IMMEDIATE, so that it waits for its turn at the start and never fails half-way through.
    """

    @event.listens_for(engine, "connect")
    def on_connect(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        for pragma in _PRAGMAS:
            dbapi_connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(store: Store) -> None:
    with store.reading() as connection:
        if _revision(connection) == SCHEMA_VERSION:
            return
    # Alembic is imported only when there is something to do: the server starts faster without it.
    from alembic import command

    with store.writing() as connection:
        revision = _revision(connection)
        if revision is not None and revision not in known_revisions():
            raise StoreTooNew(
                f"The store {store.name} has schema {revision}, this version knows schemas up to {SCHEMA_VERSION}; "
                "install the newer version or restore a backup."
            )
        config = _alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def known_revisions() -> set[str]:
    """Every schema that this version can bring up to date, and its own."""
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}


def _alembic() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _revision(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@contextmanager
def in_one_sentence(name: str) -> Iterator[None]:
    """Turn the driver's errors into StoreUnreachable or CannotWrite; a broken constraint stays what it is."""
    try:
        yield
    except OperationalError as error:
        raise _sentence(name, error.orig) from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorname", "") in {"SQLITE_NOTADB", "SQLITE_CORRUPT"}:
            raise _sentence(name, error.orig) from error
        raise


def _sentence(name: str, error: BaseException | None) -> OfferError:
    if str(getattr(error, "sqlite_errorname", "")).startswith(_CANNOT_WRITE):
        return CannotWrite(
            f"The store {name} cannot be written ({error}); free some space or make its folder writable."
        )
    return StoreUnreachable(
        f"The store {name} does not answer ({error}); check that its folder exists and that it is not damaged."
    )
