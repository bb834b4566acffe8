"""A mark on one offer, by the shortest way: for tests of what happens to bundles that somebody has used."""

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import and_, func, select, update

from engine.domain.bundle import OfferState
from engine.store import Store
from engine.store.nights.bundle_bodies import render_bundle
from engine.store.schema import bundles, counts, moment_us, offer_counts, offers, runs


class Touch(Enum):
    """What a customer or a till does to an offer: the states it may be in before, the state after, slots taken."""

    ACTIVATE = ((OfferState.OFFERED,), OfferState.ACTIVATED, 0)
    RESERVE = ((OfferState.ACTIVATED,), OfferState.RESERVED, 0)
    REDEEM = ((OfferState.ACTIVATED, OfferState.RESERVED), OfferState.REDEEMED, 1)


def touch(store: Store, customer_id: str, offer_id: str, mark: Touch, now: datetime) -> bool:
    """Mark one offer of the bundle that the customer has at this moment, and render their view again.

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


def _one(found: Any) -> Any:
    return and_(offers.c.bundle_no == found.bundle_no, offers.c.slot == found.slot)
