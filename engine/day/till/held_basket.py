"""The basket that a till's session holds: whose it is, taking it up again, which state of it is the latest, freeing its key."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.checkout.redemption_ledger import latest_told
from engine.store.checkout.sessions import (
    TAKEN,
    Session,
    close_session,
    drop_expired_of,
    forget_expired,
    session_named,
)
from engine.store.nights.shared_bundles import who_shares, writing_for


def customer_of_session(store: Store, session_key: str) -> str | None:
    """Return whose basket is held under a key, None where there is none; raises StoreUnreachable."""
    with store.reading() as connection:
        found = session_named(connection, session_key)
    return None if found is None else found.customer_id


@contextmanager
def held_basket(store: Store, session_key: str, *, unknown: str) -> Iterator[tuple[Connection, Session]]:
    """Open the transaction of the customer whose basket is held under a key, with the session as it is in it.

    Raises:
        Refused: session_not_found, with the sentence `unknown`.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was written.

    """
    customer_id = customer_of_session(store, session_key)
    if customer_id is None:
        raise Refused("session_not_found", unknown)
    with writing_for(store, customer_id) as connection:
        session = session_named(connection, session_key)  # again, now that nobody else writes for them
        if session is None or session.customer_id != customer_id:
            raise Refused("session_not_found", unknown)
        yield connection, session


def check_latest(connection: Connection, session_key: str, customer_id: str, at: datetime | None) -> None:
    """Refuse a basket that was sent, by the till's clock, before the one that is held or was redeemed under its key.

    Without `at` on both nothing is known of their order, and the one that comes last counts.

    Raises:
        Refused: basket_outdated.

    """
    if at is None:
        return
    session = session_named(connection, session_key)
    known = [latest_told(connection, session_key, customer_id)]
    if session is not None and session.customer_id == customer_id:
        known.append(session.receipt.at)
    if any(told is not None and at < told for told in known):
        raise Refused(
            "basket_outdated", "A later state of this basket was held or redeemed; this one changes nothing."
        )


def free_key(connection: Connection, session_key: str, customer_id: str, now: datetime) -> None:
    """End the customer's own session under a key, and forget their expired ones and those of who shares with them.

    Raises:
        Refused: session_taken, another customer's basket is held under that key.

    """
    session = session_named(connection, session_key)
    if session is not None and session.customer_id == customer_id:
        close_session(connection, session, now)
    elif session is not None and session.expires_at > now:
        raise Refused("session_taken", TAKEN)
    elif session is not None:
        forget_expired(connection, session)
    drop_expired_of(connection, who_shares(connection, customer_id), now)
