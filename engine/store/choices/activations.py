"""An offer that its customer activates or puts back, marked in the ledger and in every view of its bundle."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select, update

from engine.domain.bundle import OfferState
from engine.store.database.store import Store
from engine.store.nights.bundle_bodies import render_bundle
from engine.store.nights.recalls import recalled_now
from engine.store.schema import bundles, counts, moment_us, offer_counts, offers, runs
from engine.store.schema.checkout_tables import reservations, sessions
from engine.store.schema.pool_tables import counts_now


class OfferNow(NamedTuple):
    """An offer that a customer has at a moment, and how full its bundle is."""

    bundle_no: int
    slot: int
    offer_id: str
    state: OfferState
    active: (
        int  # offers of the bundle that are activated, reserved or redeemed; recalled ones only if redeemed
    )
    slots_total: int
    programme: str  # its bundle's, by name


def offer_now(store: Store, customer_id: str, offer_id: str, now: datetime) -> OfferNow | None:
    """Find one offer of the bundles that the customer has at a moment; None if they have no such offer, or it is recalled."""
    recalled = list(recalled_now(store, now))
    others = offers.alias("others")
    in_use = (
        select(func.count())
        .where(
            others.c.bundle_no == bundles.c.bundle_no,
            others.c.state != OfferState.OFFERED.value,
            or_(others.c.item_id.not_in(recalled), others.c.state == OfferState.REDEEMED.value),
        )
        .scalar_subquery()
    )
    held = (
        select(reservations.c.slot)
        .join(sessions, sessions.c.session_no == reservations.c.session_no)
        .where(
            reservations.c.bundle_no == offers.c.bundle_no,
            reservations.c.slot == offers.c.slot,
            sessions.c.expires_us > moment_us(now),
        )
        .exists()
    )
    query = (
        select(
            bundles.c.bundle_no,
            offers.c.slot,
            offers.c.offer_id,
            offers.c.state,
            in_use,
            bundles.c.slots_total,
            held,
            runs.c.programme,
        )
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .join(offers, offers.c.bundle_no == bundles.c.bundle_no)
        .where(
            bundles.c.customer_id == customer_id,
            bundles.c.valid_from_us <= moment_us(now),
            bundles.c.valid_to_us > moment_us(now),
            counts(),
            offers.c.offer_id == offer_id,
            offers.c.item_id.not_in(recalled),
            offer_counts(),
            counts_now(moment_us(now)),
        )
    )
    with store.reading() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    bundle_no, slot, name, written, active, slots_total, is_held, programme = row
    state = OfferState.RESERVED if is_held else OfferState(written)
    return OfferNow(bundle_no, slot, name, state, active, slots_total, programme)


def mark_offer(store: Store, customer_id: str, found: OfferNow, state: OfferState, now: datetime) -> None:
    """Write an offer's new state; the caller has read `found` within the same writing transaction."""
    moment_now = moment_us(now)
    with store.writing(customer_id) as connection:
        connection.execute(
            update(offers)
            .where(and_(offers.c.bundle_no == found.bundle_no, offers.c.slot == found.slot))
            .values(state=state.value, touched_us=func.coalesce(offers.c.touched_us, moment_now))
        )
        connection.execute(
            update(bundles)
            .where(bundles.c.bundle_no == found.bundle_no)
            .values(touched_us=func.coalesce(bundles.c.touched_us, moment_now))
        )
        render_bundle(connection, found.bundle_no, now)
