"""Where in a shop's files a line stands, in words: "purchases.csv, line 7"."""

import gzip
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import IO


def place_of(path: Path, row_no: int, values: Sequence[str], encoding: str) -> str:
    """Name the row number `row_no` (from 0) of a file.

    A CSV file has empty lines, lines that could not be read and line ends within quotes, so the line is the first one
    from where the row would stand without these that holds all `values`.
    """
    if path.name.lower().endswith(".parquet"):
        return f"{path.name}, row {row_no + 1}"
    below = row_no + 1  # of lines before it: the header and the rows
    with _text(path, encoding) as file:
        lines = enumerate(islice(file, below, None), start=below + 1)
        found = (number for number, line in lines if all(value in line for value in values))
        return f"{path.name}, line {next(found, below + 1)}"


def _text(path: Path, encoding: str) -> IO[str]:
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rt", encoding=encoding, errors="replace")
    return path.open(encoding=encoding, errors="replace")
