"""Times in which nobody has personal offers: the other exception to "a promise is not withdrawn".

Nothing is rewritten: every login, till and night asks for the row, so that all processes on one store stop and resume at once.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, exists, insert, select, update

from engine.store.database.store import Store
from engine.store.schema import moment, moment_us
from engine.store.schema.recall_tables import stops
from models.ground.errors import OffersStopped

_STANDING = select(stops.c.reason, stops.c.stopped_us).where(stops.c.resumed_us.is_(None))


class Stop(NamedTuple):
    """All personal offers stand still."""

    reason: str  # for the shop's own people
    since: datetime


def is_stopped() -> ColumnElement[bool]:
    """True, in a statement, while all personal offers stand still."""
    return exists(select(stops.c.stop_no).where(stops.c.resumed_us.is_(None)))


def stop_in_force(connection: Connection) -> Stop | None:
    """The stop that stands, None where offers go on."""
    row = connection.execute(_STANDING).first()
    return None if row is None else Stop(row.reason, moment(row.stopped_us))


def current_stop(store: Store) -> Stop | None:
    """The same, on this thread's own connection. Raises StoreUnreachable."""
    row = store.point_read(_STANDING)
    return None if row is None else Stop(row[0], moment(row[1]))


def refuse_to_publish(connection: Connection) -> None:
    """Raise OffersStopped while all offers are stopped."""
    stop = stop_in_force(connection)
    if stop is not None:
        raise OffersStopped(
            f"All personal offers are stopped since {stop.since.isoformat(timespec='seconds')} ({stop.reason}), so that no "
            "night is published; `abonement resume` lets them go on, then run the night again."
        )


def begin_stop(store: Store, reason: str, now: datetime) -> bool:
    """Stop all personal offers; False, and the first reason stays, where they are stopped already."""
    with store.switching() as connection:  # nobody redeems beside it: who comes next knows of it
        if stop_in_force(connection) is not None:
            return False
        connection.execute(insert(stops).values(reason=reason, stopped_us=moment_us(now)))
    return True


def end_stop(store: Store, now: datetime) -> bool:
    """Let offers go on; False where they do."""
    with store.switching() as connection:
        ended = connection.execute(
            update(stops).where(stops.c.resumed_us.is_(None)).values(resumed_us=moment_us(now))
        )
        return ended.rowcount > 0
