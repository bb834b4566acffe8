"""What the store knows of an experiment's customers for a report: their arms, what they were given and what they redeemed."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from engine.domain.contacts import Found
from engine.store.database.store import Store
from engine.store.schema import STAGED, bundles, counts, moment, moment_us, runs
from engine.store.schema.access_tables import events
from engine.store.schema.checkout_tables import redemption_lines, redemptions
from engine.store.schema.contact_tables import contacts
from engine.store.schema.experiment_tables import assignments

_CHUNK = 10_000
_REACHED_BY = ("shown", "opened", "activated", "reserved", "redeemed")


class Member(NamedTuple):
    """A customer as an experiment saw them first; `unit` is the name under which they were drawn."""

    customer_id: str
    unit: str
    arm: str
    seen: datetime
    crossed: bool


class RedeemedSum(NamedTuple):
    """What a customer redeemed in a period and did not bring back."""

    customer_id: str
    baskets: int
    discount_minor: int


def members_of(store: Store, number: int) -> Iterator[Member]:
    """Stream everybody of an experiment who was not erased."""
    one = assignments.c
    query = select(one.customer_id, one.unit_id, one.arm, one.seen_us, one.crossed).where(
        one.experiment_no == number, one.customer_id.is_not(None)
    )
    with store.reading() as connection:
        rows = connection.execution_options(yield_per=_CHUNK).execute(query)
        for customer, unit, arm, seen, crossed in rows:
            yield Member(customer, unit or customer, arm, moment(seen), crossed is not None)


def redeemed_between(store: Store, since: datetime, until: datetime) -> Iterator[RedeemedSum]:
    """Stream what each customer redeemed in `[since, until)`, offers and favourites."""
    query = (
        select(
            redemptions.c.customer_id,
            func.count(redemptions.c.redemption_no.distinct()),
            func.sum(redemption_lines.c.discount_minor),
        )
        .join(redemption_lines, redemption_lines.c.redemption_no == redemptions.c.redemption_no)
        .where(redemptions.c.redeemed_us >= moment_us(since), redemptions.c.redeemed_us < moment_us(until))
        .where(redemption_lines.c.rollback_no.is_(None))
        .group_by(redemptions.c.customer_id)
    )
    with store.reading() as connection:
        for customer, baskets, discount in connection.execution_options(yield_per=_CHUNK).execute(query):
            yield RedeemedSum(customer, int(baskets), int(discount))


def served_between(store: Store, since: datetime, until: datetime) -> set[str]:
    """Customers with a bundle of a night in `[since, until)`."""
    query = (
        select(bundles.c.customer_id)
        .distinct()
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(runs.c.state != STAGED, counts())
        .where(runs.c.as_of_us >= moment_us(since), runs.c.as_of_us < moment_us(until))
    )
    with store.reading() as connection:
        return set(connection.execute(query).scalars())


def reached_between(store: Store, since: datetime, until: datetime) -> set[str]:
    """Customers of whom the app or a till told in `[since, until)` that an offer was seen, activated or used."""
    query = (
        select(events.c.customer_id)
        .distinct()
        .where(
            events.c.kind.in_(_REACHED_BY),
            events.c.bundle_id.is_not(None),
            events.c.customer_id.is_not(None),
            events.c.at_us >= moment_us(since),
            events.c.at_us < moment_us(until),
        )
    )
    with store.reading() as connection:
        return set(connection.execute(query).scalars())


def complaints_between(store: Store, since: datetime, until: datetime) -> list[tuple[str, datetime]]:
    """Customers of whom a contact in `[since, until)` found a complaint, and when."""
    query = select(contacts.c.customer_id, contacts.c.contacted_us).where(
        contacts.c.found == Found.COMPLAINT.value,
        contacts.c.contacted_us >= moment_us(since),
        contacts.c.contacted_us < moment_us(until),
    )
    with store.reading() as connection:
        return [(customer, moment(at)) for customer, at in connection.execute(query)]
