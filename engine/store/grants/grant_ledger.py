"""Grants are given, kept for a basket, used, returned and cancelled: each an entry, told in the feed and shown at once.

Everything here is called within `Store.writing(customer_id)` of whose grant it is. `give` is for whoever decides that somebody
gets one: a person's use case, a night's rule.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from engine.domain.grants import Booking, Grant, GrantEntry, GrantState, check_grant
from engine.domain.offer_errors import Refused
from engine.store.access.customer_erasure import erased_among
from engine.store.database.in_lists import in_lists
from engine.store.database.store import insert_unless_there
from engine.store.grants.grant_views import render_all_grants, render_grants
from engine.store.grants.kept_grants import KeptGrant, grant_with_key, grants_numbered
from engine.store.log.events import Event, append, append_all
from engine.store.schema import moment_us
from engine.store.schema.grant_tables import grant_entries, grant_holds, grants

_TAKEN = "Money given to this customer has been used or taken back meanwhile; validate the basket again."


class GrantPart(NamedTuple):
    """What of a grant pays for one line of a basket."""

    grant_no: int
    grant_id: str
    line_no: int
    line_id: str
    amount_minor: int


def give(connection: Connection, grant: Grant) -> bool:
    """Give a customer a grant; False if it was given before, or they are being erased, and then nothing changes.

    Raises:
        Refused: grant_impossible; grant_key_taken, another grant was given under its key.

    """
    check_grant(grant)
    if erased_among(connection, {grant.customer_id}):
        return False
    is_new = insert_unless_there(connection, grants, _row_of(grant))
    kept = grant_with_key(connection, grant.key, grant.given_at)
    if kept is None or not kept.grant.is_as(grant):
        raise Refused(
            "grant_key_taken",
            "Another grant was given under this key; the same key is the same grant, so name a new one anew.",
        )
    if is_new:
        _append(connection, kept, _given(grant))
        render_grants(connection, grant.customer_id, grant.given_at)
    return is_new


def give_all(connection: Connection, new: Sequence[Grant], now: datetime) -> int:
    """Give many customers grants whose keys are free, in a few statements; returns how many, less those who are being erased.

    To be called where nobody writes for any customer. A key that is taken breaks a unique one (IntegrityError).

    Raises:
        Refused: grant_impossible, and nothing is given.

    """
    for grant in new:
        check_grant(grant)
    gone = erased_among(connection, {grant.customer_id for grant in new})
    given = {grant.key: grant for grant in new if grant.customer_id not in gone}
    for keys in in_lists(list(given)):
        some = [given[key] for key in keys]
        connection.execute(insert(grants), [_row_of(grant) for grant in some])
        query = select(grants.c.grant_key, grants.c.grant_no).where(grants.c.grant_key.in_(keys))
        numbers = {row.grant_key: row.grant_no for row in connection.execute(query)}
        entries = [_given(grant) for grant in some]
        connection.execute(
            insert(grant_entries),
            [_row_of_entry(numbers[grant.key], 1, entry) for grant, entry in zip(some, entries, strict=True)],
        )
        append_all(connection, [_told(grant, entry) for grant, entry in zip(some, entries, strict=True)])
    render_all_grants(connection, sorted({grant.customer_id for grant in given.values()}), now)
    return len(given)


def cancel(connection: Connection, kept: KeptGrant, *, note: str, now: datetime) -> int:
    """Take back what is left of a grant; returns how much, minor units.

    Raises:
        Refused: grant_over, nothing of it is left to take back; grant_held, a till keeps it for a basket.

    """
    if kept.state_at(now) not in {GrantState.OPEN, GrantState.UPCOMING}:
        raise Refused("grant_over", "Nothing of this grant is left: it was used, taken back or has ended.")
    if kept.held_until is not None:
        raise Refused(
            "grant_held", "A till keeps this grant for a basket; try again once it is paid or given up."
        )
    _append(connection, kept, GrantEntry(Booking.CANCELLED, -kept.left_minor, 0, now, note=note))
    render_grants(connection, kept.grant.customer_id, now)
    return kept.left_minor


def hold(
    connection: Connection, session_no: int, customer_id: str, parts: Collection[GrantPart], now: datetime
) -> None:
    """Keep grants for a session's basket; one that another session keeps breaks a unique key (IntegrityError)."""
    if not parts:
        return
    of_grant: dict[int, int] = {}
    for part in parts:
        of_grant[part.grant_no] = of_grant.get(part.grant_no, 0) + part.amount_minor
    rows = [
        {"grant_no": number, "session_no": session_no, "amount_minor": amount}
        for number, amount in of_grant.items()
    ]
    connection.execute(insert(grant_holds), rows)
    render_grants(connection, customer_id, now)


