"""`abonement load`: a shop's tables become the workspace's current data."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.ground.errors import BadInput
from models.running.terminal import number_of, progress_bar
from models.running.workspace_option import WORKSPACE

if TYPE_CHECKING:
    from models.sources import LoadSummary


def load(
    data: Annotated[
        str,
        typer.Option(
            envvar="ABONEMENT_DATA",
            show_envvar=True,
            help="Folder with purchases, products and tables.toml, or a SQLAlchemy URL of a database.",
        ),
    ],
    workspace: Annotated[Path | None, WORKSPACE] = None,
    tables: Annotated[
        Path | None, typer.Option(help="The declaration, if it is not tables.toml in the data folder.")
    ] = None,
    append: Annotated[
        bool, typer.Option("--append", help="Add to the data in use: days, late lines.")
    ] = False,
    days: Annotated[
        str | None,
        typer.Option(help="With --append: the days delivered whole, a day, FIRST..LAST or none."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="With --append: stored receipts that it lacks go.")
    ] = False,
    add: Annotated[
        bool, typer.Option("--add", help="With --append: stored receipts stay, lines are added.")
    ] = False,
    without_purchases: Annotated[
        bool,
        typer.Option("--without-purchases", help="With --append: it brings no purchases, but other tables."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say what a load would do, and write nothing.")
    ] = False,
    buckets: Annotated[
        int | None, typer.Option(help="Customer buckets; one for every 1,000 customers.")
    ] = None,
    memory: Annotated[str, typer.Option(help="Memory for reading; more spills to disk.")] = "2GB",
    wait: Annotated[float, typer.Option(help="Seconds to wait for another writer of the workspace.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Check a shop's tables and make them the workspace's current data."""
    from models.sources.loading.delivery_plan import Lacking

    if replace and add:
        raise BadInput("--replace takes stored receipts out and --add keeps them; say one of them.")
    lacking = Lacking.REPLACE if replace else Lacking.ADD if add else Lacking.STOP
    source: Path | str = data if "://" in data else Path(data)
    if check:
        from engine.commands.load_report import print_report
        from models.sources.loading.load_check import check as check_tables

        with progress_bar() as progress:
            report = check_tables(
                source,
                workspace,
                tables=tables,
                append=append,
                days=days,
                lacking=lacking,
                without_purchases=without_purchases,
                memory=memory,
                progress=progress,
                now=datetime.now(UTC),
            )
        print_report(report, as_json=as_json)
        return
    if workspace is None:
        raise BadInput("Where to? Name the workspace with --workspace; only --check does without one.")
    from models.sources import load as load_tables

    with progress_bar() as progress:
        summary = load_tables(
            source,
            workspace,
            tables=tables,
            append=append,
            days=days,
            lacking=lacking,
            without_purchases=without_purchases,
            buckets=buckets,
            memory=memory,
            progress=progress,
            wait_seconds=wait,
            now=datetime.now(UTC),
        )
    typer.echo(summary.as_json() if as_json else _sentences(summary, workspace))


def _sentences(summary: "LoadSummary", workspace: Path) -> str:
    first, last = (day.isoformat() for day in summary.local_days)
    lines = [
        (
            f"Loaded {number_of(summary.lines, 'line')} of {number_of(summary.customers, 'customer')} and"
            f" {number_of(summary.products, 'product')}, {first} to {last} ({summary.timezone}),"
            f" in {number_of(summary.buckets, 'bucket')}."
        )
    ]
    lines += [*summary.findings, *summary.bad_rows]
    if any(table.quarantined for table in summary.tables.values()):
        lines.append(f"Every bad row stands in {workspace}/data/loads/{summary.load_id}/quarantine.parquet.")
    lines += summary.returns.in_words(
        workspace / "data" / "loads" / summary.load_id / "unmatched-returns.parquet"
    )
    for name, columns in summary.ignored_columns.items():
        lines.append(f"Columns of {name} that are not used: {', '.join(columns)}.")
    return "\n".join([*lines, *_about_days(summary, workspace)])


def _about_days(summary: "LoadSummary", workspace: Path) -> list[str]:
    from models.sources.stored.day_ranges import in_words

    lines = []
    if appended := summary.appended:
        lines.append(
            f"Added {number_of(appended.delivered, 'delivered line')}: new days {in_words(appended.new_days)}; replaced days"
            f" {in_words(appended.replaced_days)}; late lines for {in_words(appended.late_days)}."
        )
        if appended.replaced_lines:
            lines.append(
                f"Replaced {number_of(appended.replaced_lines, 'stored line')}; as they were they stand in"
                f" {workspace}/data/loads/{summary.load_id}/replaced.parquet."
            )
    if summary.missing_days:
        missing = in_words(day.isoformat() for day in summary.missing_days)
        lines.append(f"Days without any purchase: {missing}.")
    if summary.erased:
        lines.append(
            f"Erased {number_of(summary.erased, 'customer')} whom the shop no longer has, with their history and bad rows."
        )
    return lines
