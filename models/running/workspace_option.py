"""`--workspace`, one option for every command of ours, and the variable that names it once for all of them."""

import typer

WORKSPACE = typer.Option(
    "--workspace",
    envvar="ABONEMENT_WORKSPACE",
    show_envvar=True,
    help="Folder that holds data, models, runs and the store.",
)
