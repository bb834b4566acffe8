"""Writing a table for others: the file's ending chooses Parquet, CSV or JSON lines; whole or not at all."""

from pathlib import Path

import pandas as pd

from models.errors import BadInput

ENDINGS = (".parquet", ".csv", ".jsonl")


def check_ending(path: Path) -> None:
    """Refuse a file whose ending says nothing, before any work is done; raises BadInput."""
    if path.suffix not in ENDINGS:
        raise BadInput(f"Expected --out to end in {', '.join(ENDINGS)}, got {path.name!r}.")


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write `frame` to `path`; a file that stood there is replaced in one step.

    Raises:
        BadInput: the ending is none of ENDINGS.
    """
    check_ending(path)
    path.parent.mkdir(parents=True, exist_ok=True)
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
