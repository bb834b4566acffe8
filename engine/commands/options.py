"""Options that several commands share, with one wording."""

from pathlib import Path
from typing import Annotated

import typer

Workspace = Annotated[Path, typer.Option(help="Folder that holds data, models, runs and the store.")]
StoreUrl = Annotated[
    str | None, typer.Option("--store", help="SQLAlchemy URL; store.db in the workspace without it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Wait = Annotated[
    float,
    typer.Option(
        "--wait",
        min=0,
        metavar="SECONDS",
        help="How long to wait while another command writes into the workspace; without it, exit code 75 at once.",
    ),
]
