"""What the store knows of an experiment's customers for a report: their arms, what they were given and what they redeemed.

A report asks for the customers of one bucket at a time, so that it never holds those of a whole shop.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select

from engine.domain.contacts import Found
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store
from engine.store.schema import STAGED, bundles, counts, moment, moment_us, runs
from engine.store.schema.access_tables import events
from engine.store.schema.checkout_tables import redemption_lines, redemptions
from engine.store.schema.contact_tables import contacts
from engine.store.schema.experiment_tables import assignments
from engine.store.schema.funding_tables import funded_lines

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
    with store.reading() as connection:
        rows = connection.execution_options(yield_per=_CHUNK).execute(_members(number))
        yield from map(_member, rows)


def members_among(store: Store, number: int, customer_ids: Collection[str]) -> list[Member]:
    """Those of these customers who are in an experiment."""
    return [_member(row) for row in _asked(store, _members(number), assignments.c.customer_id, customer_ids)]


def _members(number: int) -> Select[Any]:
    one = assignments.c
    return select(one.customer_id, one.unit_id, one.arm, one.seen_us, one.crossed).where(
        one.experiment_no == number, one.customer_id.is_not(None)
    )


def _member(row: Any) -> Member:
    customer, unit, arm, seen, crossed = row
    return Member(customer, unit or customer, arm, moment(seen), crossed is not None)


def redeemed_between(
    store: Store, customer_ids: Collection[str], since: datetime, until: datetime
) -> list[RedeemedSum]:
    """What each of these customers redeemed in `[since, until)`, offers and favourites."""
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
    found = _asked(store, query, redemptions.c.customer_id, customer_ids)
    return [RedeemedSum(customer, int(baskets), int(discount)) for customer, baskets, discount in found]


def funded_between(
    store: Store, customer_ids: Collection[str], since: datetime, until: datetime
) -> list[tuple[str, datetime, int]]:
    """What suppliers pay, minor units, of what these customers redeemed in `[since, until)` and did not bring back, and when."""
    query = (
        select(redemptions.c.customer_id, redemptions.c.redeemed_us, func.sum(funded_lines.c.funded_minor))
        .join(funded_lines, funded_lines.c.redemption_no == redemptions.c.redemption_no)
        .join(
            redemption_lines,
            and_(
                redemption_lines.c.redemption_no == funded_lines.c.redemption_no,
                redemption_lines.c.line_no == funded_lines.c.line_no,
            ),
        )
        .where(redemptions.c.redeemed_us >= moment_us(since), redemptions.c.redeemed_us < moment_us(until))
        .where(redemption_lines.c.rollback_no.is_(None))
        .group_by(redemptions.c.redemption_no, redemptions.c.customer_id, redemptions.c.redeemed_us)
    )
    found = _asked(store, query, redemptions.c.customer_id, customer_ids)
    return [(customer, moment(at), int(minor)) for customer, at, minor in found]


def served_between(
    store: Store, customer_ids: Collection[str], since: datetime, until: datetime
) -> frozenset[str]:
    """Those of these customers with a bundle of a night in `[since, until)`."""
    query = (
        select(bundles.c.customer_id)
        .distinct()
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(runs.c.state != STAGED, counts())
        .where(runs.c.as_of_us >= moment_us(since), runs.c.as_of_us < moment_us(until))
    )
    return frozenset(row[0] for row in _asked(store, query, bundles.c.customer_id, customer_ids))


def reached_between(
    store: Store, customer_ids: Collection[str], since: datetime, until: datetime
) -> frozenset[str]:
    """Those of these customers of whom the app or a till told in `[since, until)` that an offer was seen, activated or used."""
    query = (
        select(events.c.customer_id)
        .distinct()
        .where(
            events.c.kind.in_(_REACHED_BY),
            events.c.bundle_id.is_not(None),
            events.c.at_us >= moment_us(since),
            events.c.at_us < moment_us(until),
        )
    )
    return frozenset(row[0] for row in _asked(store, query, events.c.customer_id, customer_ids))


def complaints_between(
    store: Store, customer_ids: Collection[str], since: datetime, until: datetime
) -> list[tuple[str, datetime]]:
    """Those of these customers of whom a contact in `[since, until)` found a complaint, and when."""
    query = select(contacts.c.customer_id, contacts.c.contacted_us).where(
        contacts.c.found == Found.COMPLAINT.value,
        contacts.c.contacted_us >= moment_us(since),
        contacts.c.contacted_us < moment_us(until),
    )
    found = _asked(store, query, contacts.c.customer_id, customer_ids)
    return [(customer, moment(at)) for customer, at in found]


def _asked(
    store: Store, query: Select[Any], whose: ColumnElement[Any], customer_ids: Collection[str]
) -> list[Any]:
    """The rows of a question for these customers alone."""
    with store.reading() as connection:
        return [
            row
            for some in in_lists(sorted(customer_ids))
            for row in connection.execute(query.where(whose.in_(some)))
        ]
