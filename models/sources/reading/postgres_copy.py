"""PostgreSQL's COPY through psycopg: rows as CSV text, cut into parts that DuckDB turns into typed Parquet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import psycopg
import sqlalchemy as sa
from psycopg import sql
from psycopg.pq import ExecStatus

from models.sources.reading.data_folder import name_of, quoted

# Rows in one part: about 60 MB of text, so that a part costs seconds and a reading that breaks off loses little.
PART_ROWS = 1_000_000
# PostgreSQL's type numbers, which are the same in every database; what is not here is read as text.
TYPES = {
    16: "BOOLEAN",
    20: "BIGINT",
    21: "BIGINT",
    23: "BIGINT",
    700: "DOUBLE",
    701: "DOUBLE",
    1082: "DATE",
    1114: "TIMESTAMP",
    1184: "TIMESTAMPTZ",
}
NUMERIC = 1700


def copy_parts(
    con: duckdb.DuckDBPyConnection,
    connection: sa.Connection,
    query: str,
    key: tuple[str, str, Any] | None,
) -> Iterator[tuple[Callable[[Path], None], Callable[[], int], Callable[[], Any]]]:
    """The rows of `query` part by part: how to write it as Parquet, how many rows it has, its last key.

    `key` is a column, its quoted name and the last value already read (None: nothing was), in whose order the rows
    then come.
    """
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, TemporaryDirectory() as scratch:
        cursor.execute(
            "SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL client_encoding = 'UTF8'"
        )
        cursor.execute(f"SELECT * FROM ({query}) described LIMIT 0")
        columns = {column.name: _type(column) for column in cursor.description}
        statement: sql.Composable = sql.SQL(query)
        if key:
            where = sql.SQL("WHERE {} > {}").format(sql.Identifier(key[0]), sql.Literal(key[2]))
            statement = sql.SQL("SELECT * FROM ({}) ordered {} ORDER BY {}").format(
                statement, where if key[2] is not None else sql.SQL(""), sql.Identifier(key[0])
            )
        text = Path(scratch) / "part.csv"
        command = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(statement).as_bytes(raw)
        with _copying(connection, raw.pgconn, command) as rows:
            while count := _write_rows(rows, text):
                part = _Part(con, text, columns, count, key[0] if key else None)
                yield part.write, part.rows, part.last


class _Part:
    """One part of the text, on its way to Parquet."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, text: Path, columns: dict[str, str], rows: int, key: str | None
    ) -> None:
        self._con, self._text, self._columns, self._rows, self._key = con, text, columns, rows, key
        self._last: Any = None

    def write(self, path: Path) -> None:
        given = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in self._columns)
        typed = ", ".join(
            name_of(name) if kind == "VARCHAR" else f"TRY_CAST({name_of(name)} AS {kind}) AS {name_of(name)}"
            for name, kind in self._columns.items()
        )
        relation = (
            f"read_csv({quoted(str(self._text))}, auto_detect = false, header = false, delim = ',', quote = '\"',"
            f" escape = '\"', nullstr = '', columns = {{{given}}}, max_line_size = 16777216)"
        )
        self._con.execute(f"COPY (SELECT {typed} FROM {relation}) TO {quoted(str(path))} (FORMAT parquet)")
        if self._key:
            self._last = self._con.execute(
                f"SELECT {name_of(self._key)} FROM read_parquet({quoted(str(path))}) LIMIT 1 OFFSET {self._rows - 1}"
            ).fetchall()[0][0]

    def rows(self) -> int:
        return self._rows

    def last(self) -> Any:
        return self._last


@contextmanager
def _copying(connection: sa.Connection, pgconn: Any, command: bytes) -> Iterator[Iterator[Any]]:
    """The rows of a COPY by psycopg's layer over libpq, which costs half of what its cursor's `copy` costs.

    A reading that is broken off leaves a connection that nobody can use again, so it is given up.
    """
    try:
        _refuse_failed(pgconn.exec_(command))
        yield _rows(pgconn)
    except BaseException:
        connection.invalidate()
        raise


def _rows(pgconn: Any) -> Iterator[Any]:
    get = pgconn.get_copy_data
    while True:
        size, row = get(0)
        if size < 0:
            break
        yield row
    while ended := pgconn.get_result():
        _refuse_failed(ended)


def _refuse_failed(result: Any) -> None:
    if result.status == ExecStatus.FATAL_ERROR:
        raise psycopg.DataError(result.error_message.decode("utf-8", "replace"))


def _write_rows(rows: Iterator[Any], path: Path) -> int:
    count = 0
    with path.open("wb") as file:
        write = file.write
        for row in rows:  # the server sends a row at a time
            write(row)
            count += 1
            if count == PART_ROWS:
                break
    return count


def _type(column: Any) -> str:
    if column.type_code == NUMERIC:
        scale = column.scale
        return "DOUBLE" if scale is None or scale < 0 else f"DECIMAL(38,{min(scale, 20)})"
    return TYPES.get(column.type_code, "VARCHAR")
