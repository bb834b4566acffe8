"""`abonement keys`: who may ask the server."""

import os
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store, first_or_existing_store
from engine.domain.access_keys import Scope
from models.running.terminal import answer

if TYPE_CHECKING:
    from engine.domain.access_keys import AccessKey

keys = typer.Typer(help="Server keys: who may ask the server, and for what.", no_args_is_help=True)

KeyId = Annotated[str, typer.Argument(metavar="KEY", help="The key's id, as `abonement keys list` shows it.")]
Out = Annotated[
    Path | None,
    typer.Option(help="Write the secret into this file, readable by its owner only, instead of printing it."),
]
_EXPIRES = typer.Option(
    "--expires-days", min=0.001, help="After how many days the key ends; never without it."
)
ExpiresDays = Annotated[float | None, _EXPIRES]


@keys.command()
def create(
    workspace: Workspace,
    name: Annotated[str, typer.Option(help="Which system will use it, for your own lists.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; give several times for several.")],
    expires_days: ExpiresDays = None,
    out: Out = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. Its secret is shown once and cannot be shown again."""
    from engine.store.access.server_keys import create_key

    _check_place(out)
    now = datetime.now(UTC)
    with first_or_existing_store(workspace, store_url) as store:
        made, secret = create_key(
            store, name, frozenset(scope), now=now, expires_at=_after(now, days=expires_days)
        )
    _hand_over(f"Made key {made.key_id} for {made.name}", made, secret, out, as_json)


@keys.command("list")
def list_keys(workspace: Workspace, store_url: StoreUrl = None, as_json: AsJson = False) -> None:
    """Show every key: its scopes, whether it works, when it was last used. Never its secret."""
    from engine.store.access.server_keys import all_keys

    with existing_store(workspace, store_url) as store:
        known = all_keys(store)
    now = datetime.now(UTC)
    rows = [("key", "name", "scopes", "state", "last used")]
    rows += [
        (
            key.key_id,
            key.name,
            " ".join(sorted(key.scopes)),
            _state(key, now),
            _text(key.last_used_at) or "never",
        )
        for key in known
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    facts = {"keys": [_facts(key) | {"state": _state(key, now)} for key in known]}
    answer(
        "\n".join(lines) if known else "There is no key yet; make one with `abonement keys create`.",
        facts,
        as_json,
    )


@keys.command()
def rotate(
    workspace: Workspace,
    key: KeyId,
    overlap_hours: Annotated[
        float, typer.Option(min=0, help="How long the old secret goes on working beside the new one.")
    ],
    expires_days: ExpiresDays = None,
    out: Out = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make a successor with the same name and scopes, while the old key still works for some hours."""
    from engine.store.access.server_keys import rotate_key

    _check_place(out)
    now = datetime.now(UTC)
    ends = now + timedelta(hours=overlap_hours)
    with existing_store(workspace, store_url) as store:
        made, secret = rotate_key(
            store, key, now=now, old_ends_at=ends, expires_at=_after(now, days=expires_days)
        )
    sentence = f"Made key {made.key_id} for {made.name}; {key} works until {_text(ends)}"
    _hand_over(sentence, made, secret, out, as_json)


@keys.command()
def revoke(workspace: Workspace, key: KeyId, store_url: StoreUrl = None, as_json: AsJson = False) -> None:
    """End a key and the phones' tokens made with it; servers notice within five seconds."""
    from engine.store.access.server_keys import revoke_key

    with existing_store(workspace, store_url) as store:
        gone = revoke_key(store, key, now=datetime.now(UTC))
    answer(f"Revoked key {gone.key_id} of {gone.name}.", _facts(gone), as_json)


def _check_place(out: Path | None) -> None:
    """Refuse what cannot become a file before there is a key whose secret nobody would ever see; raises BadInput."""
    from models.tables.table_files import check_out

    if out is not None:
        check_out(out)


def _hand_over(sentence: str, made: "AccessKey", secret: str, out: Path | None, as_json: bool) -> None:
    facts = _facts(made)
    if out is None:
        answer(
            f"{sentence}. Keep it now, it is not shown again:\n{secret}", facts | {"secret": secret}, as_json
        )
        return
    out.unlink(missing_ok=True)
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret + "\n")
    answer(f"{sentence}. Its secret is in {out}.", facts | {"out": out}, as_json)


def _after(now: datetime, *, days: float | None) -> datetime | None:
    return None if days is None else now + timedelta(days=days)


def _state(key: "AccessKey", now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {_text(key.revoked_at)}"
    if key.expires_at is None:
        return "works"
    return f"works until {_text(key.expires_at)}" if key.works_at(now) else f"expired {_text(key.expires_at)}"


def _facts(key: "AccessKey") -> dict[str, Any]:
    return asdict(key) | {"scopes": sorted(key.scopes)}


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
