"""Grants as the rows stand: what was promised, every entry, and for which basket a till keeps them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, select

from engine.domain.grants import (
    Booking,
    Grant,
    GrantEntry,
    GrantKind,
    GrantState,
    left_minor,
    state_at,
)
from engine.store.database.in_lists import in_lists
from engine.store.schema import moment, moment_us
from engine.store.schema.checkout_tables import sessions
from engine.store.schema.grant_tables import grant_entries, grant_holds, grants


class KeptGrant(NamedTuple):
    """A grant with its ledger, the oldest entry first; `held_until` is the end of a live session's hold."""

    grant_no: int
    grant: Grant
    entries: tuple[GrantEntry, ...]
    held_until: datetime | None

    @property
    def left_minor(self) -> int:
        """What is left of it, held or not."""
        return left_minor(self.entries)

    def state_at(self, now: datetime) -> GrantState:
        """What of it there is at a moment."""
        return state_at(self.grant, self.entries, now)


def grants_of(connection: Connection, customer_id: str, now: datetime) -> list[KeptGrant]:
    """All grants that a customer ever had, in the order in which they are used: what ends first, then what was given first."""
    found = _kept(connection, grants.c.customer_id == customer_id, now)
    return sorted(found, key=lambda one: (one.grant.valid_to, one.grant_no))


def grants_of_many(
    connection: Connection, customer_ids: Sequence[str], now: datetime
) -> dict[str, list[KeptGrant]]:
    """The same of each of some customers, few enough for one statement; those without any are left out."""
    found: defaultdict[str, list[KeptGrant]] = defaultdict(list)
    for one in _kept(connection, grants.c.customer_id.in_(customer_ids), now):
        found[one.grant.customer_id].append(one)
    return {
        name: sorted(held, key=lambda one: (one.grant.valid_to, one.grant_no)) for name, held in found.items()
    }


def grants_with_keys(connection: Connection, keys: Sequence[str], now: datetime) -> dict[str, KeptGrant]:
    """The grants that were given under some keys, by key."""
    return {
        one.grant.key: one
        for some in in_lists(keys)
        for one in _kept(connection, grants.c.grant_key.in_(some), now)
    }


def grant_with_key(connection: Connection, key: str, now: datetime) -> KeptGrant | None:
    """The grant that was given under a key."""
    return next(iter(_kept(connection, grants.c.grant_key == key, now)), None)


def grant_named(connection: Connection, name: str, now: datetime) -> KeptGrant | None:
    """The grant with an id."""
    return next(iter(_kept(connection, grants.c.grant_id == name, now)), None)


def grants_numbered(connection: Connection, numbers: Sequence[int], now: datetime) -> dict[int, KeptGrant]:
    """Grants by our own number."""
    return {
        one.grant_no: one
        for some in in_lists(sorted(numbers))
        for one in _kept(connection, grants.c.grant_no.in_(some), now)
    }


def _kept(connection: Connection, which: ColumnElement[bool], now: datetime) -> list[KeptGrant]:
    entries: defaultdict[int, list[GrantEntry]] = defaultdict(list)
    booked = (
        select(grant_entries)
        .join(grants, grants.c.grant_no == grant_entries.c.grant_no)
        .where(which)
        .order_by(grant_entries.c.grant_no, grant_entries.c.entry_no)
    )
    for row in connection.execute(booked):
        entries[row.grant_no].append(_entry(row))
    live = (
        select(grant_holds.c.grant_no, sessions.c.expires_us)
        .join(sessions, sessions.c.session_no == grant_holds.c.session_no)
        .where(sessions.c.expires_us > moment_us(now))
        .subquery()
    )
    query = (
        select(grants, live.c.expires_us)
        .outerjoin(live, and_(live.c.grant_no == grants.c.grant_no))
        .where(which)
        .order_by(grants.c.grant_no)
    )
    return [
        KeptGrant(
            row.grant_no,
            _grant(row),
            tuple(entries[row.grant_no]),
            None if row.expires_us is None else moment(row.expires_us),
        )
        for row in connection.execute(query)
    ]


def _grant(row: Any) -> Grant:
    return Grant(
        key=row.grant_key,
        customer_id=row.customer_id,
        kind=GrantKind(row.kind),
        amount_minor=row.amount_minor,
        currency=row.currency,
        reason=row.reason,
        valid_from=moment(row.valid_from_us),
        valid_to=moment(row.valid_to_us),
        given_by=row.given_by,
        given_at=moment(row.given_us),
        budget_line=row.budget_line,
        funder=row.funder,
    )


def _entry(row: Any) -> GrantEntry:
    return GrantEntry(
        Booking(row.booking),
        row.change_minor,
        row.left_minor,
        moment(row.at_us),
        row.redemption_no,
        row.line_no,
        row.line_id,
        row.note,
    )
