"""A shop's tables in a database, by SQLAlchemy URL: read in chunks into Parquet, with bounded memory.

Each table is what tables.toml names (`table` or `query`), or the one called as ours. Only the columns that are used
are asked for. PostgreSQL through psycopg is read by COPY, which costs less than half of fetching rows; every other
database by its driver. A reading that breaks off goes on after its last whole chunk where `resume_by` names a
column, and begins again otherwise. The URL, and so the password, stays in memory: messages name driver, host and
database.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from shutil import rmtree
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from models.ground.durable import write_text, write_whole
from models.ground.errors import BadInput
from models.ground.progress import Progress
from models.sources.reading.data_folder import Source, in_our_words, parquet_source
from models.sources.reading.declaration import Declaration
from models.sources.reading.postgres_copy import copy_parts
from models.sources.reading.vocabulary import TableWords
from models.tables import Table

CHUNK_ROWS = 50_000
SECRET_WORDS = ("pass", "pwd", "secret", "token", "key", "odbc_connect")
# Drivers whose own errors may reach us past SQLAlchemy.
DRIVERS = ("psycopg", "sqlite3")


class BrokenOff(BadInput):
    """The database could not be read to the end; what was read of it waits for the next attempt."""


def is_url(source: Path | str) -> bool:
    """Tell a database URL from a folder."""
    return "://" in str(source)


def staging_folder(workspace: Path, source: Path | str, declaration: Declaration) -> Path:
    """Where what was read from this database under this declaration waits for the load to finish."""
    about = repr(
        (make_url_or_refuse(str(source)).set(password=None) if is_url(source) else source, declaration)
    )
    return workspace / "data" / "staged" / hashlib.sha256(about.encode()).hexdigest()[:16]


def make_url_or_refuse(text: str) -> URL:
    """Read a SQLAlchemy URL; the message of a refusal does not repeat it, because it may hold a password."""
    try:
        return make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise BadInput(
            "The database URL cannot be read; expected one such as postgresql+psycopg://user:password@host/database"
            " or sqlite:////folder/file.db."
        ) from None


@dataclass
class Database:
    """A database as a source of tables.

    Attributes:
        url: SQLAlchemy URL.
        declaration: what the shop says about its tables.
        staged: folder for the chunks; it belongs to this URL and declaration.
    """

    url: str
    declaration: Declaration
    staged: Path
    _url: URL = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._url = make_url_or_refuse(self.url)
        if self._url.get_backend_name() == "sqlite" and not Path(self._url.database or "").is_file():
            raise BadInput(f"{self.place} is not there; expected a SQLite file.")

    @property
    def place(self) -> str:
        """The database as messages name it."""
        return f"{self._url.get_backend_name()}://{self._url.host or ''}/{self._url.database or ''}"

    def open(
        self, con: duckdb.DuckDBPyConnection, table: Table, *, optional: bool, progress: Progress
    ) -> Source | None:
        """Read a table into the staging folder; None where an optional one is absent.

        Raises BadInput where the database cannot be reached or the table cannot be read.
        """
        words = self.declaration.vocabulary.of(table.name)
        with self._sentences(table), self._engine() as engine, engine.connect() as connection:
            query = self._query(connection, table, words, optional=optional)
            if query is None:
                return None
            parts = self._read(con, connection, table, words, query, progress)
        place = f"{words.table or ('the query' if words.query else table.name)} of {self.place}"
        if not parts:
            raise BadInput(f"{place} has no rows; expected at least one.")
        return parquet_source(con, table, words, parts, place, self.staged, delivered_as_one=True)

    def _query(
        self, connection: sa.Connection, table: Table, words: TableWords, *, optional: bool
    ) -> str | None:
        if words.query:
            return words.query.strip().rstrip(";")
        name = words.table or table.name
        schema, _, bare = name.rpartition(".")
        if not sa.inspect(connection).has_table(bare, schema or None):
            if optional and not words.table:
                return None
            raise BadInput(
                f"{self.place} has no table {name}; name it, or a query, in tables.toml under [{table.name}]."
            )
        quote = connection.dialect.identifier_preparer.quote
        return "SELECT * FROM " + ".".join(quote(part) for part in name.split("."))

    def _read(
        self,
        con: duckdb.DuckDBPyConnection,
        connection: sa.Connection,
        table: Table,
        words: TableWords,
        query: str,
        progress: Progress,
    ) -> list[Path]:
        folder = self.staged / table.name
        columns = list(_run(connection, f"SELECT * FROM ({query}) source WHERE 1 = 0").keys())
        known = in_our_words(table, words, self.place, dict.fromkeys(columns, "VARCHAR"), "source")
        wanted = [name for name in columns if name not in known.ignored or name == words.resume_by]
        if words.resume_by and words.resume_by not in columns:
            raise BadInput(
                f"[{table.name}] resume_by = {words.resume_by!r} is no column of the table; it has {', '.join(columns)}."
            )
        if not words.resume_by or not (folder / "state.json").exists():
            rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            write_text(folder / "state.json", json.dumps({"parts": 0, "rows": 0, "last": None}))
        state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        quote = connection.dialect.identifier_preparer.quote
        chosen = f"SELECT {', '.join(map(quote, wanted))} FROM ({query}) source"
        total = _rows(connection, chosen)
        reader = copy_parts if connection.dialect.driver == "psycopg" else _fetch_parts
        key = (words.resume_by, quote(words.resume_by), state["last"]) if words.resume_by else None
        for write, rows, last in reader(con, connection, chosen, key):
            write_whole(folder / f"part-{state['parts']:06d}.parquet", write)
            rows_now = rows()
            state = {
                "parts": state["parts"] + 1,
                "rows": state["rows"] + rows_now,
                "last": _plain(last(), words),
            }
            write_text(folder / "state.json", json.dumps(state))
            progress(f"reading {table.name}", state["rows"], max(total, state["rows"]))
        return [folder / f"part-{number:06d}.parquet" for number in range(state["parts"])]

    @contextmanager
    def _engine(self) -> Iterator[sa.Engine]:
        options: dict[str, Any] = {"poolclass": sa.NullPool}
        if self._url.get_backend_name() == "postgresql":
            options["isolation_level"] = (
                "REPEATABLE READ"  # every chunk sees the table as it was at the first
            )
        engine = sa.create_engine(self._url, hide_parameters=True, **options)
        try:
            yield engine
        finally:
            engine.dispose()

    @contextmanager
    def _sentences(self, table: Table) -> Iterator[None]:
        try:
            yield
        except (BadInput, OSError, KeyboardInterrupt):
            raise
        except (sa.exc.NoSuchModuleError, ImportError):
            raise BadInput(
                f"No driver for {self._url.drivername} is installed; install the one that SQLAlchemy names for it."
            ) from None
        except Exception as error:  # every driver has an error tree of its own
            if not isinstance(error, sa.exc.SQLAlchemyError) and not type(error).__module__.startswith(
                DRIVERS
            ):
                raise
            raise BrokenOff(
                f"{table.name} cannot be read from {self.place}: {self._without_secrets(error)}."
            ) from None

    def _without_secrets(self, error: Exception) -> str:
        """The error's first line, without the password or whatever else the URL holds that looks like one."""
        message = str(getattr(error, "orig", None) or error).strip().splitlines()[0].rstrip(".")
        secrets = [self._url.password or ""]
        for name, value in self._url.query.items():
            if any(word in name.lower() for word in SECRET_WORDS):
                secrets += [value] if isinstance(value, str) else list(value)
        for secret in filter(None, map(str, secrets)):
            message = message.replace(secret, "***")
        return message


