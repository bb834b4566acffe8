"""Where in a shop's files a row stands, so that a person finds it: file and line, or row of a Parquet file."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.sources.reading.csv_header import open_text, read_header
from models.sources.reading.csv_staging import NOTHING

# A sample is worth some seconds and no more; what stands further down is told without its line.
LINES_LOOKED_THROUGH = 2_000_000


def place_of(path: Path, encoding: str, row_no: int, cells: Mapping[str, str | None]) -> str:
    """Name the row number `row_no` (from 0) of a file: `purchases.csv, line 7`.

    A CSV file has empty lines, lines that could not be read and line ends within quotes, so the line is the first one
    with these cells from where the row would stand without these.
    """
    if path.name.lower().endswith(".parquet"):
        return f"{path.name}, row {row_no + 1}"
    found = line_of([path], encoding, cells, rows_before=row_no)
    return f"{path.name}, line {found[1] if found else read_header(path, encoding).above + row_no + 2}"


def line_of(
    files: Sequence[Path], encoding: str, cells: Mapping[str, str | None], *, rows_before: int = 0
) -> tuple[Path, int] | None:
    """The first file and line with these cells, keyed by the shop's columns in any case; None where none is found soon.

    A row over several lines is known by its first; in each file at least `rows_before` rows stand before it.
    """
    asked = {name.lower(): text or "" for name, text in cells.items()}
    left = LINES_LOOKED_THROUGH
    for path in files:
        header = read_header(path, encoding)
        wanted = [
            (place, asked[name.lower()].strip())
            for place, name in enumerate(header.names)
            if name.lower() in asked
        ]
        with open_text(path, encoding, "replace") as file:
            rows = csv.reader(file, delimiter=header.separator)
            begins = 1
            try:
                for row in rows:
                    if begins > header.above + 1 + rows_before:
                        if _holds(row, wanted):
                            return path, begins
                        left -= 1
                        if not left:
                            return None
                    begins = rows.line_num + 1
            except csv.Error:  # a cell that swallows the file
                continue
    return None


def _holds(row: Sequence[str], wanted: Sequence[tuple[int, str]]) -> bool:
    return len(row) > max((place for place, _ in wanted), default=0) and all(
        row[place].strip() == text or (text == "" and row[place] in NOTHING) for place, text in wanted
    )
