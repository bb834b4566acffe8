"""A set that a customer draws of their pool, written with everything that follows from it."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, literal, select, update

from engine.domain.bundle import OfferState
from engine.domain.claim_rules import Drawn, How
from engine.domain.offer_errors import Refused
from engine.store.database.store import insert_unless_there
from engine.store.nights.bundle_bodies import render_bundle
from engine.store.nights.claimed_sets import PoolNow
from engine.store.schema import bundles, moment_us, offers
from engine.store.schema.pool_tables import drawn_offers, draws, pool_offers

_COPIED = (
    "bundle_no",
    "slot",
    "offer_id",
    "item_id",
    "kind",
    "discount_bp",
    "price_minor",
    "max_units",
    "reason",
    "p_buy",
    "propensity",
    "expected_cost_milli",
)


def keep_set(
    connection: Connection,
    pool: PoolNow,
    drawn: Drawn,
    *,
    now: datetime,
    day_ends: datetime,
    ends: datetime,
) -> None:
    """Let a set be what counts from now on: the customer has touched the bundle, and its offers are promised to them.

    Raises:
        Refused: set_outdated, another set with the same number was drawn meanwhile; nothing was written.
    """
    row = {
        "bundle_no": pool.bundle_no,
        "draw_no": drawn.draw_no,
        "how": drawn.how.value,
        "local_day": drawn.day,
        "drawn_us": moment_us(now),
        "day_ends_us": moment_us(day_ends),
        "ends_us": moment_us(ends),
    }
    if not insert_unless_there(connection, draws, row):
        raise Refused("set_outdated", "Another set is shown meanwhile; look at it first.")
    connection.execute(
        insert(drawn_offers),
        [{"bundle_no": pool.bundle_no, "draw_no": drawn.draw_no, "slot": slot} for slot in drawn.slots],
    )
    _promise(connection, pool, drawn, now)
    before = 0 if pool.last is None or drawn.how is How.CLAIM else len(pool.last.drawn.slots)
    connection.execute(
        update(bundles)
        .where(bundles.c.bundle_no == pool.bundle_no)
        .values(
            slots_total=bundles.c.slots_total + max(len(drawn.slots) - before, 0),
            touched_us=func.coalesce(bundles.c.touched_us, moment_us(now)),
        )
    )
    render_bundle(connection, pool.bundle_no, now)


def _promise(connection: Connection, pool: PoolNow, drawn: Drawn, now: datetime) -> None:
    """Offers that were never drawn before become offers like any others."""
    there = select(offers.c.slot).where(
        offers.c.bundle_no == pool_offers.c.bundle_no, offers.c.slot == pool_offers.c.slot
    )
    new = select(
        *(pool_offers.c[name] for name in _COPIED),
        literal(OfferState.ACTIVATED.value),
        literal(moment_us(now)),
    ).where(
        pool_offers.c.bundle_no == pool.bundle_no,
        pool_offers.c.slot.in_(drawn.slots),
        ~there.exists(),
    )
    connection.execute(insert(offers).from_select([*_COPIED, "state", "touched_us"], new))
