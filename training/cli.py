"""`abonement-train`: the data scientist's command. Each command is a module of `training.commands`, registered here."""

from typing import Annotated

import typer

from models.running.terminal import run_command, tell_version
from training.commands.bench import bench
from training.commands.calibrate import calibrate
from training.commands.demo_data import demo_data
from training.commands.evaluate import evaluate
from training.commands.fit import fit
from training.commands.judge import judge
from training.commands.simulate import simulate
from training.commands.versions import diff, note, promote, rollback, versions

app = typer.Typer(
    name="abonement-train",
    help="Learn what customers will want: demo data, fit, evaluate, promote, roll back, simulate, judge.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _commands(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=tell_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Keep `abonement-train` a group of commands, however few there are."""


app.command()(demo_data)
app.command()(fit)
app.command()(evaluate)
app.command()(calibrate)
app.command()(promote)
app.command()(rollback)
app.command()(versions)
app.command()(note)
app.command()(diff)
app.command()(simulate)
app.command()(judge)
app.add_typer(bench, name="bench")


def main() -> None:
    """Console entry point: leaves the process with the exit code of the command."""
    run_command(lambda: app(standalone_mode=True))
