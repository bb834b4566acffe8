"""Ids that a spreadsheet or a float has mangled: several of them became one, so a load of them is refused.

A spreadsheet writes a long number as 2.90202E+12, and what stood behind the digits that it kept is lost. A column of
floating point numbers holds whole numbers up to 2^53 exactly (2^24 in single precision), and beyond that every other one
or fewer. Either way different cards are one customer's, and nothing in the table can tell them apart again.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from models.ground.errors import BadInput
from models.sources.reading.csv_lines import line_of
from models.sources.reading.data_folder import BETWEEN_PARTS, Source, name_of, quoted
from models.sources.reading.declaration import Declaration
from models.sources.reading.typed_columns import FLOATS, IDS

MANGLED = f"(^|{BETWEEN_PARTS})\\s*[0-9]([.,][0-9]+)?[eE]\\+[0-9]+\\s*($|{BETWEEN_PARTS})"
# Above it neighbouring whole numbers are the same floating point number.
EXACT_UP_TO = {"FLOAT": 2**24, "DOUBLE": 2**53}


def refuse_mangled_ids(
    con: duckdb.DuckDBPyConnection, source: Source, declaration: Declaration, files: Sequence[Path] = ()
) -> None:
    """Raise BadInput where a column of ids holds a mangled one; `files` are those that the shop gave, for its place."""
    columns = [name for name in IDS if name in source.columns]
    if not columns:
        return
    wanted = ", ".join(f"min({name_of(c)}) FILTER ({_mangled(c, source.columns[c])})" for c in columns)
    samples = con.execute(f"SELECT {wanted} FROM {source.relation}").fetchall()[0]
    for column, sample in zip(columns, samples, strict=True):
        if sample is not None:
            theirs = declaration.vocabulary.of(source.table.name).columns.get(column, column)
            raise BadInput(_sentence(con, source, theirs, sample, files, declaration.encoding))


def _mangled(column: str, kind: str) -> str:
    name = name_of(column)
    if kind in FLOATS:
        return f"abs({name}) > {EXACT_UP_TO[kind]} AND NOT isinf({name}) AND NOT isnan({name})"
    if kind != "VARCHAR":
        return "false"
    # The pattern is for the few that could match it.
    return f"(contains({name}, 'E+') OR contains({name}, 'e+')) AND regexp_matches({name}, {quoted(MANGLED)})"


def _sentence(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    theirs: str | tuple[str, ...],
    sample: str | float,
    files: Sequence[Path],
    encoding: str,
) -> str:
    called = theirs if isinstance(theirs, str) else " and ".join(theirs)
    if isinstance(sample, float):
        return (
            f"{source.place}: column {called} holds ids as floating point numbers, and {sample:.0f} is beyond what these tell"
            " apart: different ids became one. Export the column as text or as whole numbers."
        )
    names = (theirs,) if isinstance(theirs, str) else theirs
    parts = sample.split(BETWEEN_PARTS) if len(names) > 1 else [sample]
    place = _place(con, files, dict(zip(names, parts, strict=False)), encoding) or source.place
    return (
        f"{place}: column {called} holds {sample!r}; expected an id, not a number that a spreadsheet shortened: different ids"
        " became one. Export the table anew without opening it in a spreadsheet, or format the column as text there before"
        " the numbers are put in."
    )


def _place(
    con: duckdb.DuckDBPyConnection, files: Sequence[Path], values: dict[str, str], encoding: str
) -> str | None:
    """The first file that holds the values, and in which line or row."""
    for path in files:
        if path.name.lower().endswith(".parquet"):
            held = " AND ".join(f"CAST({name_of(n)} AS VARCHAR) = {quoted(v)}" for n, v in values.items())
            found = con.execute(
                f"SELECT min(file_row_number) FROM read_parquet({quoted(str(path))}, file_row_number = true) WHERE {held}"
            ).fetchall()[0][0]
            if found is not None:
                return f"{path}, row {found + 1:,}"
        elif (at := line_of([path], encoding, values)) is not None:
            return f"{path}, line {at[1]:,}"
    return None
