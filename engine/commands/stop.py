"""`abonement stop` and `abonement resume`: no personal offers for anybody, at once, until they go on."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store
from models.running.terminal import answer

if TYPE_CHECKING:
    from engine.store import Store


def stop(
    workspace: Workspace,
    reason: Annotated[str, typer.Option(help="Why, for your own people; customers do not read it.")],
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Stop all personal offers at once, whatever was promised: empty logins, no discount at tills, no night published."""
    from engine.day.stop_offers import stop_offers

    changed = _written(
        workspace,
        store_url,
        "abonement stop",
        "stopped",
        lambda store, now: stop_offers(store, reason=reason, now=now),
    )
    so_before = "" if changed else ", as they were before"
    answer(
        f"All personal offers are stopped{so_before}. `abonement resume` lets them go on.",
        {"stopped": True, "changed": changed},
        as_json,
    )


def resume(workspace: Workspace, store_url: StoreUrl = None, as_json: AsJson = False) -> None:
    """Let personal offers go on: those that have not ended meanwhile are there again."""
    from engine.day.stop_offers import resume_offers

    changed = _written(
        workspace, store_url, "abonement resume", "resumed", lambda store, now: resume_offers(store, now=now)
    )
    answer(
        "Personal offers go on." if changed else "Personal offers were not stopped; nothing was changed.",
        {"stopped": False, "changed": changed},
        as_json,
    )


def _written(
    workspace: Path,
    store_url: str | None,
    actor: str,
    action: str,
    write: "Callable[[Store, datetime], bool]",
) -> bool:
    """Whether anything changed; what did is in the audit trail, in the same transaction."""
    from engine.settings import deployment_now
    from engine.store.access.audit import Act, keep_record

    with existing_store(workspace, store_url) as store, store.switching() as connection:
        changed = write(store, deployment_now())
        if changed:
            keep_record(connection, Act(datetime.now(UTC), actor, action))
    return changed
