"""The feed of what happened: appended in the transaction of what it tells, read page by page from a cursor."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select, text, update

from engine.store.database.store import Store, insert_new_ones, insert_unless_there
from engine.store.schema import moment, moment_us
from engine.store.schema.access_tables import events

# Our own lock number among PostgreSQL's advisory locks: one reader at a time gives places.
_PLACING = 7_201_704


class Event(NamedTuple):
    """One thing that happened; what does not apply is None."""

    kind: str
    at: datetime  # the shop's clock when it reached us
    customer_id: str | None = None
    run_id: str | None = None
    bundle_id: str | None = None
    offer_id: str | None = None
    item_id: str | None = None
    details: Mapping[str, Any] = {}
    told_at: datetime | None = None  # when it happened, as the app's clock says
    event_id: str | None = None  # the app's own id; ours where it gave none


class PlacedEvent(NamedTuple):
    """An event with its place in the feed: the cursor of a reader who has seen it."""

    feed_no: int
    event: Event


def append(connection: Connection, event: Event) -> bool:
    """Append an event to the caller's transaction; False if one with its id is there already."""
    return insert_unless_there(connection, events, _row(event))


def append_all(connection: Connection, happened: Sequence[Event]) -> int:
    """Append events to the caller's transaction in one statement; returns how many were not there already."""
    return insert_new_ones(connection, events, [_row(event) for event in happened])


def events_after(store: Store, feed_no: int, *, limit: int) -> tuple[PlacedEvent, ...]:
    """Up to `limit` events after a place in the feed, in its order; 0 is before the first.

    Who goes on from the last one they got misses none and gets none twice.
    """
    query = select(events).where(events.c.feed_no > feed_no).order_by(events.c.feed_no).limit(limit)
    with store.reading() as connection:
        rows = connection.execute(query).all()
    if len(rows) < limit and _place_new_ones(store, limit):
        with store.reading() as connection:
            rows = connection.execute(query).all()
    return tuple(PlacedEvent(row.feed_no, _event(row)) for row in rows)


def events_of(connection: Connection, customer_id: str) -> Sequence[Event]:
    """All events of one customer, oldest first."""
    query = select(events).where(events.c.customer_id == customer_id).order_by(events.c.event_no)
    return [_event(row) for row in connection.execute(query)]


def _place_new_ones(store: Store, limit: int) -> int:
    """Give the next places to events that have none; returns to how many."""
    unplaced = select(events.c.event_no).where(events.c.feed_no.is_(None))
    with store.reading() as connection:
        if connection.execute(unplaced.limit(1)).first() is None:
            return 0
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PLACING})
        last = connection.execute(select(func.max(events.c.feed_no))).scalar() or 0
        found = connection.execute(unplaced.order_by(events.c.event_no).limit(limit)).scalars().all()
        for place, event_no in enumerate(found, last + 1):
            connection.execute(update(events).where(events.c.event_no == event_no).values(feed_no=place))
    return len(found)


def _row(event: Event) -> dict[str, Any]:
    return {
        "event_id": event.event_id or f"e_{secrets.token_hex(12)}",
        "kind": event.kind,
        "at_us": moment_us(event.at),
        "told_us": None if event.told_at is None else moment_us(event.told_at),
        "customer_id": event.customer_id,
        "run_id": event.run_id,
        "bundle_id": event.bundle_id,
        "offer_id": event.offer_id,
        "item_id": event.item_id,
        "details": json.dumps(event.details, ensure_ascii=False, sort_keys=True),
    }


def _event(row: Any) -> Event:
    return Event(
        kind=row.kind,
        at=moment(row.at_us),
        customer_id=row.customer_id,
        run_id=row.run_id,
        bundle_id=row.bundle_id,
        offer_id=row.offer_id,
        item_id=row.item_id,
        details=json.loads(row.details),
        told_at=None if row.told_us is None else moment(row.told_us),
        event_id=row.event_id,
    )
