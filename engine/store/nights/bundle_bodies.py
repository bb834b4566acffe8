"""The ready-made JSON of a bundle, written again in the transaction of whatever changed the bundle."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from engine.domain.bundle import OfferState
from engine.domain.customer_view import with_states
from engine.store.schema import bundles, moment_us, offers, views
from engine.store.schema.checkout_tables import passing_views, reservations, sessions


def render_bundle(connection: Connection, bundle_no: int, now: datetime) -> None:
    """Write what a login reads of a bundle, from its rows: now, and from the end of each till's hold on.

    `views` gets the body without any hold; while tills hold offers, `passing_views` overrules it, one row for each
    stretch of time up to the end of a hold. An offer that is held is shown as reserved. A bundle without a view is an
    erased customer's, whose goods came back: nobody reads it.
    """
    found = connection.execute(
        select(views.c.body, bundles.c.slots_used)
        .join(bundles, bundles.c.bundle_no == views.c.bundle_no)
        .where(views.c.bundle_no == bundle_no)
    ).first()
    if found is None:
        return
    body, slots_used = found
    rows = connection.execute(
        select(offers.c.slot, offers.c.offer_id, offers.c.state).where(offers.c.bundle_no == bundle_no)
    ).all()
    states = {row.offer_id: OfferState(row.state) for row in rows}
    body = with_states(body, states, slots_used=slots_used)
    connection.execute(update(views).where(views.c.bundle_no == bundle_no).values(body=body))
    connection.execute(delete(passing_views).where(passing_views.c.bundle_no == bundle_no))
    names = {row.slot: row.offer_id for row in rows}
    held = {
        names[row.slot]: row.expires_us
        for row in connection.execute(
            select(reservations.c.slot, sessions.c.expires_us)
            .join(sessions, sessions.c.session_no == reservations.c.session_no)
            .where(reservations.c.bundle_no == bundle_no, sessions.c.expires_us > moment_us(now))
        )
    }
    for ends_us in sorted(set(held.values())):
        reserved = {name: OfferState.RESERVED for name, until_us in held.items() if until_us >= ends_us}
        passing = with_states(body, states | reserved, slots_used=slots_used)
        connection.execute(
            insert(passing_views).values(bundle_no=bundle_no, valid_to_us=ends_us, body=passing)
        )