def _run(connection: sa.Connection, query: str) -> sa.CursorResult[Any]:
    """Run the shop's query as it is: drivers that mark parameters with a percent sign see theirs doubled."""
    marked = connection.dialect.paramstyle in {"format", "pyformat"}
    return connection.exec_driver_sql(query.replace("%", "%%") if marked else query)


def _rows(connection: sa.Connection, query: str) -> int:
    """About how many rows a query gives, for the progress alone: PostgreSQL's estimate, or 0 for unknown."""
    if connection.dialect.name != "postgresql":
        return 0
    plan = _run(connection, f"EXPLAIN (FORMAT JSON) {query}").scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])


def _fetch_parts(
    _con: duckdb.DuckDBPyConnection,
    connection: sa.Connection,
    query: str,
    key: tuple[str, str, Any] | None,
) -> Iterator[tuple[Callable[[Path], None], Callable[[], int], Callable[[], Any]]]:
    """Rows by the driver, a chunk at a time: how to write it, how many rows it has, its last key."""
    streaming = connection.execution_options(stream_results=True, max_row_buffer=CHUNK_ROWS)
    if key is None:
        result = _run(streaming, query)
    else:
        where = f"WHERE {key[1]} > :last" if key[2] is not None else ""
        text = query.replace(":", "\\:")
        result = streaming.execute(
            sa.text(f"SELECT * FROM ({text}) ordered {where} ORDER BY {key[1]}"),
            {"last": key[2]} if where else {},
        )
    names = list(result.keys())
    position = names.index(key[0]) if key else 0
    while rows := result.fetchmany(CHUNK_ROWS):
        columns = dict(zip(names, (_column(values) for values in zip(*rows, strict=True)), strict=True))
        written = pa.table(columns)

        def write(path: Path, written: pa.Table = written) -> None:
            pq.write_table(written, path)

        yield write, lambda rows=rows: len(rows), lambda rows=rows: rows[-1][position]  # type: ignore[misc]


def _column(values: Sequence[Any]) -> pa.Array:
    """One column of a chunk: as its values are where they are of one kind, otherwise as text."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds <= {int} and all(v is None or abs(v) < 2**63 for v in values):
        return pa.array(values, pa.int64())
    if kinds <= {bool}:
        return pa.array(values, pa.bool_())
    if kinds <= {int, float}:
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    if kinds == {datetime} and len({v.tzinfo is None for v in values if v is not None}) == 1:
        naive = next(v for v in values if v is not None).tzinfo is None
        return pa.array(values, pa.timestamp("us", tz=None if naive else "UTC"))
    if kinds == {date}:
        return pa.array(values, pa.date32())
    return pa.array([None if v is None else _as_text(v) for v in values], pa.string())


def _as_text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _plain(last: Any, words: TableWords) -> Any:
    if words.resume_by and not isinstance(last, int | str):
        raise BadInput(
            f"resume_by = {words.resume_by!r} holds {type(last).__name__}; expected whole numbers or text."
        )
    return last if words.resume_by else None
