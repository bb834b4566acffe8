"""CSV files become Parquet before anything else reads them, in one pass and with bounded memory.

A CSV file has a header; the separator (comma, semicolon, tab or bar) is read off it. All its columns are kept as
text, so that a value that does not fit costs its row and not the load. Lines that cannot be split into the
header's columns, or are not in the declared encoding, go to the quarantine.
"""

import codecs
import csv
import gzip
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import duckdb

from models.ground.errors import BadInput
from models.sources.reading.data_folder import name_of, quoted
from models.tables import Table
from models.tables.row_checks import UNREADABLE_LINE

SEPARATORS = ",;\t|"
# What exports write for "no value": nothing, MySQL's and PostgreSQL's \N, and the word.
NOTHING = ("", "\\N", "NULL")
BLOCK_BYTES = 1 << 22


def stage_csv(
    con: duckdb.DuckDBPyConnection, table: Table, files: Sequence[Path], encoding: str, target: Path
) -> list[Path]:
    """Write each CSV file as Parquet into the folder `target` and return the files written.

    Unreadable lines go to the connection's table `quarantine`. Raises BadInput where a file has no header, a
    header that names a column twice, or bytes that are not in `encoding`.
    """
    target.mkdir(parents=True)
    staged = []
    for number, path in enumerate(files):
        names, separator = _header(path, encoding)
        readable = _as_utf8(path, encoding, target / f"{number:05d}.csv")
        rejects = f"{table.name}_rejects_{number}"
        columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names)
        parquet = target / f"{number:05d}.parquet"
        con.execute(
            f"COPY (SELECT {', '.join(map(name_of, names))} FROM read_csv({quoted(str(readable))},"
            f" auto_detect = false, header = true, delim = {quoted(separator)}, quote = '\"', escape = '\"',"
            f" nullstr = [{', '.join(map(quoted, NOTHING))}], columns = {{{columns}}}, store_rejects = true,"
            f" rejects_table = '{rejects}', rejects_scan = '{rejects}_scan', rejects_limit = 0))"
            f" TO {quoted(str(parquet))} (FORMAT parquet)"
        )
        con.execute(
            f"INSERT INTO quarantine SELECT DISTINCT '{table.name}', '{UNREADABLE_LINE}',"
            f" CAST(json_object('file', {quoted(path.name)}, 'line', CAST(line AS VARCHAR), 'text', csv_line)"
            f" AS VARCHAR), CAST(NULL AS DATE) FROM {rejects}"
        )
        if readable != path:
            readable.unlink()
        staged.append(parquet)
    return staged


def line_of(path: Path, encoding: str, values: Mapping[str, str]) -> int | None:
    """The number of the first line of a CSV file whose columns (in any case) hold `values`; None where none does."""
    names, separator = _header(path, encoding)
    places = [[name.lower() for name in names].index(column.lower()) for column in values]
    wanted = [value.strip() for value in values.values()]
    with _open(path) as file:
        reader = csv.reader(codecs.getreader(_with_mark(encoding))(file, "replace"), delimiter=separator)
        for row in reader:
            if len(row) == len(names) and [row[place].strip() for place in places] == wanted:
                return reader.line_num
    return None


def _header(path: Path, encoding: str) -> tuple[list[str], str]:
    header = ""
    decoder = codecs.getincrementaldecoder(_with_mark(encoding))()
    try:
        with _open(path) as file:
            while "\n" not in header and (line := file.readline(BLOCK_BYTES)):
                header += decoder.decode(line)
    except (UnicodeError, EOFError, gzip.BadGzipFile, zlib.error):
        raise BadInput(
            f"{path} is not {_called(encoding)}; declare its encoding in tables.toml, or save it as UTF-8."
        ) from None
    separator = max(SEPARATORS, key=header.count)
    try:
        names = [
            name.strip()
            for name in next(csv.reader([header.partition("\n")[0].rstrip("\r")], delimiter=separator), [])
        ]
    except csv.Error as error:
        raise BadInput(f"{path} has no header that can be read: {error}.") from None
    if not any(names) or "\0" in header:
        raise BadInput(f"{path} has no header; its first line must name the columns.")
    lower = [name.lower() for name in names]
    twice = sorted({name for name in names if lower.count(name.lower()) > 1})
    if twice:
        raise BadInput(f"{path} names a column twice: {', '.join(map(repr, twice))}.")
    return names, separator


def _as_utf8(path: Path, encoding: str, target: Path) -> Path:
    """The file itself where DuckDB can read it, otherwise a copy of it in UTF-8."""
    if _called(encoding) == "UTF-8":
        return path
    try:
        with _open(path) as file, target.open("w", encoding="utf-8", newline="") as copy:
            reader = codecs.getreader(_with_mark(encoding))(file)
            while block := reader.read(BLOCK_BYTES):
                copy.write(block)
    except (UnicodeError, EOFError, gzip.BadGzipFile, zlib.error):
        raise BadInput(
            f"{path} is not {_called(encoding)}, as tables.toml declares; name its encoding there."
        ) from None
    return target


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def _with_mark(encoding: str) -> str:
    """UTF-8 with or without a byte order mark; other encodings as they are."""
    return "utf-8-sig" if _called(encoding) == "UTF-8" else encoding


def _called(encoding: str) -> str:
    name = codecs.lookup(encoding).name
    return "UTF-8" if name in {"utf-8", "utf-8-sig", "ascii"} else name
