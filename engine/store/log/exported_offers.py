"""The offers of an export, and how many bundles somebody has touched.

An offer is *touched* once its customer has activated it or it was reserved or redeemed.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, select

from engine.store.database.store import Store
from engine.store.schema import bundles, counts, moment, moment_us, offer_counts, offers, runs, views
from engine.store.schema.pool_tables import counts_now


class LedgerOffer(NamedTuple):
    """One offer as an export shows it."""

    customer_id: str
    bundle_id: str
    item_id: str
    name: str
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


_COPIED = tuple(name for name in LedgerOffer._fields if name not in {"valid_from", "valid_to", "name"})


def current_offers(store: Store, now: datetime) -> Iterator[LedgerOffer]:
    """Stream every offer valid at a moment, in the order of the runs, their bundles and their slots.

    Names are read from what the customer is shown, once a bundle; an item that is not in it is called by its id.
    """
    moment_now = moment_us(now)
    is_first = func.row_number().over(partition_by=offers.c.bundle_no, order_by=offers.c.slot) == 1
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
            case((is_first, views.c.body)).label("body"),
        )
        .join(bundles, bundles.c.bundle_no == offers.c.bundle_no)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .outerjoin(views, views.c.bundle_no == bundles.c.bundle_no)
        .where(
            bundles.c.valid_from_us <= moment_now,
            bundles.c.valid_to_us > moment_now,
            counts(),
            offer_counts(),
            counts_now(moment_us(now)),
        )
        .order_by(offers.c.bundle_no, offers.c.slot)
    )
    names: dict[str, str] = {}
    with store.reading() as connection:
        for named in connection.execution_options(yield_per=10_000).execute(query).mappings():
            starts, ends = moment(named["valid_from_us"]), moment(named["valid_to_us"])
            if named["body"] is not None:
                shown = (offer["item"] for offer in json.loads(named["body"])["offers"])
                names = {item["id"]: item["name"] for item in shown}
            yield LedgerOffer(
                **{name: named[name] for name in _COPIED},
                name=names.get(named["item_id"], named["item_id"]),
                valid_from=starts,
                valid_to=ends,
            )


def touched_bundles(store: Store) -> dict[int, int]:
    """How many bundles of each run somebody touched, by run_no; runs without any are absent."""
    query = (
        select(bundles.c.run_no, func.count())
        .where(bundles.c.touched_us.is_not(None))
        .group_by(bundles.c.run_no)
    )
    with store.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}
