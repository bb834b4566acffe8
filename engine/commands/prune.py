"""`abonement prune`: old runs and what only they needed are removed."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.options import AsJson, StoreUrl, Wait, Workspace, existing_store
from models.running.terminal import answer, number_of, progress_bar

if TYPE_CHECKING:
    from engine.nightly.folder.prune import Pruning


def prune(
    workspace: Workspace,
    keep: Annotated[int, typer.Option(min=1, help="How many of the runs published last stay whole.")],
    events_days: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Also forget events that came more than so many days before the current run; else all stay.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and remove nothing.")
    ] = False,
    store_url: StoreUrl = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Remove old run folders, replaced, withdrawn and ended bundles nobody touched, and loads no run needs.

    Never touched: the current run, offers still valid or counted by the budget, used offers, model versions.
    """
    from engine.nightly.folder.prune import prune as remove
    from engine.nightly.folder.prune import what_to_prune
    from models.ground.locks import only_writer

    with existing_store(workspace, store_url) as store:
        if dry_run:
            what = what_to_prune(workspace, store, keep, events_days=events_days)
        else:
            with only_writer(workspace, "a prune", wait_seconds=wait), progress_bar() as progress:
                what = what_to_prune(workspace, store, keep, events_days=events_days)
                remove(workspace, store, what, progress)
    facts = asdict(what) | {"removed": not dry_run}
    answer(_sentence(what, "Would remove" if dry_run else "Removed"), facts, as_json)


def _sentence(what: "Pruning", verb: str) -> str:
    bundles = sum(run.bundles for run in what.bundles)
    events = "" if what.events_before is None else f" and {number_of(what.events, 'event')}"
    loads = number_of(len(what.loads), "load")
    return (
        f"{verb} {number_of(len(what.folders), 'run folder')}, {number_of(bundles, 'bundle')} of "
        f"{number_of(len(what.bundles), 'run')}{',' if events else ' and'} {loads}{events}."
    )
