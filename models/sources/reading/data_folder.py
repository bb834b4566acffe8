"""Which files a data folder holds, which columns they have, and how DuckDB reads them.

A table is one file or many: `purchases.parquet`, `purchases.csv`, `purchases.csv.gz`, a folder `purchases/` with
any number of them below it (also partitioned, `purchases/day=2024-03-01/part-0.parquet`), or what tables.toml
names. Files and folders whose names begin with `_` or `.` are left out, as Spark and Hive leave them out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from models.ground.errors import BadInput
from models.sources.reading.csv_header import NAMELESS
from models.sources.reading.vocabulary import TableWords, our_columns
from models.tables import PURCHASES, Table

# Between the values of the columns that make up one of ours.
BETWEEN_PARTS = "/"
ENDINGS = (".parquet", ".csv", ".csv.gz")
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers")


@dataclass(frozen=True)
class Source:
    """One table as it came: where it was found, its columns under our names, and the SQL that reads it.

    Attributes:
        table: which of `models.tables.INPUT_TABLES`.
        place: where it lies, for messages; never with a password.
        columns: our names with DuckDB's types.
        relation: SQL that gives those columns.
        ignored: columns of the shop that are not read.
        called: what the shop calls our columns, several names where they make up one.
        files: the files as they were delivered, by `file_no` of purchases; empty for a database.
    """

    table: Table
    place: str
    columns: Mapping[str, str]
    relation: str
    ignored: tuple[str, ...] = ()
    called: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


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
        lying = sorted(folder.iterdir())
        # An optional table under a name that is not read would be missed by nobody: consents, say.
        astray = [path for path in lying if path.name.lower().split(".")[0] == table.name]
        if optional and not words.files and not found and not astray:
            return []
        if books := [path for path in astray or lying if path.suffix.lower() in WORKBOOKS]:
            raise BadInput(
                f"{folder} holds {books[0].name}, a workbook, and {wanted}; save its sheet of {table.name} as"
                f" {table.name}.csv (CSV UTF-8)."
            )
        if astray and not words.files and not found:
            raise BadInput(
                f"{folder} holds {astray[0].name}, which is not read, and {wanted}; call it {table.name}.csv if it is CSV,"
                f" or remove it."
            )
        if optional and words.files:
            raise BadInput(
                f"{folder} holds nothing for {wanted}, which tables.toml names for {table.name}; put it there, or give a"
                f" delivery without it a tables.toml without [{table.name}] files: what is known stays."
            )
        alone = "; a delivery of customers or products alone is loaded with --append --without-purchases"
        raise BadInput(
            f"{folder} holds {'nothing for ' if words.files or found else ''}{wanted}; one is needed"
            f"{alone if table is PURCHASES else ''}."
        )
    _refuse_pipes(files)
    return files


def _refuse_pipes(files: Sequence[Path]) -> None:
    """Raise BadInput for what would be waited for without end."""
    if unread := [path for path in files if not path.is_file()]:
        raise BadInput(f"{unread[0]} is no file (a pipe or a device, say); save what it gives as a file.")


def is_csv(files: Sequence[Path]) -> bool:
    """Tell whether a table's files are CSV or Parquet; BadInput where they are both or neither."""
    kinds = {
        next((e for e in (".csv", ".csv.gz", ".parquet") if path.name.lower().endswith(e)), "")
        for path in files
    }
    if books := [path.name for path in files if path.suffix.lower() in WORKBOOKS]:
        raise BadInput(
            f"{files[0].parent} holds {books[0]}, a workbook; save its sheet as a .csv file (CSV UTF-8) instead."
        )
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
    *,
    delivered_as_one: bool = False,
) -> Source:
    """A table that lies in Parquet files below `root`, with the shop's column names turned into ours.

    Purchases also get `file_no`, the place of their file among `files`: a receipt may be repeated in two of them; and
    `row_no`, their place in that file from 0, by which a line is named.
    `delivered_as_one`: the files are parts of one answer, so none of them repeats another.

    Raises BadInput where a file cannot be read, a declared column is missing, or there are no rows.
    """
    hive = any("=" in part for path in files for part in path.relative_to(root).parts[:-1])
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
    found = {row[0]: row[1] for row in described}
    for column in [name for name in found if NAMELESS.fullmatch(name)]:  # a separator ends every line
        if not con.execute(f"SELECT count({name_of(column)}) FROM {relation}").fetchall()[0][0]:
            del found[column]
    # DuckDB's own number of the file, unless the shop has a column of that name.
    numbered = len(files) > 1 and not delivered_as_one and "file_index" not in map(str.lower, found)
    rows = "file_row_number" if "file_row_number" not in map(str.lower, found) else "NULL"
    file_no = "file_index" if numbered else "0"
    source = in_our_words(table, words, place, found, relation, file_no=file_no, row_no=rows)
    if not con.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchall():
        raise BadInput(f"{place} has no rows; expected at least one.")
    return source


def in_our_words(
    table: Table,
    words: TableWords,
    place: str,
    found: Mapping[str, str],
    relation: str,
    *,
    file_no: str = "0",
    row_no: str = "NULL",
) -> Source:
    """Give a relation's columns our names: those declared, and those called so already, in any case."""
    lower = {name.lower(): name for name in found}
    known = our_columns(table)
    theirs: dict[str, tuple[str, ...]] = {}
    for ours in known:
        declared = words.columns.get(ours)
        names = (declared or ours,) if not isinstance(declared, tuple) else declared
        actual = [name if name in found else lower.get(name.lower()) for name in names]
        if None not in actual:
            theirs[ours] = tuple(name for name in actual if name is not None)
        elif declared:
            lacking = next(name for name, there in zip(names, actual, strict=True) if there is None)
            raise BadInput(
                f"{place} has no column {lacking!r}, which tables.toml names for {ours}; it has {', '.join(found)}."
            )
    taken = {name for name in words.columns.values() if isinstance(name, str)}
    for ours in known:  # a column that was given to one of ours by name is not another one's by chance
        if ours not in words.columns and theirs.get(ours, ("",))[0] in taken:
            del theirs[ours]
    chosen = [f"{_one_value(names, found)} AS {name_of(ours)}" for ours, names in theirs.items()]
    if table is PURCHASES:
        chosen += [f"CAST({file_no} AS INTEGER) AS file_no", f"CAST({row_no} AS BIGINT) AS row_no"]
    ignored = tuple(sorted(set(found).difference(*theirs.values())))
    columns = {ours: found[names[0]] if len(names) == 1 else "VARCHAR" for ours, names in theirs.items()}
    select = f"(SELECT {', '.join(chosen) or '1'} FROM {relation})"
    return Source(table, place, columns, select, ignored, theirs)


def _one_value(names: Sequence[str], found: Mapping[str, str]) -> str:
    """SQL: a column, or several as one text, null where one of them is; 12.0 in a column of floats is 12."""
    if len(names) == 1:
        return name_of(names[0])
    parts = []
    for name in names:
        text = f"trim(CAST({name_of(name)} AS VARCHAR))"
        if found[name] in {"FLOAT", "DOUBLE"}:
            text = f"regexp_replace({text}, '\\.0$', '')"
        parts.append(f"nullif({text}, '')")
    return f" || '{BETWEEN_PARTS}' || ".join(parts)


def _below(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(("_", ".")) for part in path.relative_to(folder).parts)
    )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
