"""`abonement export`: what nights left behind, as a file for others."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.commands.options import AsJson, Now, StoreUrl, Workspace, existing_store
from models.running.terminal import answer, number_of


class What(StrEnum):
    """The tables that can be exported; their columns are listed in `models.tables`."""

    OFFERS = "offers"
    CUSTOMERS = "customers"
    LOG = "log"
    SHADOW = "shadow"
    REDEMPTIONS = "redemptions"
    FAVOURITES = "favourites"
    GRANTS = "grants"
    EVENTS = "events"
    SUBSTITUTIONS = "substitutions"
    AUDIT = "audit"


def export(
    workspace: Workspace,
    what: Annotated[
        What,
        typer.Option(
            help="log: a night's slots with what came of them; shadow: what those without offers by lot would have got. The last five: of all nights."
        ),
    ],
    out: Annotated[Path, typer.Option(help="File to write: .parquet, .csv or .jsonl.")],
    run: Annotated[str, typer.Option(help="A run's name such as 2017-12-04.1, or current.")] = "current",
    now: Now = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Write what nights and days left behind to Parquet, CSV or JSON lines; `models.tables` lists the columns."""
    from engine.commands.offers_then import nobody_then
    from engine.nightly.folder.export import export_frame
    from engine.settings import deployment_now
    from models.tables.table_files import check_table, write_frame

    check_table(out)
    with existing_store(workspace, store_url) as store:
        frame = export_frame(store, workspace, what.value, run, now, deployment_now())
        nobody = nobody_then(store, now) if what is What.OFFERS and not len(frame) else None
    write_frame(frame, out)
    sentence = f"Wrote {number_of(len(frame), 'row')} of {what.value} to {out}."
    answer(
        sentence if nobody is None else f"{sentence} {nobody}",
        {"what": what.value, "rows": len(frame), "out": out},
        as_json,
    )
