"""`abonement report`: a night as a page to look at."""

from pathlib import Path
from typing import Annotated

import typer

from engine.commands.options import AsJson
from models.console import answer


def report(
    run: Annotated[str, typer.Argument(help="The run, such as 2017-12-04.1; refused ones too.")],
    workspace: Annotated[Path, typer.Option(help="Folder with the run.")],
    out: Annotated[
        Path | None,
        typer.Option(help="HTML file to write; sight/report.html in the run's folder without it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a run's report: one HTML file that fetches nothing."""
    from engine.watch.page import write_report

    path = write_report(workspace, run, out)
    answer(f"Wrote the report to {path}.", {"run_id": run, "report": path}, as_json)
