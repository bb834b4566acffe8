"""`abonement serve`: the server of the day, as `python serve.py` starts it."""

from pathlib import Path
from typing import Annotated

import typer

from models.running.workspace_option import WORKSPACE


def serve(
    workspace: Annotated[Path | None, WORKSPACE] = None,
    clock: Annotated[
        str | None,
        typer.Option(
            envvar="ABONEMENT_CLOCK",
            show_envvar=True,
            help='"system", or "fixed:2017-12-04T09:00:00Z" for a demo of past data.',
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            envvar="ABONEMENT_HOST", show_envvar=True, help="Address to listen on; 127.0.0.1 without it."
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(envvar="ABONEMENT_PORT", show_envvar=True, help="Port to listen on; 8000 without it."),
    ] = None,
) -> None:
    """Serve offers over HTTP until interrupted; other settings come from the environment (see docs/operate.md)."""
    from engine.serving.app import app_from_environment, run

    options = {"workspace": workspace, "clock": clock, "host": host, "port": port}
    run(app_from_environment({name: given for name, given in options.items() if given is not None}))
