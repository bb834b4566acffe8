"""`abonement report`: a night as a page to look at, or what a manager asks of the programme."""

from pathlib import Path
from typing import Annotated

import typer

from engine.commands.managers_reports import NAMES, Asked, managers_report
from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store
from models.running.terminal import answer


def report(
    name: Annotated[
        str,
        typer.Argument(
            help=f"One of: {', '.join(NAMES)}. Or a run, such as 2017-12-04.1 or current, refused ones too."
        ),
    ],
    workspace: Workspace,
    starts: Annotated[
        str | None, typer.Option("--from", help="First local day; twelve weeks before --to without it.")
    ] = None,
    ends: Annotated[
        str | None,
        typer.Option("--to", help="First local day that does not count; as far as the data without it."),
    ] = None,
    within_days: Annotated[
        int, typer.Option("--within", min=1, help="trials: days within which a repeat counts.")
    ] = 28,
    running_cost: Annotated[
        float,
        typer.Option("--cost", min=0, help="efficiency: what running it cost beside discounts, in money."),
    ] = 0.0,
    programme: Annotated[
        Path | None, typer.Option(help="The programme's rules; those of the last night without it.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="File to write every figure to: .csv, .parquet, .jsonl.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="HTML file to write; for a run sight/report.html in its folder without it."),
    ] = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Answer a manager's question as a table, JSON, CSV or page; or write a run's page. No page fetches anything."""
    from engine.nightly.folder.past_runs import named_run
    from engine.watch.run_page import write_report
    from models.ground.errors import BadInput
    from models.tables.table_files import check_out

    if out is not None:
        check_out(out)
    if name in NAMES:
        asked = Asked(
            name, workspace, starts, ends, within_days, running_cost, programme, csv, out, store_url
        )
        answer(*managers_report(asked), as_json)
        return
    if starts is not None or ends is not None or csv is not None:
        raise BadInput(
            f"{name} is none of the reports {', '.join(NAMES)}, and a run's page has no --from, --to or --csv."
        )
    with existing_store(workspace, store_url) as store:
        run_id = named_run(store, name)
    path = write_report(workspace, run_id, out)
    answer(f"Wrote the report to {path}.", {"run_id": run_id, "report": path}, as_json)
