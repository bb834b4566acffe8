"""Which file of a folder is which table: first by the names that `load` knows, then by the columns in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

import duckdb

from models.ground.errors import BadInput
from models.sources.proposing.shop_words import lacking, matched
from models.sources.proposing.written_values import encoding_of, same_encoding
from models.sources.reading.csv_header import BLOCK_BYTES
from models.sources.reading.csv_staging import stage_csv
from models.sources.reading.data_folder import ENDINGS, find_files, is_csv, quoted
from models.sources.reading.vocabulary import TableWords
from models.tables import INPUT_TABLES, PRODUCTS, PURCHASES, Table


@dataclass(frozen=True)
class TableFiles:
    """One table in a folder.

    Attributes:
        table: which of `models.tables.INPUT_TABLES`.
        files: what tables.toml has to name; None where the name is one that `load` knows.
        place: where it lies, for messages.
        columns: our names with the shop's.
        kinds: the shop's names with DuckDB's types; what came as CSV is text.
        relation: SQL that gives the shop's columns.
    """

    table: Table
    files: str | None
    place: str
    columns: Mapping[str, str]
    kinds: Mapping[str, str]
    relation: str


def find_tables(
    con: duckdb.DuckDBPyConnection, folder: Path, scratch: Path
) -> tuple[dict[str, TableFiles], str]:
    """Find the tables of a folder, CSV files read into `scratch`, and the encoding of its CSV files.

    Raises BadInput where purchases or products are not found, naming the nearest file and what it lacks.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder; expected one with a shop's purchases and products.")
    named = {table.name: find_files_of(folder, table) for table in INPUT_TABLES}
    known = {file for files in named.values() for file in files}
    loose = [p for p in sorted(folder.iterdir()) if p.is_file() and _is_data(p) and p not in known]
    encoding = _encoding(folder, [path for path in (*known, *loose) if is_csv([path])])
    con.execute('CREATE TABLE quarantine (table_name VARCHAR, reason VARCHAR, "row" VARCHAR, local_day DATE)')
    tables = {
        table.name: _as_table(table, None, _place(files), *_open(con, table.name, files, encoding, scratch))
        for table in INPUT_TABLES
        if (files := named[table.name])
    }
    strangers = {
        path: _open(con, f"stranger_{number}", [path], encoding, scratch) for number, path in enumerate(loose)
    }
    for table in INPUT_TABLES:
        if table.name in tables:
            continue
        fitting = [path for path, (kinds, _) in strangers.items() if _fits(table, kinds)]
        if fitting:
            pattern = _pattern(folder, fitting, table)
            kinds, relation = _open_all([strangers[path] for path in fitting])
            tables[table.name] = _as_table(table, pattern, str(folder / pattern), kinds, relation)
            strangers = {path: found for path, found in strangers.items() if path not in fitting}
    for table in (PURCHASES, PRODUCTS):
        _require(folder, table, tables, strangers)
    return tables, encoding


def find_files_of(folder: Path, table: Table) -> list[Path]:
    """The files that `load` finds for a table without being told; empty where there are none."""
    return find_files(folder, table, TableWords(), optional=True)


def _fits(table: Table, kinds: Mapping[str, str]) -> bool:
    """Whether a file has what a table needs, and more of it than an id, which many tables share."""
    found = matched(table, kinds)
    return not lacking(table, found) and len(found) > 1


def _require(
    folder: Path,
    table: Table,
    tables: Mapping[str, TableFiles],
    strangers: Mapping[Path, tuple[Mapping[str, str], str]],
) -> None:
    found = {tables[table.name].place: tables[table.name].kinds} if table.name in tables else {}
    seen = found or {str(path): kinds for path, (kinds, _) in strangers.items()}
    missing = {place: lacking(table, matched(table, kinds)) for place, kinds in seen.items()}
    if not missing:
        raise BadInput(
            f"{folder} holds no file for {table.name}; expected {table.name}.csv or {table.name}.parquet with "
            f"{', '.join(lacking(table, ()))}."
        )
    nearest = min(missing, key=lambda place: (len(missing[place]), place))
    if missing[nearest]:
        raise BadInput(
            f"No column of {nearest} could be {' or '.join(missing[nearest])}, which {table.name} need; it has "
            f"{', '.join(seen[nearest])}. Name the column that is meant in a tables.toml beside it, under "
            f"[{table.name}.columns] (docs/bring-your-data.md), rename it, or bring the file that has it."
        )


def _as_table(
    table: Table, files: str | None, place: str, kinds: Mapping[str, str], relation: str
) -> TableFiles:
    return TableFiles(table, files, place, matched(table, kinds), kinds, relation)


def _place(files: list[Path]) -> str:
    return str(files[0] if len(files) == 1 else files[0].parent)


def _is_data(path: Path) -> bool:
    return path.name.lower().endswith(ENDINGS) and not path.name.startswith(("_", "."))


def _open(
    con: duckdb.DuckDBPyConnection, name: str, files: list[Path], encoding: str, scratch: Path
) -> tuple[Mapping[str, str], str]:
    """The columns of some files with DuckDB's types, and SQL that reads them."""
    if is_csv(files):
        files = stage_csv(con, replace(PURCHASES, name=name), files, encoding, scratch / name)
    listed = ", ".join(quoted(str(path)) for path in files)
    relation = f"(FROM read_parquet([{listed}], union_by_name = true))"
    return {row[0]: row[1] for row in con.execute(f"DESCRIBE {relation}").fetchall()}, relation


def _open_all(parts: list[tuple[Mapping[str, str], str]]) -> tuple[Mapping[str, str], str]:
    relation = " UNION ALL BY NAME ".join(f"FROM {relation}" for _, relation in parts)
    return {name: kind for kinds, _ in parts for name, kind in kinds.items()}, f"({relation})"


def _pattern(folder: Path, files: list[Path], table: Table) -> str:
    """A name or pattern that finds exactly these files."""
    if len(files) == 1:
        return files[0].name
    names = [path.name for path in files]
    ending = next(end for end in sorted(ENDINGS, key=len, reverse=True) if names[0].lower().endswith(end))
    alike = takewhile(lambda signs: len(set(signs)) == 1, zip(*names, strict=False))
    pattern = f"{''.join(signs[0] for signs in alike)}*{ending}"
    if sorted(folder.glob(pattern)) == sorted(files):
        return pattern
    raise BadInput(
        f"{folder} holds several files that could be {table.name}: {', '.join(names)}; put those that are into a "
        f"folder {table.name}, or leave one."
    )


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _encoding(folder: Path, files: list[Path]) -> str:
    plain = {path: encoding_of(_blocks(path)) for path in files if not path.name.endswith(".gz")}
    encoding = same_encoding(plain.values())
    if encoding is None:
        listed = ", ".join(f"{path.name} ({found})" for path, found in sorted(plain.items()))
        raise BadInput(f"The files of {folder} are not in one encoding: {listed}; save them as UTF-8.")
    return encoding
