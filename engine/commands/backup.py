"""`abonement backup` and `abonement restore`: the embedded store in one file, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.options import AsJson, StoreUrl, Wait, Workspace, store_address
from models.running.terminal import answer, number_of

if TYPE_CHECKING:
    from engine.store import Store
    from engine.store.nights.recalls import Recall
    from engine.store.nights.stops import Stop


def backup(
    workspace: Workspace,
    out: Annotated[Path, typer.Option(help="File to write; one that stands there is replaced in one step.")],
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Copy the embedded store into one checked file, also while a night or the server writes."""
    from engine.store import store_file
    from engine.store.database.store_backup import back_up
    from models.ground.durable import write_whole
    from models.tables.table_files import check_out

    check_out(out)
    source = store_file(store_address(workspace, store_url))
    write_whole(out, lambda incoming: back_up(source, incoming))
    size = out.stat().st_size
    sentence = f"Wrote the store of {workspace} to {out} ({size:,} bytes), checked."
    answer(sentence, {"out": out, "bytes": size}, as_json)


def restore(
    backup: Annotated[Path, typer.Argument(help="A file that `abonement backup` wrote.")],
    workspace: Workspace,
    store_url: StoreUrl = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the store's place in one transaction; refused while a night runs.

    What the shop has recalled or stopped since the backup is taken back again, as long as the former store can be read.
    """
    from engine.nightly.folder.served_nights import mark_served
    from engine.store import open_store, store_file
    from engine.store.database.store_backup import restore as put_back
    from engine.store.database.store_backup import revision_of
    from engine.store.nights.run_records import current_run
    from models.ground.locks import only_writer

    address = store_address(workspace, store_url)
    target = store_file(address)
    revision_of(backup)
    with only_writer(workspace, "a restore", wait_seconds=wait):
        taken_back = _taken_back(address) if target.is_file() else ((), None)
        aside = put_back(backup, target)
        store = open_store(address)
        try:
            _take_back_again(store, *taken_back)
            current = current_run(store)
            mark_served(workspace, store)
        finally:
            store.close()
    recalled, stop = [one.product_id for one in taken_back[0]], taken_back[1]
    run_id = current.run_id if current else None
    sentence = f"Restored the store of {workspace} from {backup}; the current run is {run_id or 'none'}."
    if recalled:
        sentence += f"\nStill withdrawn, {number_of(len(recalled), 'product')} that you recalled: {', '.join(recalled)}."
    if stop is not None:
        sentence += "\nAll personal offers stay stopped; `abonement resume` lets them go on."
    if aside is not None:
        sentence += f"\nThe damaged store was moved to {aside}."
    facts = {"current_run": run_id, "damaged_store": aside, "recalled": recalled, "stopped": stop is not None}
    answer(sentence, facts, as_json)


def _taken_back(address: str) -> "tuple[tuple[Recall, ...], Stop | None]":
    """What is recalled and stopped now; nothing where the store is too damaged to tell."""
    from engine.day.recall_product import standing_recalls
    from engine.settings import deployment_now
    from engine.store import open_store
    from engine.store.nights.stops import current_stop
    from models.ground.errors import AbonementError

    now = deployment_now()
    try:
        store = open_store(address)
    except AbonementError:
        return (), None
    try:
        return standing_recalls(store, now), current_stop(store)
    except AbonementError:
        return (), None
    finally:
        store.close()


def _take_back_again(store: "Store", recalls: "tuple[Recall, ...]", stop: "Stop | None") -> None:
    """Nobody may be sold with a discount what was withdrawn because an older copy does not know of it."""
    from engine.store.nights.recalls import write_recall
    from engine.store.nights.stops import begin_stop

    with store.switching():
        for one in recalls:
            write_recall(store, one.product_id, one.reason, one.until, one.recalled_at)
        if stop is not None:
            begin_stop(store, stop.reason, stop.since)
