"""The ready-made part of a customer's JSON that shows their grants, written in the transaction of whatever changes them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert

from engine.domain.customer_view import grants_part
from engine.domain.grants import GrantState
from engine.store.access.customer_erasure import is_pseudonym
from engine.store.database.in_lists import in_lists
from engine.store.grants.kept_grants import KeptGrant, grants_of, grants_of_many
from engine.store.schema import moment_us
from engine.store.schema.grant_tables import grant_views

_GONE = {GrantState.USED, GrantState.CANCELLED, GrantState.ENDED}


def render_grants(connection: Connection, customer_id: str, now: datetime) -> None:
    """Write what logins show of a customer's grants from now on, for each stretch of time in which that is the same.

    Nothing for the pseudonym of who was erased, whose goods may still come back.
    """
    if is_pseudonym(connection, customer_id):
        return
    kept = [one for one in grants_of(connection, customer_id, now) if one.state_at(now) not in _GONE]
    connection.execute(delete(grant_views).where(grant_views.c.customer_id == customer_id))
    for ends, body in _stretches(kept, now):
        connection.execute(
            insert(grant_views).values(customer_id=customer_id, valid_to_us=moment_us(ends), body=body)
        )


def render_all_grants(connection: Connection, customer_ids: Sequence[str], now: datetime) -> None:
    """Write that of many customers, in a few statements."""
    for names in in_lists(customer_ids):
        of_each = grants_of_many(connection, names, now)
        connection.execute(delete(grant_views).where(grant_views.c.customer_id.in_(names)))
        rows = [
            {"customer_id": name, "valid_to_us": moment_us(ends), "body": body}
            for name, held in of_each.items()
            for ends, body in _stretches([one for one in held if one.state_at(now) not in _GONE], now)
        ]
        if rows:
            connection.execute(insert(grant_views), rows)


def _stretches(kept: Sequence[KeptGrant], now: datetime) -> list[tuple[datetime, bytes]]:
    """Return each stretch's end and what it shows, the earliest first; without a gap, so some show nothing."""
    changes = {
        moment
        for one in kept
        for moment in (one.grant.valid_from, one.grant.valid_to, one.held_until)
        if moment is not None and moment > now
    }
    found, starts = [], now
    for ends in sorted(changes):
        shown = [
            (one.grant, one.left_minor, one.held_until is not None and starts < one.held_until)
            for one in kept
            if one.grant.valid_from <= starts < one.grant.valid_to
        ]
        found.append((ends, grants_part(shown)))
        starts = ends
    return found
