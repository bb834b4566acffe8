"""CSV files become Parquet before anything else reads them, in one pass and with bounded memory.

All columns of a CSV file are kept as text, so that a value that does not fit costs its row and not the load. Rows without
any value, as spreadsheets leave them below a table, are no rows. Lines that
cannot be split into the header's columns, or are not in the declared encoding, go to the quarantine with what is wrong
about them; `csv_header` says how the first lines are read.
"""

import codecs
import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

import duckdb

from models.ground.errors import BadInput
from models.sources.reading.csv_header import (
    BLOCK_BYTES,
    CsvHeader,
    bytes_in_words,
    called,
    likely_encoding,
    not_in_encoding,
    open_bytes,
    open_text,
    read_header,
    with_mark,
)
from models.sources.reading.data_folder import name_of, quoted
from models.tables import Table
from models.tables.row_checks import UNREADABLE_LINE

# What exports write for "no value": nothing, MySQL's and PostgreSQL's \N, and the word.
NOTHING = ("", "\\N", "NULL")
# DuckDB keeps no more of a line that it rejects; it cannot be said how much of the file such a one has swallowed.
KEPT_OF_A_LINE = 10_000


def stage_csv(
    con: duckdb.DuckDBPyConnection, table: Table, files: Sequence[Path], encoding: str, target: Path
) -> list[Path]:
    """Write each CSV file as Parquet into the folder `target` and return the files written.

    Unreadable lines go to the connection's table `quarantine`. Raises BadInput where a file has no header, a
    header that names a column twice, bytes that are not in `encoding`, or a quotation mark that opens and does not
    close, so that nobody can say which lines follow.
    """
    target.mkdir(parents=True)
    staged = []
    for number, path in enumerate(files):
        header = read_header(path, encoding)
        readable = _as_utf8(path, encoding, target / f"{number:05d}.csv")
        rejects = f"{table.name}_rejects_{number}"
        parquet = target / f"{number:05d}.parquet"
        # DuckDB holds to the line ends of the first lines, and passes over the others where it is to skip some.
        if header.above or not _staged(con, readable, header, rejects, parquet):
            readable = _with_line_ends_alike(path, readable, target / f"{number:05d}-alike.csv")
            rejects += "_again"
            _stage_or_refuse(con, readable, header, rejects, parquet, path)
        _set_aside(con, table, path, readable, header, rejects)
        if readable != path:
            readable.unlink()
        staged.append(parquet)
    return staged


def _stage(
    con: duckdb.DuckDBPyConnection, readable: Path, header: CsvHeader, rejects: str, parquet: Path
) -> None:
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in header.names)
    con.execute(
        f"COPY (SELECT {', '.join(map(name_of, header.names))} FROM read_csv({quoted(str(readable))},"
        f" auto_detect = false, header = true, skip = {header.above}, delim = {quoted(header.separator)},"
        f" quote = '\"', escape = '\"', nullstr = [{', '.join(map(quoted, NOTHING))}],"
        f" columns = {{{columns}}}, store_rejects = true,"
        f" rejects_table = '{rejects}', rejects_scan = '{rejects}_scan', rejects_limit = 0)"
        f" WHERE coalesce({', '.join(map(name_of, header.names))}) IS NOT NULL)"
        f" TO {quoted(str(parquet))} (FORMAT parquet)"
    )


def _staged(
    con: duckdb.DuckDBPyConnection, readable: Path, header: CsvHeader, rejects: str, parquet: Path
) -> bool:
    try:
        _stage(con, readable, header, rejects, parquet)
    except duckdb.InvalidInputException:
        return False
    return True


def _stage_or_refuse(
    con: duckdb.DuckDBPyConnection, readable: Path, header: CsvHeader, rejects: str, parquet: Path, path: Path
) -> None:
    try:
        _stage(con, readable, header, rejects, parquet)
    except duckdb.InvalidInputException as error:
        raise BadInput(
            f"{path} cannot be read as CSV: {str(error).splitlines()[0].rstrip('.')}; save it again as CSV UTF-8."
        ) from None


