"""What nights give: what a line of the budget has given, whom it gave lately, and what becomes of it with its night.

A night gives in the transaction that publishes it. What an earlier attempt for the same night gave and nobody has used is
replaced with that attempt: given again by the new one under the same key, or cancelled.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, func, not_, select

from engine.domain.grants import Booking, Grant, GrantKind, GrantState
from engine.domain.offer_errors import Refused
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store
from engine.store.grants.grant_ledger import cancel, give_all
from engine.store.grants.kept_grants import KeptGrant, grants_numbered, grants_with_keys
from engine.store.schema import moment, moment_us
from engine.store.schema.grant_tables import grant_entries, grants

_TAKEN_BACK = "Its night was rolled back or made again."


class GivenTonight(NamedTuple):
    """What a night gave: grants that are new, those of an earlier attempt that stay, and those of it that were taken back."""

    new: int
    kept: int
    cancelled: int


def given_minor(
    store: Store,
    line: str,
    starts: datetime,
    ends: datetime,
    *,
    programme: str,
    replacing: date | None = None,
) -> int:
    """What a line of a programme gave in grants that begin in `[starts, ends)`, less what was taken back, minor units.

    `replacing` leaves out what a new attempt for that night replaces.
    """
    mine = and_(
        grants.c.budget_line == line,
        _of_programme("____-__-__", programme),
        grants.c.valid_from_us >= moment_us(starts),
        grants.c.valid_from_us < moment_us(ends),
        _stays(replacing, programme),
    )
    given = select(func.coalesce(func.sum(grants.c.amount_minor), 0)).where(mine)
    back = (
        select(func.coalesce(func.sum(grant_entries.c.change_minor), 0))
        .join(grants, grants.c.grant_no == grant_entries.c.grant_no)
        .where(mine, grant_entries.c.booking == Booking.CANCELLED.value)
    )
    with store.reading() as connection:
        return int(connection.execute(given).scalar_one()) + int(connection.execute(back).scalar_one())


def last_given(
    store: Store,
    kind: GrantKind,
    customer_ids: Sequence[str],
    since: datetime,
    *,
    programme: str,
    replacing: date | None = None,
) -> dict[str, datetime]:
    """When the last grant of a kind of some customers begins, of those that begin from `since` on and were not taken back.

    Whoever gave it; `replacing` leaves out what a new attempt of the programme for that night replaces.
    """
    query = (
        select(grants.c.customer_id, func.max(grants.c.valid_from_us))
        .where(
            grants.c.kind == kind.value,
            grants.c.valid_from_us >= moment_us(since),
            _stays(replacing, programme),
            not_(_booked(Booking.CANCELLED)),
        )
        .group_by(grants.c.customer_id)
    )
    found: dict[str, datetime] = {}
    with store.reading() as connection:
        for names in in_lists(customer_ids):
            rows = connection.execute(query.where(grants.c.customer_id.in_(names)))
            found |= {row[0]: moment(row[1]) for row in rows}
    return found


def give_of_night(
    connection: Connection, night: date, programme: str, tonight: Sequence[Grant], now: datetime
) -> GivenTonight:
    """Give what a programme's night gives, and take back what its earlier attempt gave and this one does not.

    To be called where nobody writes for any customer. A key whose grant was taken back is given anew under another one.
    """
    known = grants_with_keys(connection, [grant.key for grant in tonight], now)
    taken_back = {key for key, kept in known.items() if kept.state_at(now) is GrantState.CANCELLED}
    fresh = [
        replace(grant, key=_anew(grant)) if grant.key in taken_back else grant
        for grant in tonight
        if grant.key not in known or grant.key in taken_back
    ]
    new = give_all(connection, fresh, now)
    mine = {_anew(grant) for grant in tonight} | {grant.key for grant in tonight}
    cancelled = _cancel_unused(connection, night, programme, now, mine)
    return GivenTonight(new, len(known) - len(taken_back), cancelled)


def cancel_of_night(connection: Connection, night: date, programme: str, now: datetime) -> int:
    """Take back what a programme's night gave and nobody has used or holds at a till; returns how many grants."""
    return _cancel_unused(connection, night, programme, now, ())


def _anew(grant: Grant) -> str:
    return f"{grant.key}/{grant.given_by}"


def _cancel_unused(
    connection: Connection, night: date, programme: str, now: datetime, but: Collection[str]
) -> int:
    query: Select[Any] = select(grants.c.grant_no, grants.c.grant_key).where(
        _of_programme(night.isoformat(), programme),
        not_(_booked(Booking.USED)),
        not_(_booked(Booking.CANCELLED)),
    )
    numbers = [row.grant_no for row in connection.execute(query) if row.grant_key not in but]
    cancelled = 0
    for kept in grants_numbered(connection, numbers, now).values():
        cancelled += _cancelled(connection, kept, now)
    return cancelled


def _cancelled(connection: Connection, kept: KeptGrant, now: datetime) -> bool:
    try:
        cancel(connection, kept, note=_TAKEN_BACK, now=now)
    except Refused:  # a till keeps it for a basket, or it has ended
        return False
    return True


def _of_programme(night: str, programme: str) -> ColumnElement[bool]:
    """Given by a night of the programme, as `run_name` calls its runs; `night` is its day, or a pattern of days."""
    if programme:
        return grants.c.given_by.like(f"{night}.{programme}.%")
    return and_(grants.c.given_by.like(f"{night}.%"), grants.c.given_by.not_like(f"{night}.%.%"))


def _stays(replacing: date | None, programme: str) -> ColumnElement[bool]:
    """Not given by the night that is made again, or used already."""
    if replacing is None:
        return grants.c.grant_no.is_not(None)
    return not_(_of_programme(replacing.isoformat(), programme)) | _booked(Booking.USED)


def _booked(booking: Booking) -> ColumnElement[bool]:
    booked = grant_entries.alias()
    return (
        select(booked.c.grant_no)
        .where(booked.c.grant_no == grants.c.grant_no, booked.c.booking == booking.value)
        .exists()
    )
