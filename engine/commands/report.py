"""`abonement report`: a night as a page to look at."""

from pathlib import Path
from typing import Annotated

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store
from models.running.terminal import answer


def report(
    run: Annotated[str, typer.Argument(help="The run, such as 2017-12-04.1, or current; refused ones too.")],
    workspace: Workspace,
    out: Annotated[
        Path | None,
        typer.Option(help="HTML file to write; sight/report.html in the run's folder without it."),
    ] = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Write a run's report: one HTML file that fetches nothing."""
    from engine.nightly.folder.past_runs import named_run
    from engine.watch.run_page import write_report
    from models.tables.table_files import check_out

    if out is not None:
        check_out(out)
    with existing_store(workspace, store_url) as store:
        run_id = named_run(store, run)
    path = write_report(workspace, run_id, out)
    answer(f"Wrote the report to {path}.", {"run_id": run_id, "report": path}, as_json)
