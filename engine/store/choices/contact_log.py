"""Contacts with customers: recorded once each, read for the overdue list and for the night."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from engine.domain.contacts import Channel, Contact, Found
from engine.store.access.customer_erasure import erased_among
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store
from engine.store.schema import moment, moment_us
from engine.store.schema.contact_tables import contacts


def record_contacts(store: Store, held: Sequence[Contact], *, now: datetime) -> int:
    """Write contacts, all or none; returns how many were new.

    One of the same customer, moment and finding is known already and stays as it was. Nothing is written of a
    customer who has been erased.
    """
    added = 0
    with store.writing() as connection:
        gone = erased_among(connection, {contact.customer_id for contact in held})
        for contact in held:
            if contact.customer_id in gone or _is_known(connection, contact):
                continue
            quiet_until = contact.quiet_until
            connection.execute(
                insert(contacts).values(
                    customer_id=contact.customer_id,
                    contacted_us=moment_us(contact.at),
                    found=contact.found.value,
                    channel=contact.channel.value,
                    held_by=contact.by,
                    note=contact.note,
                    quiet_until_us=None if quiet_until is None else moment_us(quiet_until),
                    recorded_us=moment_us(now),
                )
            )
            added += 1
    return added


def contacts_of(store: Store, customer_ids: Collection[str]) -> dict[str, list[Contact]]:
    """The contacts of these customers, those without any left out; oldest first."""
    found = dict[str, list[Contact]]()
    with store.reading() as connection:
        for names in in_lists(sorted(customer_ids)):
            some = _oldest_first().where(contacts.c.customer_id.in_(names))
            for contact in _read(connection, some):
                found.setdefault(contact.customer_id, []).append(contact)
    return found


def all_contacts(store: Store, customer_id: str | None = None) -> list[Contact]:
    """Every contact, or those with one customer; oldest first."""
    query = _oldest_first()
    if customer_id is not None:
        query = query.where(contacts.c.customer_id == customer_id)
    with store.reading() as connection:
        return list(_read(connection, query))


def _is_known(connection: Connection, contact: Contact) -> bool:
    same = select(contacts.c.contact_no).where(
        contacts.c.customer_id == contact.customer_id,
        contacts.c.contacted_us == moment_us(contact.at),
        contacts.c.found == contact.found.value,
    )
    return connection.execute(same).first() is not None


def _oldest_first() -> Select[Any]:
    return select(
        contacts.c.customer_id,
        contacts.c.contacted_us,
        contacts.c.found,
        contacts.c.channel,
        contacts.c.held_by,
        contacts.c.note,
        contacts.c.quiet_until_us,
    ).order_by(contacts.c.contacted_us, contacts.c.contact_no)


def _read(connection: Connection, query: Select[Any]) -> Iterator[Contact]:
    for customer_id, at_us, found, channel, held_by, note, quiet_us in connection.execute(query):
        yield Contact(
            customer_id,
            moment(at_us),
            Found(found),
            Channel(channel),
            held_by,
            note,
            None if quiet_us is None else moment(quiet_us),
        )
