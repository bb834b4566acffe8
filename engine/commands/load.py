"""`abonement load`: a shop's tables become the workspace's current data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.options import Wait
from models.console import progress_bar

if TYPE_CHECKING:
    from models.sources import LoadSummary


def load(
    data: Annotated[Path, typer.Option(help="Folder with purchases, products and tables.toml.")],
    workspace: Annotated[Path, typer.Option(help="Folder that holds data, models, runs and the store.")],
    buckets: Annotated[
        int | None, typer.Option(help="Customer buckets; one for every 2,000 customers.")
    ] = None,
    memory: Annotated[str, typer.Option(help="Memory for reading; more spills to disk.")] = "2GB",
    wait: Wait = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Check a shop's tables and make them the workspace's current data."""
    from models.sources import load as load_tables

    with progress_bar() as progress:
        summary = load_tables(
            data, workspace, buckets=buckets, memory=memory, progress=progress, wait_seconds=wait
        )
    typer.echo(summary.as_json() if as_json else _sentences(summary, workspace))


def _sentences(summary: "LoadSummary", workspace: Path) -> str:
    from models.checks import meaning

    first, last = (day.isoformat() for day in summary.local_days)
    lines = [
        (
            f"Loaded {summary.lines:,} lines of {summary.customers:,} customers and {summary.products:,} products,"
            f" {first} to {last} ({summary.timezone}), in {summary.buckets:,} buckets."
        )
    ]
    for name, table in summary.tables.items():
        for reason, number in table.quarantined.items():
            lines.append(f"Quarantined {number:,} of {table.rows:,} {name}: {reason} ({meaning(reason)}).")
    if any(table.quarantined for table in summary.tables.values()):
        lines.append(f"Every bad row stands in {workspace}/data/loads/{summary.load_id}/quarantine.parquet.")
    for name, columns in summary.ignored_columns.items():
        lines.append(f"Columns of {name} that are not used: {', '.join(columns)}.")
    return "\n".join(lines)
