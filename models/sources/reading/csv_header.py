"""What the first lines of a CSV file say: its separator, its columns, how many lines stand above them, its encoding.

Files are read as people send them: with one byte order mark or several, with empty lines and Excel's line
`sep=;` above the header, and with a separator at the end of every line, which makes a last column without a name.
"""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path
from typing import IO

from models.ground.errors import BadInput

SEPARATORS = ",;\t|"
BLOCK_BYTES = 1 << 22
# Lines in which the header must be: empty ones may stand above it, and Excel's.
LOOKED_AT = 100
# How a column without a name is called; it is told only where it holds anything.
NAMELESS = re.compile(r"column \d+ \(without a name\)")
_BROKEN = (UnicodeError, EOFError, gzip.BadGzipFile, zlib.error)
_MARK = "\ufeff"
_ASCII = range(0x80)
_CYRILLIC = 0xC0  # where Windows-1251 has the letters of Russian
# What files begin with that are no CSV, and what to do with them.
_NO_CSV = (
    (b"PK\x03\x04", "an Excel workbook (or another zip file): save each sheet as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of the old kind: save each sheet as CSV UTF-8"),
    (b"PAR1", "a Parquet file: let its name end in .parquet"),
    (b"\x1f\x8b", "compressed by gzip: let its name end in .csv.gz"),
)
# UTF-32's begins as UTF-16's does.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class CsvHeader:
    """The columns of a CSV file.

    Attributes:
        names: of all columns in order; one without a name is called by its place (`NAMELESS`).
        separator: of cells.
        above: lines above the header.
    """

    names: tuple[str, ...]
    separator: str
    above: int


def read_header(path: Path, encoding: str) -> CsvHeader:
    """Read a file's first lines; BadInput where they name no columns, or one twice, or are not in `encoding`."""
    _refuse_other_kinds(path, encoding)
    try:
        # What follows the header is judged line by line, so a byte there that does not fit is no matter here.
        with open_text(path, encoding, "replace") as file:
            lines = list(islice(_first_lines(file), LOOKED_AT))
    except _BROKEN:
        raise BadInput(not_in_encoding(path, encoding)) from None
    above = sum(1 for _ in takewhile(_is_blank, lines))
    declared = re.fullmatch(r'"?sep=(.)"?', "".join(lines[above : above + 1]).strip())
    above += bool(declared)
    header = "".join(lines[above : above + 1])
    if "\ufffd" in header:
        raise BadInput(not_in_encoding(path, encoding))
    separator = declared[1] if declared else max(SEPARATORS, key=header.count)
    if "\0" in header:
        raise BadInput(
            f"{path} has no header that can be read: its first line holds NUL bytes; if it is UTF-16, set encoding ="
            f' "utf-16-le" in tables.toml, or save it as CSV UTF-8.'
        )
    try:
        names = [name.strip() for name in next(csv.reader([header], delimiter=separator), [])]
    except csv.Error as error:
        raise BadInput(f"{path} has no header that can be read: {error}.") from None
    if not any(names):
        raise BadInput(f"{path} has no header; its first line must name the columns.")
    lower = [name.lower() for name in names]
    twice = sorted({name for name in names if name and lower.count(name.lower()) > 1})
    if twice:
        raise BadInput(
            f"{path} names a column twice: {', '.join(map(repr, twice))}; give each its own name in line {above + 1}."
        )
    called = [name or f"column {place} (without a name)" for place, name in enumerate(names, start=1)]
    return CsvHeader(tuple(called), separator, above)


def open_bytes(path: Path) -> IO[bytes]:
    """The file's content, unpacked where it is compressed."""
    return gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def open_text(path: Path, encoding: str, errors: str, newline: str | None = "") -> io.TextIOWrapper:
    """The file's text, with its line ends as they are unless `newline` is None."""
    return io.TextIOWrapper(open_bytes(path), encoding=with_mark(encoding), errors=errors, newline=newline)


def with_mark(encoding: str) -> str:
    """UTF-8 with or without a byte order mark; other encodings as they are."""
    return "utf-8-sig" if called(encoding) == "UTF-8" else encoding


def called(encoding: str) -> str:
    """An encoding's name in messages."""
    name = codecs.lookup(encoding).name
    return "UTF-8" if name in {"utf-8", "utf-8-sig", "ascii"} else name


def not_in_encoding(path: Path, encoding: str) -> str:
    """One sentence: in which line are which bytes that the encoding does not know, and what to declare."""
    decoder = codecs.getincrementaldecoder(with_mark(encoding))()
    line, bad = 1, b""
    try:
        with open_bytes(path) as file:
            while content := file.readline(BLOCK_BYTES):
                decoder.decode(content)
                line += 1
    except UnicodeDecodeError as error:
        bad = error.object[error.start : error.start + 3]
    except UnicodeError:  # UTF-16 and UTF-32 need their byte order mark
        return (
            f"{path} is not {called(encoding)}: it does not begin with the byte order mark; declare its encoding in"
            f' tables.toml, such as encoding = "utf-8" or "{called(encoding)}-le", or save it as CSV UTF-8.'
        )
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        return f"{path} cannot be unpacked as gzip: {error}; was it cut off?"
    return (
        f"{path} is not {called(encoding)}: line {line} holds {bytes_in_words(bad)}; declare its encoding in tables.toml,"
        f' such as encoding = "{likely_encoding(bad)}", or save it as CSV UTF-8.'
    )


def bytes_in_words(bad: bytes) -> str:
    """`the byte 0xFC`, `the bytes 0xCC 0xEE`."""
    shown = bytes(byte for byte in bad if byte not in _ASCII) or bad
    listed = " ".join(f"0x{byte:02X}" for byte in shown)
    return f"the byte{'' if len(shown) == 1 else 's'} {listed}" if shown else "an end within a character"


def likely_encoding(bad: bytes) -> str:
    """Windows' Cyrillic where letters above ASCII stand in a row, as in no word of Latin letters; else its Western."""
    return "cp1251" if len(bad) > 1 and min(bad) >= _CYRILLIC else "cp1252"


def _refuse_other_kinds(path: Path, encoding: str) -> None:
    with path.open("rb") as file:
        start = file.read(4)
    for magic, instead in _NO_CSV:
        if start.startswith(magic) and not (magic == b"\x1f\x8b" and path.name.endswith(".gz")):
            raise BadInput(f"{path} is no CSV file but {instead}.")
    for mark, marked in _MARKS:
        if not start.startswith(mark):
            continue
        if not called(encoding).lower().startswith(marked):
            raise BadInput(
                f"{path} is not {called(encoding)}: line 1 begins with {bytes_in_words(mark)}, the byte order mark of"
                f' {marked.upper()}; declare its encoding in tables.toml: encoding = "{marked}".'
            )
        return


def _is_blank(line: str) -> bool:
    return not line.strip()


def _first_lines(file: IO[str]) -> Iterator[str]:
    """Lines without their end and without byte order marks, of which some programs write one too many."""
    rest = ""
    while len(rest) < BLOCK_BYTES and (block := file.read(1 << 13)):
        *whole, rest = re.split(r"\r\n|\n|\r(?=.)", rest + block, flags=re.DOTALL)
        yield from (line.lstrip(_MARK) for line in whole)
    yield rest.rstrip("\r").lstrip(_MARK)
