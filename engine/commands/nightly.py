"""`abonement nightly`: one night from loaded data to published bundles."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.commands.options import AsJson, StoreUrl, Wait, Workspace


def nightly(
    workspace: Workspace,
    as_of: Annotated[str, typer.Option(help="The night: a local day, or a time with zone.")],
    programmes: Annotated[
        list[Path] | None,
        typer.Option(
            "--programme",
            help="The programme's rules, beside them wording/LANGUAGE.toml; the classic ones without it. Of several each has its night, in this order.",
        ),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            help="A policy's name, or module:function, in place of the one that the programme chooses."
        ),
    ] = None,
    store_url: StoreUrl = None,
    jobs: Annotated[int, typer.Option(min=1, help="Buckets worked on side by side.")] = 2,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="A check of the guard that may fail tonight; recorded; may be repeated."),
    ] = None,
    metrics_file: Annotated[
        Path | None, typer.Option(help="Prometheus textfile (.prom) to replace, whatever happens.")
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Leave the run's page in sight/report.html, published or not.")
    ] = False,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="JSON log lines on stderr in place of a progress bar.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Plan and compare with the last published night; publish and keep nothing."
        ),
    ] = False,
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,C", help="With --dry-run: amounts in minor units to look up on the budget's curve."
        ),
    ] = None,
    page: Annotated[Path | None, typer.Option(help="With --dry-run: an HTML file to write.")] = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Give every customer tonight's bundle, within budget and rules, and publish them at once.

    Several programmes are published one after the other; where one fails, those before it stay published and none after it begins.
    """
    from engine.commands.dry_run import dry_nights
    from engine.commands.nights_in_order import AskedNights, nights_in_order
    from models.ground.errors import BadInput

    now = datetime.now(UTC)
    if dry_run:
        dry_nights(
            workspace,
            as_of,
            programmes or (),
            policy=policy,
            budgets=budget,
            store_url=store_url,
            jobs=jobs,
            page=page,
            as_json=as_json,
            now=now,
        )
        return
    if budget is not None or page is not None:
        raise BadInput("--budget and --page are looked at with --dry-run only.")
    asked = AskedNights(
        workspace=workspace,
        as_of=as_of,
        programmes=tuple(programmes or (None,)),
        policy=policy,
        store_url=store_url,
        jobs=jobs,
        accepted=tuple(accept or ()),
        metrics_file=metrics_file,
        report=report,
        log_json=log_json,
        wait_seconds=wait,
        now=now,
    )
    nights_in_order(asked, as_json=as_json)
