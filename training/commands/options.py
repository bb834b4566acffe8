"""Options that several commands share."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from models.running.workspace_option import WORKSPACE

Workspace = Annotated[Path, WORKSPACE]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
AsOf = Annotated[str, typer.Option(help="A local day, or a time with zone.")]
DataFolder = Annotated[Path, typer.Option(help="Data folder with tables.toml.")]
Jobs = Annotated[int, typer.Option(min=1, help="Buckets worked on side by side.")]
Level = Annotated[str, typer.Option(help="product, or family for the finest family level.")]
OutFile = Annotated[Path, typer.Option(help="File to write: .parquet, .csv or .jsonl.")]
Size = Annotated[int, typer.Option(min=1, help="Items a customer.")]
By = Annotated[str | None, typer.Option(help="Who does it, for the record; the user's login otherwise.")]


def user() -> str | None:
    """The login of who runs the command, None where the machine does not know it (a container's bare number)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # Python 3.13 raises the latter
        return None
