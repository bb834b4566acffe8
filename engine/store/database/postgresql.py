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
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, Engine, Table, bindparam, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from models.ground.errors import AbonementError, CannotWrite, StoreBusy, StoreUnreachable

# Connections of one process; a request that finds none free waits, and is then told to come again.
_CONNECTIONS = 16
_PATIENCE_SECONDS = 10
_CONNECT = {"connect_timeout": 5, "keepalives_idle": 30, "application_name": "abonement"}
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


def engine_of(url: URL) -> Engine:
    """Connect to a database; reading transactions ask for one snapshot themselves."""
    return create_engine(
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
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return StoreUnreachable(
            f"The store {name} does not answer ({said}); check that the database runs and that its address is right."
        )
    return None


def first_row(
    connection: Any, prepared: dict[str, bytes], sql: str, parameters: Sequence[Any]
) -> tuple[Any, ...] | None:
    """Run a statement by libpq itself, prepared once on the connection, and return its first row.

    psycopg's cursor took three times as long for a login's one row: adapting values, waiting in Python, looking for
    the columns' types. `prepared` holds the statements of this connection by their text. Only for texts, whole
    numbers and bytes. Raises psycopg.Error.
    """
    pgconn = connection.pgconn
    name = prepared.get(sql)
    if name is None:
        name = b"point_%d" % len(prepared)
        numbers = itertools.count(1)
        _checked(pgconn.prepare(name, re.sub("%s", lambda _: f"${next(numbers)}", sql).encode()))
        prepared[sql] = name
    values = [value if isinstance(value, bytes) else str(value).encode() for value in parameters]
    formats = [int(isinstance(value, bytes)) for value in parameters]
    result = _checked(pgconn.exec_prepared(name, values, formats, 1))
    if not result.ntuples:
        return None
    return tuple(_value(result, column) for column in range(result.nfields))


def _checked(result: Any) -> Any:
    if result.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
        raise error_from_result(result)
    return result


def _value(result: Any, column: int) -> Any:
    """One value of the first row, from PostgreSQL's binary format."""
    value = result.get_value(0, column)
    if value is None:
        return None
    kind = result.ftype(column)
    if kind == _BYTEA:
        return bytes(value)
    if kind in _WHOLE_NUMBERS:
        return int.from_bytes(value, "big", signed=True)
    return bytes(value).decode()
