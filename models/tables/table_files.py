"""Writing a table for others: the file's ending chooses Parquet, CSV or JSON lines; whole or not at all."""

from pathlib import Path

import pandas as pd

from models.ground.errors import BadInput

ENDINGS = (".parquet", ".csv", ".jsonl")


def check_out(path: Path) -> None:
    """Refuse an --out that cannot become a file, before any work is done.

    Raises:
        BadInput: it is a folder, or the folder to hold it does not exist.
    """
    if path.is_dir():
        raise BadInput(f"Expected --out to name a file to write, got the folder {path}; add a file's name.")
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
    incoming = path.with_name(f".{path.name}.incoming")
    try:
        if path.suffix == ".parquet":
            frame.to_parquet(incoming, index=False)
        elif path.suffix == ".csv":
            frame.to_csv(incoming, index=False)
        else:
            frame.to_json(incoming, orient="records", lines=True, date_format="iso", force_ascii=False)
        incoming.replace(path)
    finally:
        incoming.unlink(missing_ok=True)
