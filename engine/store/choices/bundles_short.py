"""Bundles in which something may be sold out: their offers, whose they are, and what their customers have already."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from engine.domain.bundle import OfferState
from engine.store.database.in_lists import in_lists
from engine.store.schema import bundles, counts, moment, moment_us, offers, runs
from engine.store.schema.favourite_tables import favourites
from engine.store.schema.stock_tables import ALL_STORES, bundle_stores


class ShortOffer(NamedTuple):
    """An offer on a product, with its bundle."""

    bundle_no: int
    slot: int
    customer_id: str
    store_id: str  # where they usually shop, ALL_STORES where nobody knows
    item_id: str
    price_minor: int
    discount_bp: int
    max_units: int
    is_used: bool


def offers_in(connection: Connection, bundle_nos: Sequence[int], now: datetime) -> list[ShortOffer]:
    """The offers on products of bundles that count and have not ended, in the order of the bundles and slots."""
    found: list[ShortOffer] = []
    for numbers in in_lists(bundle_nos):
        rows = connection.execute(
            select(
                offers.c.bundle_no,
                offers.c.slot,
                bundles.c.customer_id,
                func.coalesce(bundle_stores.c.store_id, ALL_STORES),
                offers.c.item_id,
                offers.c.price_minor,
                offers.c.discount_bp,
                offers.c.max_units,
                offers.c.state == OfferState.REDEEMED.value,
            )
            .join(bundles, bundles.c.bundle_no == offers.c.bundle_no)
            .join(runs, runs.c.run_no == bundles.c.run_no)
            .outerjoin(bundle_stores, bundle_stores.c.bundle_no == bundles.c.bundle_no)
            .where(
                offers.c.bundle_no.in_(numbers),
                offers.c.price_minor.is_not(None),
                bundles.c.valid_to_us > moment_us(now),
                counts(),
            )
            .order_by(offers.c.bundle_no, offers.c.slot)
        )
        found += [_short(row) for row in rows]
    return found


def offered_since(
    connection: Connection, customer_ids: Sequence[str], since: datetime
) -> dict[str, list[tuple[int, datetime, str]]]:
    """What customers are offered, and were in bundles that ended at `since` or later: bundle's number, its end, item."""
    found: defaultdict[str, list[tuple[int, datetime, str]]] = defaultdict(list)
    for names in in_lists(customer_ids):
        rows = connection.execute(
            select(bundles.c.customer_id, bundles.c.bundle_no, bundles.c.valid_to_us, offers.c.item_id)
            .join(offers, offers.c.bundle_no == bundles.c.bundle_no)
            .join(runs, runs.c.run_no == bundles.c.run_no)
            .where(bundles.c.customer_id.in_(names), bundles.c.valid_to_us >= moment_us(since), counts())
        )
        for row in rows:
            found[row.customer_id].append((row.bundle_no, moment(row.valid_to_us), row.item_id))
    return found


def picked(connection: Connection, customer_ids: Sequence[str], now: datetime) -> dict[str, set[str]]:
    """The favourites that customers have, or will have."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for names in in_lists(customer_ids):
        rows = connection.execute(
            select(favourites.c.customer_id, favourites.c.item_id).where(
                favourites.c.customer_id.in_(names), favourites.c.valid_to_us > moment_us(now)
            )
        )
        for row in rows:
            found[row.customer_id].add(row.item_id)
    return found


def _short(row: Any) -> ShortOffer:
    return ShortOffer._make((*row[:-1], bool(row[-1])))  # SQLite knows no booleans
