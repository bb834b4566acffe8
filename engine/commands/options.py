"""Options that several commands share, with one wording, and what `--store` means to all of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.running.workspace_option import WORKSPACE

if TYPE_CHECKING:
    from engine.store import Store

Workspace = Annotated[Path, WORKSPACE]
StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store",
        envvar="ABONEMENT_STORE_URL",
        show_envvar=True,
        help="SQLAlchemy URL, as the server reads it; store.db in the workspace without it.",
    ),
]
Now = Annotated[
    str | None,
    typer.Option(
        help="A local day, or a time with zone; without it the deployment's clock: ABONEMENT_CLOCK, else the system's."
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
def first_or_existing_store(workspace: Path, store_url: str | None) -> "Iterator[Store]":
    """Open the store, made before the first night, and close it; BadInput where nights have run and it is lost."""
    from engine.store import open_store

    address = store_address(workspace, store_url)
    _check_not_lost(workspace, address)
    store = open_store(address)
    try:
        yield store
    finally:
        store.close()


def _check_not_lost(workspace: Path, address: str) -> None:
    from engine.store import store_file
    from models.ground.errors import BadInput

    if not address.startswith("sqlite") or store_file(address).exists():
        return
    runs = sum(1 for _ in (workspace / "runs").glob("[!.]*"))
    if runs:
        raise BadInput(
            f"The store {store_file(address)} is lost: {workspace} has {runs} runs of it; bring a backup back with "
            "`abonement restore`, or move the folder runs away to begin anew."
        )


@contextmanager
def existing_store(workspace: Path, store_url: str | None) -> "Iterator[Store]":
    """Open a store that a night has made, and close it; BadInput, and nothing made, where there is none."""
    from engine.store import open_store

    store = open_store(store_address(workspace, store_url), must_exist=True)
    try:
        yield store
    finally:
        store.close()
