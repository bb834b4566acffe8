"""Offers that another engine made to customers of its arm: imported once each, read for a report."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from engine.store.access.customer_erasure import erased_among
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store, insert_new_ones
from engine.store.schema import moment, moment_us
from engine.store.schema.experiment_tables import foreign_offers


class ForeignOffer(NamedTuple):
    """One offer, valid in `[valid_from, valid_to)`; `shown` and `used` are None where nobody told."""

    customer_id: str
    product_id: str
    discount_bp: int
    valid_from: datetime
    valid_to: datetime
    shown: bool | None = None
    used: bool | None = None


def keep_foreign_offers(connection: Connection, number: int, given: Sequence[ForeignOffer]) -> int:
    """Write those that are new, in the caller's transaction; returns how many. Nothing is written of who was erased."""
    gone = erased_among(connection, {one.customer_id for one in given})
    rows = [
        {
            "experiment_no": number,
            "customer_id": one.customer_id,
            "product_id": one.product_id,
            "discount_bp": one.discount_bp,
            "valid_from_us": moment_us(one.valid_from),
            "valid_to_us": moment_us(one.valid_to),
            "shown": one.shown,
            "used": one.used,
        }
        for one in given
        if one.customer_id not in gone
    ]
    return insert_new_ones(connection, foreign_offers, rows)


def foreign_offers_of(
    store: Store, number: int, customer_ids: Collection[str], since: datetime, until: datetime
) -> Iterator[ForeignOffer]:
    """What these customers had of an experiment's other engine within `[since, until)`."""
    one = foreign_offers.c
    query = select(
        one.customer_id,
        one.product_id,
        one.discount_bp,
        one.valid_from_us,
        one.valid_to_us,
        one.shown,
        one.used,
    ).where(
        one.experiment_no == number, one.valid_from_us < moment_us(until), one.valid_to_us > moment_us(since)
    )
    with store.reading() as connection:
        for some in in_lists(sorted(customer_ids)):
            for customer, product, depth, starts, ends, shown, used in connection.execute(
                query.where(one.customer_id.in_(some))
            ):
                yield ForeignOffer(customer, product, depth, moment(starts), moment(ends), shown, used)
