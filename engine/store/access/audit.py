"""The audit trail: one line for every write, in the transaction of that write."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from engine.store.database.store import Store
from engine.store.schema import moment, moment_us
from engine.store.schema.access_tables import audit


class Act(NamedTuple):
    """Who did what, when, to whom."""

    at: datetime  # the real clock, also where the shop's clock is fixed
    actor: str  # id of a key, or the command that an operator ran
    action: str
    customer_id: str | None = None
    subject: str | None = None  # an offer, a redemption, a key
    request_id: str = ""  # as the log and the answer have it


def keep_record(connection: Connection, act: Act) -> None:
    """Append one line to the trail; it stands or falls with the caller's transaction."""
    connection.execute(
        insert(audit).values(
            at_us=moment_us(act.at),
            actor=act.actor,
            action=act.action,
            customer_id=act.customer_id,
            subject=act.subject,
            request_id=act.request_id,
        )
    )


def records(store: Store) -> Iterator[Act]:
    """Stream the trail, oldest first."""
    query = select(
        audit.c.at_us,
        audit.c.actor,
        audit.c.action,
        audit.c.customer_id,
        audit.c.subject,
        audit.c.request_id,
    ).order_by(audit.c.audit_no)
    with store.reading() as connection:
        for at_us, *rest in connection.execution_options(yield_per=10_000).execute(query):
            yield Act(moment(at_us), *rest)
