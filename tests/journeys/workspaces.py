"""What a workspace serves and holds, to be compared before and after a kill."""

import hashlib
from datetime import date
from pathlib import Path

from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.bundle_records import bundles_of_run
from engine.store.nights.login_views import view_of
from engine.store.nights.run_records import all_runs
from models.ground.moment import local_midnight

NOON = local_midnight(date(2017, 12, 6), "UTC").as_of


def served(workspace: Path, customers: list[str]) -> dict[str, bytes | None]:
    """What each customer's app would show."""
    store = open_store(store_url_in(workspace))
    try:
        views = {customer: view_of(store, customer, NOON) for customer in customers}
    finally:
        store.close()
    return {customer: None if view is None else view.body for customer, view in views.items()}


def stored(workspace: Path) -> list[tuple[str, str, int, int, list[tuple[str, bytes, bool]]]]:
    """All runs with all their bundles, without the times at which they were made."""
    store = open_store(store_url_in(workspace))
    try:
        return [
            (
                run.run_id,
                run.state,
                run.bundles,
                run.offers,
                [tuple(one) for one in bundles_of_run(store, run)],
            )
            for run in all_runs(store)
        ]
    finally:
        store.close()


def runs(workspace: Path) -> dict[str, str]:
    """The state of each run."""
    store = open_store(store_url_in(workspace))
    try:
        return {run.run_id: run.state for run in all_runs(store)}
    finally:
        store.close()


def tree(folder: Path) -> dict[str, str]:
    """Every file and folder below, with the digest of its content; locks and what people look at left out."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else ""
        for path in sorted(folder.rglob("*"))
        if path.name not in {".lock", ".workers"} and "sight" not in path.parts
    }