def use(
    connection: Connection,
    redemption_no: int,
    customer_id: str,
    parts: Collection[GrantPart],
    now: datetime,
) -> None:
    """Let grants pay for lines of a purchase.

    Raises:
        Refused: offer_taken, less than that is left of one, or it was taken back.

    """
    _book(connection, Booking.USED, redemption_no, parts, now)
    if parts:
        render_grants(connection, customer_id, now)


def standing_parts(connection: Connection, redemption_no: int) -> tuple[list[GrantPart], list[GrantPart]]:
    """What grants paid of a purchase: the parts that stand, and those that came back, each in the order of its lines."""
    query = (
        select(
            grant_entries.c.grant_no,
            grants.c.grant_id,
            grant_entries.c.line_no,
            grant_entries.c.line_id,
            grant_entries.c.change_minor,
            grant_entries.c.booking,
        )
        .join(grants, grants.c.grant_no == grant_entries.c.grant_no)
        .where(grant_entries.c.redemption_no == redemption_no)
        .order_by(grant_entries.c.line_no, grant_entries.c.grant_no)
    )
    rows = connection.execute(query).all()
    parts = {
        booking: [GrantPart(*row[:4], abs(row.change_minor)) for row in rows if row.booking == booking.value]
        for booking in (Booking.USED, Booking.RETURNED)
    }
    back = parts[Booking.RETURNED]
    return [part for part in parts[Booking.USED] if part not in back], back


def return_parts(
    connection: Connection,
    redemption_no: int,
    customer_id: str,
    parts: Collection[GrantPart],
    now: datetime,
) -> None:
    """Return to each grant what it had paid for lines that came back; after its window nobody can use it any more.

    Raises:
        Refused: already_rolled_back, a line's part came back before.

    """
    _book(connection, Booking.RETURNED, redemption_no, parts, now)
    if parts:
        render_grants(connection, customer_id, now)


def _book(
    connection: Connection,
    booking: Booking,
    redemption_no: int,
    parts: Collection[GrantPart],
    now: datetime,
) -> None:
    kept = grants_numbered(connection, list({part.grant_no for part in parts}), now)
    sign = -1 if booking is Booking.USED else 1
    for part in parts:
        one, change = kept[part.grant_no], sign * part.amount_minor
        if one.left_minor + change < 0 or (sign < 0 and one.state_at(now) is GrantState.CANCELLED):
            raise Refused("offer_taken", _TAKEN)
        entry = GrantEntry(
            booking, change, one.left_minor + change, now, redemption_no, part.line_no, part.line_id
        )
        kept[part.grant_no] = _append(connection, one, entry)


def _append(connection: Connection, kept: KeptGrant, entry: GrantEntry) -> KeptGrant:
    """Add an entry with the next number and tell it; another writer's entry with that number, or a line's second one, is refused."""
    row = _row_of_entry(kept.grant_no, len(kept.entries) + 1, entry)
    if not insert_unless_there(connection, grant_entries, row):
        if entry.booking is Booking.RETURNED:
            raise Refused("already_rolled_back", "A line of this redemption was rolled back before.")
        raise Refused("offer_taken", _TAKEN)
    append(connection, _told(kept.grant, entry))
    return kept._replace(entries=(*kept.entries, entry))


def _given(grant: Grant) -> GrantEntry:
    return GrantEntry(Booking.GIVEN, grant.amount_minor, grant.amount_minor, grant.given_at)


def _told(grant: Grant, entry: GrantEntry) -> Event:
    told = {"kind": grant.kind.value, "change_minor": entry.change_minor, "left_minor": entry.left_minor}
    if entry.line_id is not None:
        told["line_id"] = entry.line_id
    return Event(
        f"grant_{entry.booking}",
        entry.at,
        customer_id=grant.customer_id,
        offer_id=grant.id,
        details=told,
    )


def _row_of(grant: Grant) -> dict[str, Any]:
    return {
        "grant_id": grant.id,
        "grant_key": grant.key,
        "customer_id": grant.customer_id,
        "kind": grant.kind.value,
        "amount_minor": grant.amount_minor,
        "currency": grant.currency,
        "reason": grant.reason,
        "valid_from_us": moment_us(grant.valid_from),
        "valid_to_us": moment_us(grant.valid_to),
        "budget_line": grant.budget_line,
        "funder": grant.funder,
        "given_by": grant.given_by,
        "given_us": moment_us(grant.given_at),
    }


def _row_of_entry(grant_no: int, entry_no: int, entry: GrantEntry) -> dict[str, Any]:
    return {
        "grant_no": grant_no,
        "entry_no": entry_no,
        "booking": entry.booking.value,
        "change_minor": entry.change_minor,
        "left_minor": entry.left_minor,
        "at_us": moment_us(entry.at),
        "redemption_no": entry.redemption_no,
        "line_no": entry.line_no,
        "line_id": entry.line_id,
        "note": entry.note,
    }
