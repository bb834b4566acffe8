"""The shop stops all personal offers at once, whatever was promised, and lets them go on."""

from datetime import datetime

from engine.day.said_reason import said_reason
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.nights.stops import Stop, begin_stop, current_stop, end_stop, stop_in_force

STOPPED = "offers_stopped"
SENTENCE = "The shop has stopped all personal offers for the time being."


def stop_offers(store: Store, *, reason: str, now: datetime) -> bool:
    """Stop everything; False, and the first reason stays, where it is stopped already.

    Raises:
        Refused: invalid_request, the reason is none (see `said_reason`).
        StoreUnreachable, CannotWrite: offers go on.

    """
    return begin_stop(store, said_reason(reason), now)


def resume_offers(store: Store, *, now: datetime) -> bool:
    """Let everything go on that has not ended meanwhile; False where nothing was stopped.

    Raises StoreUnreachable or CannotWrite: it stays stopped.
    """
    return end_stop(store, now)


def standing_stop(store: Store) -> Stop | None:
    """Return since when and why all offers stand still, as the caller's transaction sees it. Raises StoreUnreachable."""
    with store.reading() as connection:
        return stop_in_force(connection)


def refuse_stopped(store: Store) -> None:
    """Refuse what needs personal offers while there are none.

    Raises:
        Refused: offers_stopped.

    """
    if current_stop(store) is not None:
        raise Refused(STOPPED, SENTENCE)
