"""Options that several commands share."""

import getpass
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
By = Annotated[str | None, typer.Option(help="Who does it, for the record; the user's login otherwise.")]


def user() -> str | None:
    """The login of who runs the command, None where the machine does not know it (a container's bare number)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # Python 3.13 raises the latter
        return None
