"""Options that several commands share, with one wording, and what `--store` means to all of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from engine.store import Store

Workspace = Annotated[Path, typer.Option(help="Folder that holds data, models, runs and the store.")]
StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store",
        envvar="ABONEMENT_STORE_URL",
        show_envvar=True,
        help="SQLAlchemy URL, as the server reads it; store.db in the workspace without it.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Wait = Annotated[
    float,
    typer.Option(
        "--wait",
        min=0,
        metavar="SECONDS",
        help="How long to wait while another command writes into the workspace; without it, exit code 75 at once.",
    ),
]


def store_address(workspace: Path, store_url: str | None) -> str:
    """The store that `--store` or the environment names, else the one embedded in the workspace."""
    from engine.settings import store_url_in

    return store_url or store_url_in(workspace)


@contextmanager
def existing_store(workspace: Path, store_url: str | None) -> "Iterator[Store]":
    """Open a store that a night has made, and close it; BadInput, and nothing made, where there is none."""
    from engine.store import open_store

    store = open_store(store_address(workspace, store_url), must_exist=True)
    try:
        yield store
    finally:
        store.close()
