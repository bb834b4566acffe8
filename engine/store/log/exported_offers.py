"""The offers of an export, and how many bundles somebody has touched.

An offer is *touched* once its customer has activated it or it was reserved or redeemed.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from engine.store.database.store import Store
from engine.store.schema import bundles, counts, moment, moment_us, offer_counts, offers, runs


class LedgerOffer(NamedTuple):
    """One offer as an export shows it."""

    customer_id: str
    bundle_id: str
    item_id: str
    kind: str
    discount_bp: int
    price_minor: int | None
    valid_from: datetime
    valid_to: datetime
    p_buy: float
    arm: str
    propensity: float
    reason: str
    run_id: str


_COPIED = tuple(name for name in LedgerOffer._fields if name not in {"valid_from", "valid_to"})


def current_offers(store: Store, now: datetime) -> Iterator[LedgerOffer]:
    """Stream every offer valid at a moment, in the order of the runs, their bundles and their slots."""
    moment_now = moment_us(now)
    query = (
        select(
            bundles.c.customer_id,
            bundles.c.bundle_id,
            offers.c.item_id,
            offers.c.kind,
            offers.c.discount_bp,
            offers.c.price_minor,
            bundles.c.valid_from_us,
            bundles.c.valid_to_us,
            offers.c.p_buy,
            bundles.c.arm,
            offers.c.propensity,
            offers.c.reason,
            runs.c.run_id,
        )
        .join(bundles, bundles.c.bundle_no == offers.c.bundle_no)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(
            bundles.c.valid_from_us <= moment_now,
            bundles.c.valid_to_us > moment_now,
            counts(),
            offer_counts(),
        )
        .order_by(offers.c.bundle_no, offers.c.slot)
    )
    with store.reading() as connection:
        for named in connection.execution_options(yield_per=10_000).execute(query).mappings():
            starts, ends = moment(named["valid_from_us"]), moment(named["valid_to_us"])
            yield LedgerOffer(**{name: named[name] for name in _COPIED}, valid_from=starts, valid_to=ends)


def touched_bundles(store: Store) -> dict[int, int]:
    """How many bundles of each run somebody touched, by run_no; runs without any are absent."""
    query = (
        select(bundles.c.run_no, func.count())
        .where(bundles.c.touched_us.is_not(None))
        .group_by(bundles.c.run_no)
    )
    with store.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}
