"""`abonement export`: what nights left behind, as a file for others."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.commands.options import AsJson
from models.console import answer


class What(StrEnum):
    """The tables that can be exported; their columns are listed in `models.tables`."""

    OFFERS = "offers"
    CUSTOMERS = "customers"
    LOG = "log"


def export(
    workspace: Annotated[Path, typer.Option(help="Folder with runs and store.")],
    what: Annotated[What, typer.Option(help="offers now valid, scores of customers, or the slot log.")],
    out: Annotated[Path, typer.Option(help="File to write: .parquet, .csv or .jsonl.")],
    run: Annotated[str, typer.Option(help="A run's name such as 2017-12-04.1, or current.")] = "current",
    now: Annotated[
        str | None, typer.Option(help="With --run current: a local day, or a time with zone.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write offers, customer scores or the slot log to Parquet, CSV or JSON lines."""
    from engine.nightly.export import export_frame
    from engine.settings import store_url_in
    from engine.store import open_store
    from models.files import check_ending, write_frame

    check_ending(out)
    store = open_store(store_url_in(workspace))
    try:
        frame = export_frame(store, workspace, what.value, run, now)
    finally:
        store.close()
    write_frame(frame, out)
    sentence = f"Wrote {len(frame):,} rows of {what.value} to {out}."
    answer(sentence, {"what": what.value, "rows": len(frame), "out": out}, as_json)
