"""Writing a table for others: the file's ending chooses Parquet, CSV or JSON lines; whole or not at all.

A spreadsheet runs a cell that begins like a formula. So in CSV, and there alone, text that does gets an apostrophe in
front, which a spreadsheet shows as text; `as_meant` takes it off again. Text that is a number stays as it is.
"""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from models.ground.durable import write_whole
from models.ground.errors import BadInput

ENDINGS = (".parquet", ".csv", ".jsonl")
# Also in full width, as Japanese spreadsheets take them, and after the semicolon that some countries' part cells by.
_FORMULA = re.compile(r"(?:^|(?<=;))(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*(?:[eE][+-]?\d+)?", re.ASCII)


def check_out(path: Path) -> None:
    """Refuse an --out that cannot become a file, before any work is done.

    Raises:
        BadInput: it is a folder or a device, or the folder to hold it does not exist.
    """
    if path.is_dir():
        raise BadInput(f"Expected --out to name a file to write, got the folder {path}; add a file's name.")
    if path.exists() and not path.is_file():
        raise BadInput(
            f"Expected --out to name a file to write, got {path}, a device, a pipe or a socket; name a file."
        )
    if not path.parent.exists():
        raise BadInput(f"Cannot write {path}: there is no folder {path.parent}; make it, or correct --out.")


def check_table(path: Path) -> None:
    """Like `check_out`, for a table: refuse also a file whose ending says nothing; raises BadInput."""
    check_out(path)
    if path.suffix not in ENDINGS:
        raise BadInput(f"Expected --out to end in {', '.join(ENDINGS)}, got {path.name!r}.")


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write `frame` to `path`; a file that stood there is replaced in one step.

    Raises:
        BadInput: the ending is none of ENDINGS, or there is no place for such a file.
    """
    check_table(path)
    write_whole(path, lambda incoming: _write(frame, path.suffix, incoming))


def _write(frame: pd.DataFrame, ending: str, path: Path) -> None:
    if ending == ".parquet":
        frame.to_parquet(path, index=False)
    elif ending == ".csv":
        _without_formulas(frame).to_csv(path, index=False)
    else:
        frame.to_json(path, orient="records", lines=True, date_format="iso", force_ascii=False)


def as_meant(cell: str) -> str:
    """Return the text of a cell of a CSV file of ours, or of one that somebody made from it."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def _without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    safe = frame.copy(deep=False)
    for name in frame:
        if not _holds_no_text(frame[name]):
            safe[name] = frame[name].astype(object).map(_harmless)
    return safe.rename(columns=_harmless)


def _holds_no_text(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)


def _harmless(cell: object) -> object:
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    # pandas quotes no lone carriage return, and a spreadsheet begins a row at it.
    return _FORMULA.sub("'", cell.replace("\r\n", "\n").replace("\r", "\n"))
