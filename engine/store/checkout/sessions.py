"""Baskets that tills hold: while a session lives, its offers are nobody else's.

Everything here is called within `Store.writing(customer_id)` of the session's customer, or only reads.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from engine.domain.offer_errors import Refused
from engine.store.checkout.receipts import Receipt, from_json
from engine.store.database.store import insert_unless_there
from engine.store.grants.grant_ledger import hold
from engine.store.grants.grant_views import render_grants
from engine.store.nights.bundle_bodies import render_bundle
from engine.store.schema import bundles, moment, moment_us, offers
from engine.store.schema.checkout_tables import favourite_holds, reservations, sessions

TAKEN = "Another basket is held under this session key; name each basket anew."


class Session(NamedTuple):
    """A held basket."""

    session_no: int
    session_key: str
    customer_id: str
    created_at: datetime
    expires_at: datetime
    receipt: Receipt


def session_named(connection: Connection, session_key: str) -> Session | None:
    """The session with that key, also one that has expired and was not removed yet."""
    row = connection.execute(select(sessions).where(sessions.c.session_key == session_key)).first()
    return None if row is None else _session(row)


def live_sessions(connection: Connection, customer_ids: Sequence[str], now: datetime) -> list[Session]:
    """Sessions of some customers that hold something at a moment."""
    query = (
        select(sessions)
        .where(sessions.c.customer_id.in_(customer_ids), sessions.c.expires_us > moment_us(now))
        .order_by(sessions.c.session_no)
    )
    return [_session(row) for row in connection.execute(query)]


def open_session(
    connection: Connection, session_key: str, receipt: Receipt, *, now: datetime, expires_at: datetime
) -> None:
    """Hold a basket's offers and grants under a key.

    An offer or a grant that another live session holds breaks a unique key (sqlalchemy.exc.IntegrityError).

    Raises:
        Refused: session_taken, the key is there already.

    """
    moment_now = moment_us(now)
    row = {
        "session_key": session_key,
        "customer_id": receipt.customer_id,
        "created_us": moment_now,
        "expires_us": moment_us(expires_at),
        "priced": receipt.as_json(),
    }
    if not insert_unless_there(connection, sessions, row):
        raise Refused("session_taken", TAKEN)
    number = connection.execute(
        select(sessions.c.session_no).where(sessions.c.session_key == session_key)
    ).scalar_one()
    held = dict.fromkeys((line.bundle_no, line.slot) for line in receipt.lines if line.bundle_no is not None)
    _drop_expired_in(connection, {bundle_no for bundle_no, _ in held}, moment_now)
    for bundle_no, slot in held:
        connection.execute(insert(reservations).values(bundle_no=bundle_no, slot=slot, session_no=number))
        # An offer that is held is promised: a night that is repeated leaves it alone.
        for table, which in (
            (offers, (offers.c.bundle_no == bundle_no) & (offers.c.slot == slot)),
            (bundles, bundles.c.bundle_no == bundle_no),
        ):
            connection.execute(
                update(table).where(which).values(touched_us=func.coalesce(table.c.touched_us, moment_now))
            )
    of_favourite: dict[int, int] = {}
    for line in receipt.lines:
        if line.favourite_no is not None:
            of_favourite[line.favourite_no] = of_favourite.get(line.favourite_no, 0) + line.units_milli
    for favourite_no, units_milli in of_favourite.items():
        connection.execute(
            insert(favourite_holds).values(
                session_no=number,
                favourite_no=favourite_no,
                local_day=receipt.local_day,
                units_milli=units_milli,
            )
        )
    hold(connection, number, receipt.customer_id, receipt.grants, now)
    for bundle_no in {bundle_no for bundle_no, _ in held if bundle_no is not None}:
        render_bundle(connection, bundle_no, now)


def close_session(connection: Connection, session: Session, now: datetime) -> None:
    """End a session, and with it what it holds."""
    connection.execute(delete(sessions).where(sessions.c.session_no == session.session_no))
    if session.receipt.grants:
        render_grants(connection, session.customer_id, now)
    for bundle_no in {line.bundle_no for line in session.receipt.lines if line.bundle_no is not None}:
        render_bundle(connection, bundle_no, now)


def forget_expired(connection: Connection, session: Session) -> None:
    """Remove what is left of an expired session, also another customer's; what it held was free already."""
    connection.execute(delete(sessions).where(sessions.c.session_no == session.session_no))


def drop_expired_of(connection: Connection, customer_ids: Sequence[str], now: datetime) -> None:
    """Remove what is left of some customers' expired sessions; what they held was free already."""
    connection.execute(
        delete(sessions).where(
            sessions.c.customer_id.in_(customer_ids), sessions.c.expires_us <= moment_us(now)
        )
    )


def _drop_expired_in(connection: Connection, bundle_nos: Collection[int], now_us: int) -> None:
    """Remove expired sessions that kept offers of some bundles, also of who shares them no more; what they held was free already."""
    kept = select(reservations.c.session_no).where(reservations.c.bundle_no.in_(bundle_nos))
    connection.execute(
        delete(sessions).where(sessions.c.session_no.in_(kept), sessions.c.expires_us <= now_us)
    )


def _session(row: Row[Any]) -> Session:
    return Session(
        row.session_no,
        row.session_key,
        row.customer_id,
        moment(row.created_us),
        moment(row.expires_us),
        from_json(row.priced)._replace(customer_id=row.customer_id),  # whose card it was, whose it is now
    )
