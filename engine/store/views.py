"""What a login reads: one ready-made JSON body for a customer, in one statement."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from engine.store.connect import Store
from engine.store.schema import PUBLISHED, bundles, counts, moment, moment_us, runs, views


class StoredView(NamedTuple):
    """A customer's body and the cut of the data it was made from."""

    body: bytes
    as_of: datetime


# At most one bundle counts at a moment; the order only makes the statement's answer certain.
_VIEW = (
    select(views.c.body, runs.c.as_of_us)
    .join(bundles, bundles.c.bundle_no == views.c.bundle_no)
    .join(runs, runs.c.run_no == bundles.c.run_no)
    .where(
        bundles.c.customer_id == bindparam("customer_id", ""),
        bundles.c.valid_from_us <= bindparam("now_us", 0),
        views.c.valid_to_us > bindparam("now_us", 0),
        counts(),
    )
    .order_by(bundles.c.bundle_no.desc())
    .limit(1)
)
_AS_OF = select(runs.c.as_of_us).where(runs.c.state == PUBLISHED).order_by(runs.c.publish_no.desc()).limit(1)


def view_of(store: Store, customer_id: str, now: datetime) -> StoredView | None:
    """The body a customer sees at a moment, or None: unknown, held out, not yet begun or ended all look alike.

    Raises StoreUnreachable.
    """
    row = store.point_read(_VIEW, customer_id=customer_id, now_us=moment_us(now))
    return None if row is None else StoredView(row[0], moment(row[1]))


def current_as_of(store: Store) -> datetime | None:
    """The data's cut of the current run; None before the first night. Raises StoreUnreachable."""
    row = store.point_read(_AS_OF)
    return None if row is None else moment(row[0])


def customers_with_offers(store: Store, now: datetime, *, limit: int) -> tuple[str, ...]:
    """Some customers who have offers at a moment, always the same ones: the demo page's examples."""
    moment_now = moment_us(now)
    query = (
        select(bundles.c.customer_id)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(bundles.c.valid_from_us <= moment_now, bundles.c.valid_to_us > moment_now, counts())
        .order_by(func.length(bundles.c.customer_id), bundles.c.customer_id)
        .limit(limit)
    )
    with store.reading() as connection:
        return tuple(connection.execute(query).scalars())
