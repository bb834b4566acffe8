"""`abonement`: the operator's command. Each command is a module of `engine.commands`, registered here."""

from typing import Annotated

import typer

from engine.commands.backup import backup, restore
from engine.commands.contacts import contacts
from engine.commands.days import days
from engine.commands.erase import erase
from engine.commands.experiment import experiment
from engine.commands.experiment_import import import_foreign_experiment
from engine.commands.experiment_report import experiment_report
from engine.commands.export import export
from engine.commands.grant import grant
from engine.commands.init import init
from engine.commands.keys import keys
from engine.commands.load import load
from engine.commands.metrics import metrics
from engine.commands.nightly import nightly
from engine.commands.off_policy import off_policy
from engine.commands.overdue import overdue
from engine.commands.programme import programme
from engine.commands.prune import prune
from engine.commands.recall import recall
from engine.commands.report import report
from engine.commands.runs import runs
from engine.commands.serve import serve
from engine.commands.show import show
from engine.commands.stop import resume, stop
from engine.commands.user import user
from engine.commands.verify import verify
from engine.domain.offer_errors import OfferError
from models.running.terminal import run_command, tell_version

app = typer.Typer(
    name="abonement",
    help="Personalised offers that retailers run themselves: load data, run the night, export, serve.",
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
    """Keep `abonement` a group of commands, however few there are."""


app.command()(init)
app.command()(load)
app.add_typer(programme, name="programme")
app.command()(days)
app.command()(nightly)
app.command("off-policy")(off_policy)
app.command()(show)
app.command()(serve)
app.command()(export)
app.command()(metrics)
experiment.command("import")(import_foreign_experiment)
experiment.command("report")(experiment_report)
app.add_typer(experiment, name="experiment")
app.command()(report)
app.add_typer(runs, name="runs")
app.add_typer(contacts, name="contacts")
app.command()(verify)
app.command()(overdue)
app.add_typer(keys, name="keys")
app.add_typer(user, name="user")
app.add_typer(grant, name="grant")
app.command()(recall)
app.command()(stop)
app.command()(resume)
app.command()(erase)
app.command()(prune)
app.command()(backup)
app.command()(restore)


def main() -> None:
    """Console entry point: leaves the process with the exit code of the command."""
    run_command(lambda: app(standalone_mode=True), (OfferError,))
