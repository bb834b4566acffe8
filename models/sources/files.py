"""Which files a data folder holds, which columns they have, and how DuckDB reads them.

A CSV file is UTF-8 with a header; the separator (comma, semicolon, tab or bar) is read off the header. All
its columns are read as text, so that a value that does not fit costs its row and not the load.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from models.errors import BadInput
from models.tables import Table

SEPARATORS = ",;\t|"


@dataclass(frozen=True)
class SourceFile:
    """One table's file: where it is, its columns with DuckDB's types, and the SQL that reads it."""

    table: Table
    path: Path
    columns: dict[str, str]
    relation: str
    rejects: str | None = None  # CSV: name of the temporary table that receives unreadable lines

    @property
    def ignored(self) -> list[str]:
        """Columns that the vocabulary does not know; they are not read."""
        return sorted(set(self.columns) - set(self.table.names) - {"quantity"})


def quoted(text: str) -> str:
    """`text` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def find_file(
    con: duckdb.DuckDBPyConnection, folder: Path, table: Table, *, optional: bool
) -> SourceFile | None:
    """Find a table's file in `folder`; None where an optional table is absent.

    Raises BadInput where the file is missing, stands there twice, cannot be read or has no rows.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder; expected one with purchases, products and tables.toml.")
    found = [path for ending in ("parquet", "csv") if (path := folder / f"{table.name}.{ending}").exists()]
    if len(found) > 1:
        raise BadInput(f"{folder} holds both {table.name}.parquet and {table.name}.csv; remove one of them.")
    if not found:
        if optional:
            return None
        raise BadInput(f"{folder} holds neither {table.name}.parquet nor {table.name}.csv; one is needed.")
    path = found[0]
    source = _csv(table, path) if path.suffix == ".csv" else _parquet(con, table, path)
    if not con.execute(f"SELECT 1 FROM {source.relation} LIMIT 1").fetchall():
        raise BadInput(f"{path} has no rows; expected at least one.")
    return source


def _parquet(con: duckdb.DuckDBPyConnection, table: Table, path: Path) -> SourceFile:
    relation = f"read_parquet({quoted(str(path))}, hive_partitioning = false)"
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except duckdb.Error as error:
        first_line = str(error).splitlines()[0]
        raise BadInput(f"{path} cannot be read as Parquet: {first_line}.") from None
    return SourceFile(table, path, {row[0]: row[1] for row in described}, relation)


def _csv(table: Table, path: Path) -> SourceFile:
    try:
        with path.open("rb") as file:
            header = file.readline().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not UTF-8; save it as UTF-8.") from None
    separator = max(SEPARATORS, key=header.count)
    names = [name.strip() for name in next(csv.reader([header], delimiter=separator), [])]
    if not any(names):
        raise BadInput(f"{path} has no header; its first line must name the columns.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(f"{path} names a column twice: {', '.join(map(repr, twice))}.")
    rejects = f"{table.name}_rejects"
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names)
    relation = (
        f"read_csv({quoted(str(path))}, auto_detect = false, header = true, delim = {quoted(separator)},"
        f" quote = '\"', escape = '\"', nullstr = '', columns = {{{columns}}},"
        f" store_rejects = true, rejects_table = '{rejects}', rejects_scan = '{rejects}_scan')"
    )
    return SourceFile(table, path, dict.fromkeys(names, "VARCHAR"), relation, rejects)
