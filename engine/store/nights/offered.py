"""Which night, bundle and item an offer belongs to, as the customer sees it at a moment, or by the bundle's number."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, select

from engine.store.schema import bundles, counts, moment_us, offers, runs


class Offered(NamedTuple):
    """Where an offer comes from; None what is not known, or not theirs."""

    run_id: str | None
    bundle_id: str | None
    item_id: str | None


class Origin(NamedTuple):
    """The night and the bundle of an offer; both None for a favourite, which the customer chose."""

    run_id: str | None = None
    bundle_id: str | None = None


def origins_of(connection: Connection, bundle_nos: Collection[int]) -> dict[int, Origin]:
    """The night and the bundle by the bundle's number."""
    rows = connection.execute(
        select(bundles.c.bundle_no, runs.c.run_id, bundles.c.bundle_id)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(bundles.c.bundle_no.in_(bundle_nos))
    )
    return {row.bundle_no: Origin(row.run_id, row.bundle_id) for row in rows}


def offered_to(connection: Connection, customer_id: str, offer_id: str | None, now: datetime) -> Offered:
    """The customer's bundle of this moment, and the item of its offer if that is one of its own.

    Of several bundles the one with that offer, else the last one.
    """
    moment_now = moment_us(now)
    row = connection.execute(
        select(runs.c.run_id, bundles.c.bundle_id, offers.c.item_id)
        .join(bundles, bundles.c.run_no == runs.c.run_no)
        .outerjoin(offers, and_(offers.c.bundle_no == bundles.c.bundle_no, offers.c.offer_id == offer_id))
        .where(
            bundles.c.customer_id == customer_id,
            bundles.c.valid_from_us <= moment_now,
            bundles.c.valid_to_us > moment_now,
            counts(),
        )
        .order_by(offers.c.item_id.is_(None), bundles.c.bundle_no.desc())
    ).first()
    return Offered(None, None, None) if row is None else Offered(*row)
