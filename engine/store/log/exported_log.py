"""What came of nights and choices, row by row, for the exports that training and measurement read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, select

from engine.store.database.store import Store
from engine.store.nights.run_records import Run
from engine.store.schema import bundles, moment, of_run, offers
from engine.store.schema.access_tables import events
from engine.store.schema.checkout_tables import redemption_lines, redemptions
from engine.store.schema.favourite_tables import favourites
from engine.store.schema.stock_tables import substitutions

_CHUNK = 10_000
_EVENT = (
    "event_id",
    "kind",
    "at_us",
    "told_us",
    "customer_id",
    "run_id",
    "bundle_id",
    "offer_id",
    "item_id",
    "details",
)
_STANDS = redemption_lines.c.rollback_no.is_(None)


class CameOf(NamedTuple):
    """What became of one offer of a night."""

    offer_id: str
    state: str
    touched_at: datetime | None
    shown: int
    opened: int
    redeemed_units_milli: int  # what was taken back is not in it
    redeemed_discount_minor: int


def came_of(store: Store, run: Run) -> Iterator[CameOf]:
    """Stream what became of a run's offers, in their order; offers that were pruned or erased are absent."""
    mine = of_run(redemption_lines.c.bundle_no, run.run_no)
    lines = (
        select(
            redemption_lines.c.bundle_no,
            redemption_lines.c.slot,
            func.sum(case((_STANDS, redemption_lines.c.units_milli), else_=0)).label("units"),
            func.sum(case((_STANDS, redemption_lines.c.discount_minor), else_=0)).label("discount"),
        )
        .where(mine)
        .group_by(redemption_lines.c.bundle_no, redemption_lines.c.slot)
        .subquery()
    )
    told = (
        select(
            events.c.bundle_id,
            events.c.offer_id,
            func.sum(case((events.c.kind == "shown", 1), else_=0)).label("shown"),
            func.sum(case((events.c.kind == "opened", 1), else_=0)).label("opened"),
        )
        .where(events.c.run_id == run.run_id, events.c.kind.in_(("shown", "opened")))
        .group_by(events.c.bundle_id, events.c.offer_id)
        .subquery()
    )
    query = (
        select(
            offers.c.offer_id,
            offers.c.state,
            offers.c.touched_us,
            func.coalesce(told.c.shown, 0),
            func.coalesce(told.c.opened, 0),
            func.coalesce(lines.c.units, 0),
            func.coalesce(lines.c.discount, 0),
        )
        .join(bundles, bundles.c.bundle_no == offers.c.bundle_no)
        .outerjoin(lines, and_(lines.c.bundle_no == offers.c.bundle_no, lines.c.slot == offers.c.slot))
        .outerjoin(told, and_(told.c.bundle_id == bundles.c.bundle_id, told.c.offer_id == offers.c.offer_id))
        .where(of_run(offers.c.bundle_no, run.run_no))
        .order_by(offers.c.bundle_no, offers.c.slot)
    )
    with store.reading() as connection:
        for name, state, touched, *counts in connection.execution_options(yield_per=_CHUNK).execute(query):
            yield CameOf(name, state, _moment(touched), *map(int, counts))


def redeemed_lines(store: Store) -> Iterator[tuple[Any, ...]]:
    """Stream every redeemed line, oldest first, in the columns of `models.tables.REDEMPTION_LOG`."""
    sold, line = redemptions.c, redemption_lines.c
    query = (
        select(
            sold.redemption_id,
            sold.customer_id,
            sold.redeemed_us,
            sold.store_id,
            line.line_id,
            line.product_id,
            line.offer_id,
            bundles.c.run_no.is_(None).label("is_favourite"),
            line.quantity_milli,
            line.units_milli,
            line.shelf_price_minor,
            line.promo_discount_minor,
            line.discount_bp,
            line.discount_minor,
            line.rollback_no.is_not(None).label("rolled_back"),
        )
        .join(redemption_lines, line.redemption_no == sold.redemption_no)
        .outerjoin(bundles, bundles.c.bundle_no == line.bundle_no)
        .order_by(sold.redemption_no, line.line_no)
    )
    with store.reading() as connection:
        for name, customer, at, *rest in connection.execution_options(yield_per=_CHUNK).execute(query):
            yield (name, customer, moment(at), *rest)


def chosen_favourites(store: Store) -> Iterator[tuple[Any, ...]]:
    """Stream every favourite that was ever chosen, in the columns of `models.tables.FAVOURITE_LOG`."""
    one = favourites.c
    query = select(
        one.favourite_id,
        one.customer_id,
        one.item_id,
        one.discount_bp,
        one.price_minor,
        one.arm,
        one.expected_cost_milli,
        one.set_us,
        one.effective_from_us,
        one.valid_to_us,
    ).order_by(one.favourite_no)
    with store.reading() as connection:
        for *same, set_us, starts, ends in connection.execution_options(yield_per=_CHUNK).execute(query):
            yield (*same, moment(set_us), moment(starts), moment(ends))


def all_substitutions(store: Store) -> Iterator[tuple[Any, ...]]:
    """Stream everything that ever stood in for a sold-out item, in the columns of `models.tables.SUBSTITUTION_LOG`."""
    one = substitutions.c
    query = (
        select(
            bundles.c.customer_id,
            bundles.c.bundle_id,
            offers.c.offer_id,
            offers.c.item_id,
            one.product_id,
            one.price_minor,
            offers.c.discount_bp,
            one.store_id,
            one.ended_by,
            one.from_us,
            one.ended_us,
        )
        .join(offers, and_(offers.c.bundle_no == one.bundle_no, offers.c.slot == one.slot))
        .join(bundles, bundles.c.bundle_no == one.bundle_no)
        .order_by(one.substitution_no)
    )
    with store.reading() as connection:
        for *same, starts, ends in connection.execution_options(yield_per=_CHUNK).execute(query):
            yield (*same, moment(starts), _moment(ends))


def all_events(store: Store) -> Iterator[tuple[Any, ...]]:
    """Stream every event, oldest first, in the columns of `models.tables.EVENT_LOG`."""
    query = select(*(events.c[name] for name in _EVENT)).order_by(events.c.event_no)
    with store.reading() as connection:
        for name, kind, at, told, *rest in connection.execution_options(yield_per=_CHUNK).execute(query):
            yield (name, kind, moment(at), _moment(told), *rest)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)
