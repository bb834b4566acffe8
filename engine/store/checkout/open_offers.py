"""What a customer may use at a till, as the rows stand: the offers of their bundles and their favourite."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from engine.domain.bundle import OfferState
from engine.store.schema import (
    bundles,
    counts,
    moment,
    moment_us,
    offer_counts,
    offers,
    runs,
)
from engine.store.schema.checkout_tables import favourite_holds, reservations, sessions
from engine.store.schema.favourite_tables import favourite_units, favourites
from engine.store.schema.pool_tables import counts_now


class OpenOffer(NamedTuple):
    """An offer of a bundle that counts."""

    bundle_no: int
    slot: int
    bundle_id: str
    run_id: str
    offer_id: str
    item_id: str
    discount_bp: int
    price_minor: int | None
    max_units: int
    state: OfferState
    is_held: bool  # by a till's session
    valid_from: datetime
    valid_to: datetime
    slots_free: int  # of its bundle: neither used nor held


class OpenFavourite(NamedTuple):
    """A favourite, with the units of a local day that are used or held."""

    favourite_no: int
    favourite_id: str
    item_id: str
    price_minor: int | None
    discount_bp: int
    max_units: int
    effective_from: datetime
    valid_to: datetime
    used_milli: int


def open_offers(connection: Connection, customer_id: str, now: datetime, at: datetime) -> list[OpenOffer]:
    """Offers of all a customer's bundles whose window contains one of two moments, each bundle's in the order in which they see them.

    What any basket holds of them is held, also one of somebody who shared with them up to the last night.
    """
    held = (
        select(reservations.c.bundle_no, reservations.c.slot)
        .join(sessions, sessions.c.session_no == reservations.c.session_no)
        .join(bundles, bundles.c.bundle_no == reservations.c.bundle_no)
        .where(bundles.c.customer_id == customer_id, sessions.c.expires_us > moment_us(now))
        .subquery()
    )
    rows = connection.execute(
        select(
            offers.c.bundle_no,
            offers.c.slot,
            bundles.c.bundle_id,
            runs.c.run_id,
            offers.c.offer_id,
            offers.c.item_id,
            offers.c.discount_bp,
            offers.c.price_minor,
            offers.c.max_units,
            offers.c.state,
            held.c.slot.label("held_slot"),
            bundles.c.valid_from_us,
            bundles.c.valid_to_us,
            (bundles.c.slots_total - bundles.c.slots_used).label("slots_free"),
        )
        .join(bundles, bundles.c.bundle_no == offers.c.bundle_no)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .outerjoin(held, and_(held.c.bundle_no == offers.c.bundle_no, held.c.slot == offers.c.slot))
        .where(
            bundles.c.customer_id == customer_id,
            _contains(bundles.c.valid_from_us, bundles.c.valid_to_us, now, at),
            counts(),
            offer_counts(),
            counts_now(moment_us(now)),
        )
        .order_by(offers.c.bundle_no.desc(), offers.c.slot)
    ).all()
    held_slots: dict[int, int] = {}
    for row in rows:
        held_slots[row.bundle_no] = held_slots.get(row.bundle_no, 0) + (row.held_slot is not None)
    return [
        OpenOffer(
            row.bundle_no,
            row.slot,
            row.bundle_id,
            row.run_id,
            row.offer_id,
            row.item_id,
            row.discount_bp,
            row.price_minor,
            row.max_units,
            OfferState(row.state),
            row.held_slot is not None,
            moment(row.valid_from_us),
            moment(row.valid_to_us),
            row.slots_free - held_slots[row.bundle_no],
        )
        for row in rows
    ]


def open_favourites(
    connection: Connection, customer_id: str, now: datetime, at: datetime, local_day: date
) -> list[OpenFavourite]:
    """Favourites whose window contains one of two moments, with what of `local_day` is used or held."""
    used = (
        select(func.coalesce(func.sum(favourite_units.c.units_milli), 0))
        .where(
            favourite_units.c.favourite_no == favourites.c.favourite_no,
            favourite_units.c.local_day == local_day,
        )
        .scalar_subquery()
    )
    held = (
        select(func.coalesce(func.sum(favourite_holds.c.units_milli), 0))
        .join(sessions, sessions.c.session_no == favourite_holds.c.session_no)
        .where(
            favourite_holds.c.favourite_no == favourites.c.favourite_no,
            favourite_holds.c.local_day == local_day,
            sessions.c.expires_us > moment_us(now),
        )
        .scalar_subquery()
    )
    rows = connection.execute(
        select(favourites, used.label("used"), held.label("held"))
        .where(
            favourites.c.customer_id == customer_id,
            _contains(favourites.c.effective_from_us, favourites.c.valid_to_us, now, at),
        )
        .order_by(favourites.c.favourite_no)
    )
    return [
        OpenFavourite(
            row.favourite_no,
            row.favourite_id,
            row.item_id,
            row.price_minor,
            row.discount_bp,
            row.max_units,
            moment(row.effective_from_us),
            moment(row.valid_to_us),
            int(row.used) + int(row.held),
        )
        for row in rows
    ]


def _contains(
    starts: ColumnElement[int], ends: ColumnElement[int], *moments: datetime
) -> ColumnElement[bool]:
    return or_(*(and_(starts <= moment_us(one), ends > moment_us(one)) for one in moments))
