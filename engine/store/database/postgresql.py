"""The chain's store: PostgreSQL through psycopg, where tills write in parallel.

Three advisory locks keep order, each held to the end of its transaction. Whoever writes for a customer takes the
customer's own, so that the writes of one customer follow each other and those of different customers do not wait;
before it, and shared with all others, the lock of the switch, which a publishing night takes alone for its last
short step. Migrations have one of their own. They are taken in this order, one customer a transaction, so nobody
can wait in a circle.
"""

import itertools
import re
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import generators
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, Engine, Table, bindparam, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from engine.store.database.bounded_waits import BoundedConnection
from models.ground.errors import AbonementError, CannotWrite, StoreBusy, StoreUnreachable

# Connections of one process; a request that finds none free waits, and is then told to come again.
_CONNECTIONS = 16
_PATIENCE_SECONDS = 10
# A machine that is lost without a word is noticed within a minute while nothing is asked of it, else in ten seconds.
_CONNECT = {
    "connect_timeout": 2,  # the least that libpq takes
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "abonement",
}
_POINT_READ_SECONDS = 1.0  # a login's one row, which takes a thousandth of it
_SWITCH, _CUSTOMER, _MIGRATION = 7_341_001, 7_341_002, 7_341_003  # any numbers that nobody else uses
# A write that hangs gives its customer's lock back: with the server process at the latest, usually long before.
_LIMITS = (
    f"set_config('lock_timeout', '{_PATIENCE_SECONDS}s', true), "
    f"set_config('statement_timeout', '{_PATIENCE_SECONDS}s', true), "
    f"set_config('idle_in_transaction_session_timeout', '{_PATIENCE_SECONDS}s', true)"
)
_FOR_CUSTOMER = text(
    f"SELECT {_LIMITS}, pg_advisory_xact_lock_shared({_SWITCH}), "
    f"pg_advisory_xact_lock({_CUSTOMER}, hashtext(:customer_id))"
).bindparams(bindparam("customer_id"))
_FOR_SWITCH = text(f"SELECT pg_advisory_xact_lock({_SWITCH})")
_FOR_MIGRATION = text(f"SELECT pg_advisory_xact_lock({_MIGRATION})")

_BUSY = {
    "40001",  # serialization failure
    "40P01",  # deadlock detected
    "55P03",  # lock not available in time
    "57014",  # statement cancelled: it took too long
    "25P03",  # idle in transaction for too long
    "53300",  # too many connections
}
_BYTEA, _WHOLE_NUMBERS = 17, frozenset({20, 21, 23})  # type oids: bytea; int8, int2, int4
_CANNOT_WRITE = {"53100", "25006", "42501"}  # disk full, read only, not allowed


def engine_of(url: URL, *, patience_seconds: float | None) -> Engine:
    """Connect to a database; reading transactions ask for one snapshot themselves.

    An answer that takes longer than `patience_seconds` is given up with its connection; None waits for ever, as a
    night has to, whose statements may take minutes.
    """
    engine = create_engine(
        url,
        # Parameters hold customer ids; they stay out of messages and logs.
        hide_parameters=True,
        paramstyle="format",
        connect_args=_CONNECT,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_PATIENCE_SECONDS,
        pool_pre_ping=True,  # a database that was restarted is not an error at the till
    )

    @event.listens_for(engine, "do_connect")
    def on_connect(_dialect: Any, _record: Any, _arguments: Any, named: dict[str, Any]) -> BoundedConnection:
        return _connect(named, patience_seconds)

    return engine


def own_connection(engine: Engine) -> BoundedConnection:
    """Connect once more, beside the pool, for point reads. Raises psycopg.Error."""
    _, named = engine.dialect.create_connect_args(engine.url)
    connection = _connect({**_CONNECT, **named}, _POINT_READ_SECONDS)
    connection.autocommit = True
    return connection


