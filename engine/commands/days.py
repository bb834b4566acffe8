"""`abonement days`: which days the workspace's data has, and which are missing."""

import json
from typing import Annotated

import typer

from engine.commands.options import Workspace


def days(
    workspace: Workspace,
    as_json: Annotated[bool, typer.Option("--json", help="Print every day with its lines as JSON.")] = False,
) -> None:
    """Say which days the data in use has, and which are missing."""
    from models.sources import open_data
    from models.sources.stored.day_ranges import in_words
    from models.sources.stored.finished_load import missing_days

    data = open_data(workspace)
    known = {day.isoformat(): lines for day, lines in data.days().items()}
    missing = [day.isoformat() for day in missing_days(known)]
    if as_json:
        typer.echo(json.dumps({"load": data.load_id, "days": known, "missing": missing}, indent=2))
        return
    typer.echo(
        f"{len(known):,} days with {data.lines:,} lines: {in_words(known)}.\nMissing: {in_words(missing)}."
    )
