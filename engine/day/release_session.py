"""A basket is given up: what its session holds is free at once."""

from datetime import datetime

from engine.day.validate import line_event
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.checkout.sessions import close_session, session_named
from engine.store.log.events import append


def customer_of_session(store: Store, session_key: str) -> str | None:
    """Return whose basket is held under a key, None where there is none; raises StoreUnreachable."""
    with store.reading() as connection:
        found = session_named(connection, session_key)
    return None if found is None else found.customer_id


def release(store: Store, session_key: str, *, now: datetime) -> str:
    """End a session, also one that has expired; returns whose it was.

    Raises:
        Refused: session_not_found.
        StoreUnreachable, StoreBusy, CannotWrite: the session goes on until it expires.

    """
    with store.reading() as connection:
        found = session_named(connection, session_key)
    if found is None:
        raise Refused("session_not_found", "There is no such session: it was redeemed or released.")
    with store.writing(found.customer_id) as connection:
        session = session_named(connection, session_key)
        if session is None or session.customer_id != found.customer_id:
            raise Refused("session_not_found", "There is no such session: it was redeemed or released.")
        close_session(connection, session, now)
        for line in session.receipt.lines:
            append(connection, line_event("released", session.customer_id, line, now))
    return found.customer_id
