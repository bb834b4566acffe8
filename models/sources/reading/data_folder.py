"""Which files a data folder holds, which columns they have, and how DuckDB reads them.

A table is one file or many: `purchases.parquet`, `purchases.csv`, `purchases.csv.gz`, a folder `purchases/` with
any number of them below it (also partitioned, `purchases/day=2024-03-01/part-0.parquet`), or what tables.toml
names. Files and folders whose names begin with `_` or `.` are left out, as Spark and Hive leave them out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from models.ground.errors import BadInput
from models.sources.reading.vocabulary import TableWords
from models.tables import PURCHASES, Table

ENDINGS = (".parquet", ".csv", ".csv.gz")


@dataclass(frozen=True)
class Source:
    """One table as it came: where it was found, its columns under our names, and the SQL that reads it.

    Attributes:
        table: which of `models.tables.INPUT_TABLES`.
        place: where it lies, for messages; never with a password.
        columns: our names with DuckDB's types.
        relation: SQL that gives those columns.
        ignored: columns of the shop that are not read.
        days: days that a data set names as its partitions, None where it names none.
    """

    table: Table
    place: str
    columns: Mapping[str, str]
    relation: str
    ignored: tuple[str, ...] = ()
    days: tuple[date, ...] | None = None


def quoted(text: str) -> str:
    """`text` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def name_of(column: str) -> str:
    """`column` as an SQL name."""
    return '"' + column.replace('"', '""') + '"'


def find_files(folder: Path, table: Table, words: TableWords, *, optional: bool) -> list[Path]:
    """The files that hold a table, in the order of their names; empty where an optional table is absent.

    Raises BadInput where there are none, two that contradict each other, or files of two kinds.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder; expected one with purchases, products and tables.toml.")
    if words.files:
        pattern = words.files.removeprefix("./").rstrip("/")
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise BadInput(
                f"[{table.name}] files = {words.files!r} leads out of {folder}; name files inside it."
            )
        found = sorted(folder.glob(pattern))
        wanted = pattern
    else:
        names = (table.name, *(f"{table.name}{ending}" for ending in ENDINGS))
        found = [path for name in names if (path := folder / name).exists()]
        wanted = f"neither {table.name}.parquet nor {table.name}.csv nor {table.name}/"
        if len(found) > 1:
            both = " and ".join(path.name for path in found)
            raise BadInput(f"{folder} holds both {both}; remove one of them.")
    files = [file for path in found for file in (_below(path) if path.is_dir() else [path])]
    if not files:
        if optional and not words.files and not found:
            return []
        raise BadInput(
            f"{folder} holds {'nothing for ' if words.files or found else ''}{wanted}; one is needed."
        )
    return files


def is_csv(files: Sequence[Path]) -> bool:
    """Tell whether a table's files are CSV or Parquet; BadInput where they are both or neither."""
    kinds = {
        next((e for e in (".csv", ".csv.gz", ".parquet") if path.name.lower().endswith(e)), "")
        for path in files
    }
    if "" in kinds or (".parquet" in kinds and len(kinds) > 1):
        raise BadInput(
            f"{files[0].parent} holds {', '.join(path.name for path in files[:3])}; expected only Parquet"
            " files (.parquet), or only CSV files (.csv, .csv.gz)."
        )
    return kinds != {".parquet"}


def parquet_source(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    words: TableWords,
    files: Sequence[Path],
    place: str,
    root: Path,
) -> Source:
    """A table that lies in Parquet files below `root`, with the shop's column names turned into ours.

    Raises BadInput where a file cannot be read, a declared column is missing, or there are no rows.
    """
    partitions = [
        dict(part.split("=", 1) for part in path.relative_to(root).parts[:-1] if "=" in part)
        for path in files
    ]
    hive = any(partitions)
    listed = ", ".join(quoted(str(path)) for path in files)
    # One file needs no union; with many, a column that is a number here and text there becomes text.
    union = ", union_by_name = true" if len(files) > 1 else ""
    relation = f"read_parquet([{listed}]{union}, hive_partitioning = {str(hive).lower()}" + (
        ", hive_types_autocast = false)" if hive else ")"
    )
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except duckdb.Error as error:
        raise BadInput(f"{place} cannot be read as Parquet: {_first_line(error)}.") from None
    source = in_our_words(table, words, place, {row[0]: row[1] for row in described}, relation)
    if not con.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchall():
        raise BadInput(f"{place} has no rows; expected at least one.")
    days = _days(partitions)
    return Source(table, place, source.columns, source.relation, source.ignored, days)


def in_our_words(
    table: Table, words: TableWords, place: str, found: Mapping[str, str], relation: str
) -> Source:
    """Give a relation's columns our names: those declared, and those called so already, in any case."""
    lower = {name.lower(): name for name in found}
    known = (*table.names, *(["quantity"] if table is PURCHASES else []))
    theirs: dict[str, str] = {}
    for ours in known:
        declared = words.columns.get(ours)
        name = declared or ours
        actual = name if name in found else lower.get(name.lower())
        if actual is not None:
            theirs[ours] = actual
        elif declared:
            raise BadInput(
                f"{place} has no column {declared!r}, which tables.toml names for {ours}; it has {', '.join(found)}."
            )
    for ours in known:  # a column that was given to one of ours by name is not another one's by chance
        if ours not in words.columns and theirs.get(ours) in words.columns.values():
            del theirs[ours]
    selected = ", ".join(f"{name_of(actual)} AS {name_of(ours)}" for ours, actual in theirs.items())
    ignored = tuple(sorted(set(found) - set(theirs.values())))
    columns = {ours: found[actual] for ours, actual in theirs.items()}
    return Source(table, place, columns, f"(SELECT {selected or '1'} FROM {relation})", ignored)


def _below(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(("_", ".")) for part in path.relative_to(folder).parts)
    )


def _days(partitions: Sequence[Mapping[str, str]]) -> tuple[date, ...] | None:
    """The days that every file's partitions name; None where some file lies in none that is a day."""
    days = set()
    for partition in partitions:
        named = [day for value in partition.values() if (day := _day(value))]
        if len(named) != 1:
            return None
        days.add(named[0])
    return tuple(sorted(days)) or None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2024-03-01") else None
    except ValueError:
        return None


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