def _connect(named: dict[str, Any], patience_seconds: float | None) -> BoundedConnection:
    connection = BoundedConnection.connect(**named)
    connection.patience_seconds = patience_seconds
    return connection


def lock_customer(connection: Connection, customer_id: str) -> None:
    """Wait until this transaction is the only one that writes for the customer; limits what it may take."""
    connection.execute(_FOR_CUSTOMER, {"customer_id": customer_id})


def lock_switch(connection: Connection) -> None:
    """Wait until nobody writes for any customer."""
    connection.execute(_FOR_SWITCH)


def lock_migration(connection: Connection) -> None:
    """Wait until nobody else changes the schema."""
    connection.execute(_FOR_MIGRATION)


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert raw tuples with COPY, some ten times as fast as INSERT."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    driver: Any = connection.connection.driver_connection
    statement = f'COPY "{table.name}" ({columns}) FROM STDIN'
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:  # as SQLAlchemy would have raised it
        raise DBAPIError.instance(
            statement, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


def is_absent(url: URL, error: AbonementError) -> bool:
    """True if a server answered that it has no such database.

    libpq hands on no code for a connection that is refused, only the server's words: where they are not English,
    the database is taken for one that does not answer.
    """
    return f'database "{url.database}" does not exist' in str(error)


def sentence(name: str, error: BaseException | None) -> AbonementError | None:
    """Say what an error of the driver means; None for one that means a defect of ours."""
    code = getattr(error, "sqlstate", None) or ""
    said = str(error).strip().partition("\n")[0]
    if code in _CANNOT_WRITE:
        return CannotWrite(
            f"The store {name} cannot be written ({said}); free some space or give its user the right to."
        )
    if code in _BUSY:
        return StoreBusy(f"The store {name} is busy ({said}); try again in a few seconds.")
    # A connection that breaks while it waits has no code, and no class of its own either.
    broke = type(error) is psycopg.DatabaseError and not code
    if broke or isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return StoreUnreachable(
            f"The store {name} does not answer ({said}); check that the database runs and that its address is right."
        )
    return None


def point_rows(
    connection: BoundedConnection, prepared: dict[str, bytes], sql: str, parameters: Sequence[Any]
) -> list[tuple[Any, ...]]:
    """Run a statement by libpq itself, prepared once on the connection, and return its rows.

    psycopg's cursor took three times as long for a login's one row: adapting values, waiting in Python, looking for
    the columns' types. `prepared` holds the statements of this connection by their text. Only for texts, whole
    numbers and bytes. Raises NoAnswer after a second, and any other psycopg.Error.
    """
    pgconn = connection.pgconn
    name = prepared.get(sql)
    if name is None:
        name = b"point_%d" % len(prepared)
        numbers = itertools.count(1)
        pgconn.send_prepare(name, re.sub("%s", lambda _: f"${next(numbers)}", sql).encode())
        _answer(connection)
        prepared[sql] = name
    values = [value if isinstance(value, bytes) else str(value).encode() for value in parameters]
    formats = [int(isinstance(value, bytes)) for value in parameters]
    pgconn.send_query_prepared(name, values, formats, result_format=1)
    result = _answer(connection)
    columns = range(result.nfields)
    return [tuple(_value(result, row, column) for column in columns) for row in range(result.ntuples)]


def _answer(connection: BoundedConnection) -> Any:
    results: list[Any] = connection.wait(generators.execute(connection.pgconn))
    if not results:
        raise psycopg.OperationalError("the connection was lost")
    result = results[-1]
    if result.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
        raise error_from_result(result)
    return result


def _value(result: Any, row: int, column: int) -> Any:
    """One value, from PostgreSQL's binary format."""
    value = result.get_value(row, column)
    if value is None:
        return None
    kind = result.ftype(column)
    if kind == _BYTEA:
        return bytes(value)
    if kind in _WHOLE_NUMBERS:
        return int.from_bytes(value, "big", signed=True)
    return bytes(value).decode()
