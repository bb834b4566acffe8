"""A basket is given up: what its session holds is free at once."""

from datetime import datetime

from engine.day.till.held_basket import held_basket
from engine.day.till.till_events import tell_lines
from engine.store import Store
from engine.store.checkout.sessions import close_session

_UNKNOWN = "There is no such session: it was redeemed or released."


def release(store: Store, session_key: str, *, now: datetime) -> None:
    """End a session, also one that has expired.

    Raises:
        Refused: session_not_found.
        StoreUnreachable, StoreBusy, CannotWrite: the session goes on until it expires.

    """
    with held_basket(store, session_key, unknown=_UNKNOWN) as (connection, session):
        close_session(connection, session, now)
        tell_lines(connection, "released", session.customer_id, session.receipt.lines, now)
