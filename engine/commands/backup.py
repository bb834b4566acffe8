"""`abonement backup` and `abonement restore`: the embedded store in one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from engine.commands.options import AsJson, StoreUrl, Wait, Workspace, store_address
from models.running.terminal import answer


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
    """Put a backup in the store's place in one transaction; refused while a night runs."""
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
        aside = put_back(backup, target)
        store = open_store(address)
        try:
            current = current_run(store)
            mark_served(workspace, store)
        finally:
            store.close()
    run_id = current.run_id if current else None
    sentence = f"Restored the store of {workspace} from {backup}; the current run is {run_id or 'none'}."
    if aside is not None:
        sentence += f"\nThe damaged store was moved to {aside}."
    answer(sentence, {"current_run": run_id, "damaged_store": aside}, as_json)
