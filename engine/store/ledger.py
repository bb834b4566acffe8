"""What happens to an offer, and the offers of an export.

Each mark is one conditional update: the database decides which of two tills was first, and the loser is told
so by the answer False. An offer is *touched* once its customer has activated it or it was reserved or redeemed.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select, update

from engine.domain.bundle import OfferState
from engine.store.bodies import render_bundle
from engine.store.connect import Store
from engine.store.schema import bundles, counts, moment, moment_us, offer_counts, offers, runs


class Touch(Enum):
    """What a customer or a till does to an offer: the states it may be in before, the state after, slots taken."""

    ACTIVATE = ((OfferState.OFFERED,), OfferState.ACTIVATED, 0)
    RESERVE = ((OfferState.ACTIVATED,), OfferState.RESERVED, 0)
    REDEEM = ((OfferState.ACTIVATED, OfferState.RESERVED), OfferState.REDEEMED, 1)


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


def touch(store: Store, customer_id: str, offer_id: str, mark: Touch, now: datetime) -> bool:
    """Mark one offer of the bundle that the customer has at this moment, and render his view again.

    Returns False, and changes nothing, if there is no such offer now, if it is in another state, or if the
    bundle has no free slot.
    """
    before, after, slots = mark.value
    moment_now = moment_us(now)
    with store.writing(customer_id) as connection:
        found = connection.execute(
            select(bundles.c.bundle_no, offers.c.slot)
            .join(runs, runs.c.run_no == bundles.c.run_no)
            .join(offers, offers.c.bundle_no == bundles.c.bundle_no)
            .where(
                bundles.c.customer_id == customer_id,
                bundles.c.valid_from_us <= moment_now,
                bundles.c.valid_to_us > moment_now,
                counts(),
                offers.c.offer_id == offer_id,
                offer_counts(),
            )
        ).first()
        if found is None:
            return False
        marked = connection.execute(
            update(bundles)
            .where(
                bundles.c.bundle_no == found.bundle_no,
                bundles.c.slots_used + slots <= bundles.c.slots_total,
                select(offers.c.slot)
                .where(_one(found), offers.c.state.in_([state.value for state in before]))
                .exists(),
            )
            .values(
                slots_used=bundles.c.slots_used + slots,
                touched_us=func.coalesce(bundles.c.touched_us, moment_now),
            )
        )
        if marked.rowcount == 0:
            return False
        connection.execute(
            update(offers)
            .where(_one(found))
            .values(state=after.value, touched_us=func.coalesce(offers.c.touched_us, moment_now))
        )
        render_bundle(connection, found.bundle_no, now)
    return True


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


def _one(found: Any) -> Any:
    return and_(offers.c.bundle_no == found.bundle_no, offers.c.slot == found.slot)
