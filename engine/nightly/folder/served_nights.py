"""Which run folders are of nights that are served, marked for those who read folders and know no store.

A night that was killed before it was published, rolled back, replaced by another attempt or lost with a restored backup left a
whole folder like any other, and nobody may learn from its lots what offers bring: customers did not have them.
"""

from pathlib import Path

from engine.nightly.folder.run_folder import RunFolder
from engine.store import Store
from engine.store.nights.run_records import all_runs
from engine.store.schema import PUBLISHED
from models.ground.durable import discard, write_text
from models.tables import SERVED_MARK


def mark_served(workspace: Path, store: Store) -> None:
    """Mark the folders of published nights and no others; to be called after whatever changes the state of a run."""
    served = {run.run_id for run in all_runs(store) if run.state == PUBLISHED}
    for path in sorted((workspace / "runs").glob("[!.]*")):
        folder = RunFolder(path)
        mark = path / SERVED_MARK
        if not folder.is_finished or path.name not in served:
            discard(mark)
        elif not mark.exists():
            write_text(mark, "")