def _set_aside(
    con: duckdb.DuckDBPyConnection, table: Table, path: Path, readable: Path, header: CsvHeader, rejects: str
) -> None:
    """Put the lines that could not be read into the quarantine, each with its number and what is wrong."""
    # Lines are found by where they begin: DuckDB counts a line whose cells hold line ends as one.
    starts = con.execute(
        f"SELECT DISTINCT line_byte_position - 1 AS start_byte FROM {rejects} ORDER BY start_byte"
    )
    begins = [int(row[0]) for row in starts.fetchall()]
    if not begins:
        return
    lines = _lines_at(readable, begins)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE unread_lines AS SELECT unnest(?) AS start_byte, unnest(?) AS line",
        [begins, lines],
    )
    endless = con.execute(
        f"""SELECT min(unread_lines.line) FROM {rejects} JOIN unread_lines ON start_byte = line_byte_position - 1
        WHERE error_type = 'LINE SIZE OVER MAXIMUM'
           OR (length(csv_line) >= {KEPT_OF_A_LINE} AND regexp_matches(csv_line, '[^\r\n][\r\n]+[^\r\n]'))"""
    ).fetchall()[0][0]
    if endless:
        raise BadInput(
            f"{path}: a quotation mark in line {endless} opens a cell and does not close it, so that nobody can say"
            ' which lines follow; close it, or write it twice ("") where it is meant as a mark.'
        )
    named = len(header.names)
    # DuckDB begins a line between the two characters that end the one before.
    parts = "regexp_split_to_array(regexp_replace(text, '^\n', ''), '\r\n|\n|\r')"
    con.execute(f"""INSERT INTO quarantine SELECT '{table.name}', '{UNREADABLE_LINE}',
        CAST(json_object('file', {quoted(path.name)}, 'line', CAST(line + place - 1 AS VARCHAR), 'text', part,
            'why', why) AS VARCHAR), CAST(NULL AS DATE)
        FROM (SELECT unread_lines.line, why, unnest({parts}) AS part, unnest(range(1, len({parts}) + 1)) AS place
              FROM (SELECT line_byte_position - 1 AS start_byte, any_value(csv_line) AS text, CASE min(CAST(error_type AS VARCHAR))
                        WHEN 'MISSING COLUMNS' THEN format('{{}} cells where the header names {named}', min(column_idx))
                        WHEN 'TOO MANY COLUMNS' THEN 'more cells than the {named} that the header names'
                        WHEN 'INVALID ENCODING' THEN {quoted(_foreign_bytes(con, readable, rejects))}
                        ELSE 'a quotation mark out of place' END AS why
                    FROM {rejects} GROUP BY 1) JOIN unread_lines USING (start_byte))
        WHERE regexp_matches(part, '[^\\s\\x1a]')""")


def _lines_at(path: Path, begins: Sequence[int]) -> list[int]:
    """The numbers of the lines that begin at these bytes, which are in order."""
    lines, line, passed, before = [], 1, 0, b""
    with open_bytes(path) as file:
        # DuckDB does not count the byte order mark.
        mark = len(codecs.BOM_UTF8) if file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8 else 0
        file.seek(mark)
        for begin in begins:
            while passed < begin and (block := file.read(min(begin - passed, BLOCK_BYTES))):
                of_two = block.count(b"\r\n") + (before.endswith(b"\r") and block.startswith(b"\n"))
                line += block.count(b"\n") + block.count(b"\r") - of_two
                passed, before = passed + len(block), block
            lines.append(line)
    return lines


def _foreign_bytes(con: duckdb.DuckDBPyConnection, path: Path, rejects: str) -> str:
    """What the first line that is not UTF-8 holds instead."""
    first = con.execute(
        f"SELECT min(line_byte_position) - 1 FROM {rejects} WHERE error_type = 'INVALID ENCODING'"
    ).fetchall()[0][0]
    if first is None:
        return ""
    with open_bytes(path) as file:
        file.seek(int(first))
        line = file.readline(BLOCK_BYTES)
    try:
        line.decode()
    except UnicodeDecodeError as error:
        bad = error.object[error.start : error.start + 3]
        return f'{bytes_in_words(bad)} in it not being UTF-8; set encoding = "{likely_encoding(bad)}" if it is that'
    return "bytes that are not UTF-8"


def _with_line_ends_alike(path: Path, readable: Path, target: Path) -> Path:
    """A copy in which every line ends in a line feed, in place of `readable` unless that is the shop's own file.

    Bytes that are not UTF-8 stay what they are.
    """
    with (
        open_text(readable, "utf-8", "surrogateescape", newline=None) as file,
        target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as copy,
    ):
        while block := file.read(BLOCK_BYTES):
            copy.write(block)
    if readable != path:
        readable.unlink()
    return target


def _as_utf8(path: Path, encoding: str, target: Path) -> Path:
    """The file itself where DuckDB can read it, otherwise a copy of it in UTF-8."""
    if called(encoding) == "UTF-8":
        return path
    try:
        with open_bytes(path) as file, target.open("w", encoding="utf-8", newline="") as copy:
            reader = codecs.getreader(with_mark(encoding))(file)
            while block := reader.read(BLOCK_BYTES):
                copy.write(block)
    except (UnicodeError, EOFError, gzip.BadGzipFile, zlib.error):
        raise BadInput(not_in_encoding(path, encoding)) from None
    return target
