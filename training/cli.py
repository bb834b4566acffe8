"""`abonement-train`: the data scientist's command."""

from pathlib import Path
from typing import Annotated

import typer

from models.console import run_command
from models.errors import AbonementError

app = typer.Typer(
    name="abonement-train",
    help="Learn what customers will want: demo data, fit, compare, promote, roll back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _commands() -> None:
    """Keep `abonement-train` a group of commands, however few there are."""


@app.command()
def demo_data(
    out: Annotated[
        Path, typer.Option(help="Folder to write purchases, products, customers and tables.toml into.")
    ],
) -> None:
    """Write Complete Journey, a year of real groceries, as a data folder that `abonement load` reads."""
    from training.demo_data import write_demo_data

    typer.echo(f"Wrote {write_demo_data(out):,} purchase lines of Complete Journey to {out}.")


def main() -> None:
    """Console entry point: leaves the process with the exit code of the command."""
    run_command(lambda: app(standalone_mode=True), (AbonementError,))
