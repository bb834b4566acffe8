"""What is done for a customer: a contact is noted, their data are handed out, they are erased."""

import json
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.responses import Response

from engine.console.door.doorkeeper import no_page, not_found
from engine.console.frame.shown_page import address_of, go_to
from engine.console.frame.visit import ConsoleVisit
from engine.day.customer_rights import LOGIC, erase, explain, hand_out
from engine.day.said_reason import said_reason
from engine.domain.contacts import MAX_NOTE, Channel, Contact, Found
from engine.store.access.audit import keep_record
from engine.store.choices.contact_log import record_contacts
from models.ground.errors import BadInput
from models.ground.shop_ids import is_id


def note_contact(visit: ConsoleVisit) -> Response:
    """Record what a call, message or talk found out, now and in the visitor's name."""
    name = visit.names["customer_id"]
    if not is_id(name):
        return not_found(visit)
    note = visit.form.get("note", "").strip()
    if len(note) > MAX_NOTE:
        raise BadInput(
            f"The note has {len(note)} characters, expected at most {MAX_NOTE}; nothing was recorded."
        )
    try:
        found, channel = Found(visit.form.get("found", "")), Channel(visit.form.get("channel", ""))
    except ValueError as error:
        raise BadInput(f"{error}: choose one of those that the form shows; nothing was recorded.") from error
    held = Contact(name, visit.now, found, channel, visit.who.name, said_reason(note) if note else "")
    with visit.store.writing(name) as connection:
        record_contacts(visit.store, [held], now=visit.now)
        keep_record(connection, visit.act("contact_noted", customer_id=name, subject=found.value))
    return go_to("customers", name, said="contact_noted")


def export_customer(visit: ConsoleVisit) -> Response:
    """Hand out everything that the store holds about a customer, as a file."""
    name = visit.names["customer_id"]
    if not is_id(name):
        return not_found(visit)
    with visit.store.writing(name) as connection:
        keep_record(connection, visit.act("customer_exported", customer_id=name))
        data = hand_out(visit.store, name)
        explanations = list(explain(visit.store, name))
    content = {"customer_id": name, "data": data, "logic": LOGIC, "explanations": explanations}
    headers = {"Content-Disposition": 'attachment; filename="customer.json"', "Cache-Control": "no-store"}
    return Response(
        json.dumps(content, indent=2, ensure_ascii=False), headers=headers, media_type="application/json"
    )


def erase_customer_asked(visit: ConsoleVisit) -> Response:
    """Erase a customer whose id was typed once more; the trail keeps that somebody was erased, and not who."""
    name = visit.names["customer_id"]
    if not is_id(name):
        return not_found(visit)
    if visit.form.get("again", "").strip() != name:
        back = address_of("customers", name)
        return no_page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, "customer.not_erased", back=back)
    with visit.store.writing(name) as connection:
        erase(visit.store, name, asked_at=datetime.now(UTC))
        keep_record(connection, visit.act("erased"))
    return go_to("customers", said="erased")
