"""Which run folders are of nights that are served, marked for those who read folders and know no store.

A night that was killed before it was published, rolled back, replaced by another attempt or lost with a restored backup left a
whole folder like any other, and nobody may learn from its lots what offers bring: customers did not have them. But who had touched
a bundle before its night was made again keeps it; so a replaced run's folder says who they are, or those who use their offers
would be missing from what teaches.
"""

from pathlib import Path

import pandas as pd

from engine.nightly.folder.run_folder import RunFolder, write_parquet
from engine.store import Store
from engine.store.nights.bundle_records import touched_customers
from engine.store.nights.run_records import all_runs
from engine.store.schema import PUBLISHED, SUPERSEDED
from models.ground.durable import discard, write_text
from models.tables import CUSTOMER_ID, KEPT_FILE, SERVED_MARK


def mark_served(workspace: Path, store: Store) -> None:
    """Mark the folders of published nights and no others, and of replaced ones say who keeps their bundles.

    To be called after whatever changes the state of a run.
    """
    runs = {run.run_id: run for run in all_runs(store)}
    served = {name for name, run in runs.items() if run.state == PUBLISHED}
    for path in sorted((workspace / "runs").glob("[!.]*")):
        folder = RunFolder(path)
        mark = path / SERVED_MARK
        if not folder.is_finished or path.name not in served:
            discard(mark)
        elif not mark.exists():
            write_text(mark, "")
        replaced = runs.get(path.name)
        if replaced is None or replaced.state != SUPERSEDED or not folder.is_finished:
            discard(path / KEPT_FILE)
        elif not (path / KEPT_FILE).exists():
            kept = sorted(touched_customers(store, replaced))
            write_parquet(path / KEPT_FILE, pd.DataFrame({CUSTOMER_ID: kept}).astype("str"))
