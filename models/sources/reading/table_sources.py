"""Where `--data` leads: a folder of files, or a database; either way every table becomes a `Source`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from models.ground.errors import BadInput
from models.ground.progress import Progress
from models.sources.reading.csv_staging import stage_csv
from models.sources.reading.data_folder import Source, find_files, is_csv, name_of, parquet_source
from models.sources.reading.declaration import Declaration, read_declaration, read_declaration_file
from models.sources.reading.mangled_ids import refuse_mangled_ids
from models.sources.reading.one_currency import refuse_other_currencies
from models.sources.reading.shop_database import Database, is_url
from models.sources.reading.typed_columns import input_columns
from models.tables import ANSWERS, CUSTOMERS, FUNDINGS, INPUT_TABLES, PRODUCTS, PROMOTIONS, PURCHASES, Table


def declaration_of(source: Path | str, tables: Path | None) -> Declaration:
    """What the shop declares: `tables`, or tables.toml in the data folder; BadInput where neither is there."""
    if tables is not None:
        return read_declaration_file(tables)
    if is_url(source):
        raise BadInput(
            "A database needs a declaration of its tables; name the file with --tables tables.toml."
        )
    return read_declaration(Path(source))


def open_sources(
    con: duckdb.DuckDBPyConnection,
    source: Path | str,
    declaration: Declaration,
    *,
    spill: Path,
    staged: Path,
    appending: bool,
    without_purchases: bool = False,
    progress: Progress,
) -> dict[str, Source]:
    """Find every table and make it readable for DuckDB; unreadable CSV lines go to the table `quarantine`.

    Args:
        con: the load's connection, with a table `quarantine`.
        source: a folder, or a database URL.
        declaration: what the shop says about its tables.
        spill: a folder that is removed with the load.
        staged: a folder for what is read from a database; it outlives a load that breaks off.
        appending: a delivery may come without products.
        without_purchases: it brings none, and files of purchases are not looked for.
        progress: is told what is being read.

    Raises:
        BadInput: a table is missing or cannot be read.
    """
    optional = (CUSTOMERS, ANSWERS, PROMOTIONS, FUNDINGS, *([PRODUCTS] if appending else []))
    database = Database(str(source), declaration, staged) if is_url(source) else None
    found: dict[str, Source] = {}
    # The small tables first: what is wrong with them is known before the purchases are read.
    for table in sorted(INPUT_TABLES, key=lambda table: table is PURCHASES):
        if table is PURCHASES and without_purchases:
            if not found:
                raise BadInput(
                    f"{source} holds neither products nor customers nor answers nor promotions nor fundings; one is needed."
                )
            found[table.name] = nothing_bought(declaration)
            continue
        if database:
            opened = database.open(con, table, optional=table in optional, progress=progress)
        else:
            opened = _open_files(con, Path(source), table, declaration, spill, optional=table in optional)
        if opened:
            found[table.name] = opened
            if database:
                _refuse_what_would_be_one(con, opened, declaration, [])
    return {table.name: found[table.name] for table in INPUT_TABLES if table.name in found}


def nothing_bought(declaration: Declaration) -> Source:
    """Purchases without a line, with all their columns."""
    columns = {column.name: "VARCHAR" for column in input_columns(PURCHASES, declaration)}
    every = ", ".join(f"CAST(NULL AS VARCHAR) AS {name_of(name)}" for name in columns)
    empty = f"(SELECT {every}, 0 AS file_no, CAST(NULL AS BIGINT) AS row_no WHERE false)"
    return Source(PURCHASES, "purchases", columns, empty)


def _open_files(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    table: Table,
    declaration: Declaration,
    spill: Path,
    *,
    optional: bool,
) -> Source | None:
    words = declaration.vocabulary.of(table.name)
    files = find_files(folder, table, words, optional=optional)
    if not files:
        return None
    place = str(files[0] if len(files) == 1 else folder / (words.files or table.name))
    if not is_csv(files):
        source = replace(parquet_source(con, table, words, files, place, folder), files=tuple(files))
    else:
        root = spill / f"staged-{table.name}"
        staged = stage_csv(con, table, files, declaration.encoding, root)
        source = replace(parquet_source(con, table, words, staged, place, root), files=tuple(files))
    _refuse_what_would_be_one(con, source, declaration, files)
    return source


def _refuse_what_would_be_one(
    con: duckdb.DuckDBPyConnection, source: Source, declaration: Declaration, files: Sequence[Path]
) -> None:
    """Refuse a table in which several customers or currencies would be one, or which proves to be damaged."""
    try:
        refuse_mangled_ids(con, source, declaration, files)
        refuse_other_currencies(con, source, declaration)
    except (duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.IOException):
        raise
    except duckdb.Error as error:
        said = str(error).splitlines()[0].rstrip(".")
        raise BadInput(f"{source.place} could not be read: {said}.") from error
