"""`abonement contacts`: record what calls and messages found out about customers, and list it."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.commands.options import AsJson, StoreUrl, Workspace, existing_store
from engine.domain.contacts import MAX_NOTE, Channel, Contact, Found
from models.running.terminal import answer
from models.tables import CUSTOMER_ID

if TYPE_CHECKING:
    from models.sources import Data

COLUMNS = (CUSTOMER_ID, "at", "found", "by", "channel", "note", "quiet_until")
_NEEDED = COLUMNS[:4]
_MAX_NAME = 64
_SHOWN = 3

contacts = typer.Typer(
    help="Record what calls and messages found out about customers, and list it.", no_args_is_help=True
)


@contacts.command("record")
def record(
    workspace: Workspace,
    customer: Annotated[str | None, typer.Option(help="With whom.")] = None,
    at: Annotated[str | None, typer.Option(help="When: a local day, or a time with zone.")] = None,
    found: Annotated[Found | None, typer.Option(help="What it found out.")] = None,
    by: Annotated[str | None, typer.Option(help="Who held it.")] = None,
    channel: Annotated[Channel, typer.Option(help="How they were reached.")] = Channel.CALL,
    note: Annotated[str, typer.Option(help=f"Their reason, at most {MAX_NOTE} characters.")] = "",
    quiet_until: Annotated[
        str | None, typer.Option(help="Not to be listed again before this day; else outreach.quiet_days.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help=f"CSV with a heading line instead: {', '.join(COLUMNS)}.")
    ] = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Record one contact, or all of a CSV file; a contact recorded twice is one."""
    from engine.day.shops_ids import customers_known_as
    from engine.store.choices.contact_log import record_contacts
    from models.sources import open_data

    data = open_data(workspace)
    if file is None:
        given = {
            "customer_id": customer or "",
            "at": at or "",
            "found": found.value if found else "",
            "by": by or "",
            "channel": channel.value,
            "note": note,
            "quiet_until": quiet_until or "",
        }
        held = [_contact(given, data, "the contact")]
    else:
        held = list(_from_file(file, data))
    with existing_store(workspace, store_url) as store:
        known_as = customers_known_as(store, {contact.customer_id for contact in held})
        held = [replace(contact, customer_id=known_as[contact.customer_id]) for contact in held]
        _refuse_strangers(held, data)
        added = record_contacts(store, held, now=datetime.now(UTC))
    known = f"; {len(held) - added:,} known already" if added < len(held) else ""
    answer(
        f"Recorded {added:,} {'contact' if added == 1 else 'contacts'}{known}.",
        {"recorded": added, "known": len(held) - added},
        as_json,
    )


@contacts.command("list")
def list_contacts(
    workspace: Workspace,
    customer: Annotated[str | None, typer.Option(help="Only those with one customer.")] = None,
    store_url: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """All contacts, oldest first."""
    from engine.day.shops_ids import customer_known_as
    from engine.store.choices.contact_log import all_contacts

    with existing_store(workspace, store_url) as store:
        customer = None if customer is None else customer_known_as(store, customer)
        held = all_contacts(store, customer)
    if as_json:
        typer.echo(json.dumps([_facts(contact) for contact in held], indent=2, ensure_ascii=False))
        return
    for contact in held:
        typer.echo(
            f"{contact.at.date()}  {contact.customer_id:<12} {contact.found.value:<18} "
            f"{contact.channel.value:<8} {contact.by:<12} {contact.note}".rstrip()
        )
    if not held:
        typer.echo("No contacts are recorded.")


def _facts(contact: Contact) -> dict[str, Any]:
    return {
        "customer_id": contact.customer_id,
        "at": contact.at.isoformat(),
        "found": contact.found.value,
        "channel": contact.channel.value,
        "by": contact.by,
        "note": contact.note,
        "quiet_until": contact.quiet_until and contact.quiet_until.isoformat(),
    }


def _from_file(path: Path, data: "Data") -> Iterator[Contact]:
    from models.ground.errors import BadInput
    from models.tables.table_files import as_meant

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"Cannot read {path} as UTF-8 text; check the path and the encoding.") from error
    reader = csv.DictReader(text.splitlines())
    heads = tuple(reader.fieldnames or ())
    lacking = [name for name in _NEEDED if name not in heads]
    unknown = [name for name in heads if name not in COLUMNS]
    if lacking or unknown:
        raise BadInput(
            f"{path} has the columns {', '.join(heads) or 'none'}; expected {', '.join(_NEEDED)} and, "
            f"where you like, {', '.join(COLUMNS[4:])}."
        )
    for number, row in enumerate(reader, start=2):
        yield _contact(
            {name: as_meant((row.get(name) or "").strip()) for name in COLUMNS},
            data,
            f"{path}, line {number}",
        )


def _contact(given: dict[str, str], data: "Data", where: str) -> Contact:
    """One contact from text; BadInput names what is missing or no known word, and where."""
    from models.ground.errors import BadInput
    from models.ground.moment import parse_moment

    missing = [name for name in _NEEDED if not given[name]]
    if missing:
        raise BadInput(f"{where} lacks {', '.join(missing)}; add it, or give a --file.")
    for name, kind in (("found", Found), ("channel", Channel)):
        if given[name] and given[name] not in list(kind):
            raise BadInput(
                f"{where}: {name} is {given[name]!r}, expected one of {', '.join(word.value for word in kind)}."
            )
    if len(given["note"]) > MAX_NOTE or len(given["by"]) > _MAX_NAME:
        raise BadInput(
            f"{where}: a note has at most {MAX_NOTE} characters and a name {_MAX_NAME}; shorten it."
        )
    quiet = given["quiet_until"]
    return Contact(
        customer_id=given[CUSTOMER_ID],
        at=parse_moment(given["at"], data.timezone, f"{where}: at").as_of,
        found=Found(given["found"]),
        channel=Channel(given["channel"] or Channel.CALL),
        by=given["by"],
        note=given["note"],
        quiet_until=parse_moment(quiet, data.timezone, f"{where}: quiet_until").as_of if quiet else None,
    )


def _refuse_strangers(held: list[Contact], data: "Data") -> None:
    import pandas as pd

    from models.ground.errors import BadInput

    left = {contact.customer_id for contact in held}
    for bucket in range(data.buckets):
        left -= set(pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_ID])[CUSTOMER_ID])
    if left:
        some = ", ".join(sorted(left)[:_SHOWN]) + (", ..." if len(left) > _SHOWN else "")
        raise BadInput(
            f"{len(left):,} of the customers are not in the data, such as {some}; check the ids. Nothing was recorded."
        )
