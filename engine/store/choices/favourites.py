"""The favourite product: what a customer chose and when, and the part of the JSON that a login reads.

Every change is written together with that part, for each stretch of time that it describes: what a login shows after
the next local day start is there before. A choice takes its expected cost from the favourite's budget line by one
conditional update, so that choices made in parallel cannot overspend it.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select, update

from engine.domain.customer_view import favourite_part, withdrawn_favourite_part
from engine.domain.favourite_promise import Promise, PromisedFavourite, promises_at
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store, insert_rows, insert_unless_there
from engine.store.nights.recalls import recalls_in_force
from engine.store.nights.run_records import Run
from engine.store.schema import moment, moment_us
from engine.store.schema.checkout_tables import redemption_lines, redemptions
from engine.store.schema.favourite_tables import favourite_lines, favourite_views, favourites, suggestions

# Whose suggestions are for customers without any of their own; no customer has an empty id.
EVERYBODY = ""
# What is told of a customer beside their list: then the text is an object of these.
PICKS, OF_AGE = "items", "of_age"
_CHUNK = 20_000


class Suggestions(NamedTuple):
    """What a night advises to pick: lists of product ids, the likeliest first."""

    known: bool  # the night has seen the customer
    allowed: bool  # false for one who is known to have refused
    own: tuple[str, ...]
    popular: tuple[str, ...]
    of_age: frozenset[str] = (
        frozenset()
    )  # flags of goods with a legal age for which they are known to be old enough


class Chosen(NamedTuple):
    """A choice to be written: what is promised, and the n-th of the customer's choices of that local day."""

    favourite: PromisedFavourite
    local_day: date
    choice_no: int
    arm: str


def history_of(store: Store, customer_id: str) -> tuple[PromisedFavourite, ...]:
    """Every favourite the customer ever had, in the order of choosing."""
    query = (
        select(favourites).where(favourites.c.customer_id == customer_id).order_by(favourites.c.favourite_no)
    )
    with store.reading() as connection:
        return tuple(_favourite(row) for row in connection.execute(query))


def add_favourite(store: Store, customer_id: str, chosen: Chosen) -> None:
    """Write a new favourite; a second choice with the same number breaks a unique key (IntegrityError)."""
    made, promise = chosen.favourite, chosen.favourite.promise
    with store.writing(customer_id) as connection:
        connection.execute(
            insert(favourites).values(
                favourite_id=promise.id,
                customer_id=customer_id,
                item_id=promise.item_id,
                name=made.name,
                price_minor=made.price_minor,
                discount_bp=made.discount_bp,
                max_units=made.max_units,
                set_us=moment_us(promise.chosen_at),
                set_on=chosen.local_day,
                choice_no=chosen.choice_no,
                effective_from_us=moment_us(promise.effective_from),
                valid_to_us=moment_us(promise.valid_to),
                arm=chosen.arm,
                expected_cost_milli=promise.expected_cost_milli,
            )
        )


def end_favourite(store: Store, customer_id: str, promise: Promise) -> None:
    """Write a favourite's earlier end and what its shorter window is expected to cost."""
    with store.writing(customer_id) as connection:
        connection.execute(
            update(favourites)
            .where(favourites.c.favourite_id == promise.id)
            .values(valid_to_us=moment_us(promise.valid_to), expected_cost_milli=promise.expected_cost_milli)
        )


def render_favourites(store: Store, customer_id: str, now: datetime, currency: str) -> None:
    """Write what logins of the customer show from now on: what is in effect, then what follows.

    While the product of one is recalled, its place is taken by the reason.
    """
    with store.writing(customer_id) as connection:
        history = {one.promise.id: one for one in history_of(store, customer_id)}
        found = promises_at([one.promise for one in history.values()], now)
        connection.execute(delete(favourite_views).where(favourite_views.c.customer_id == customer_id))
        recalled, parts = recalls_in_force(connection, now), dict[int, bytes]()
        for promise in (found.current, found.upcoming):
            if promise is None:
                continue
            made, ends_us = history[promise.id], moment_us(promise.valid_to)
            recall = recalled.get(promise.item_id)
            if recall is not None:
                until_us = ends_us if recall.until is None else min(moment_us(recall.until), ends_us)
                if until_us > max(parts, default=0):
                    parts[until_us] = withdrawn_favourite_part(promise, name=made.name, reason=recall.reason)
                if until_us == ends_us:
                    continue
            parts[ends_us] = favourite_part(
                promise,
                name=made.name,
                price_minor=made.price_minor,
                discount_bp=made.discount_bp,
                max_units=made.max_units,
                currency=currency,
            )
        for ends_us, body in parts.items():
            connection.execute(
                insert(favourite_views).values(customer_id=customer_id, valid_to_us=ends_us, body=body)
            )


def suggestions_of(store: Store, run_no: int, customer_id: str) -> Suggestions:
    """What a night advised a customer to pick, and what it advised everybody else."""
    query = select(suggestions.c.customer_id, suggestions.c["items"]).where(
        suggestions.c.run_no == run_no, suggestions.c.customer_id.in_((customer_id, EVERYBODY))
    )
    with store.reading() as connection:
        found = {row.customer_id: json.loads(row.items) for row in connection.execute(query)}
    told = found.get(customer_id)
    known, of_age = customer_id in found, frozenset[str]()
    if isinstance(told, dict):
        known, of_age, told = PICKS in told, frozenset(told[OF_AGE]), told.get(PICKS)
    return Suggestions(known, told is not None, tuple(told or ()), tuple(found.get(EVERYBODY, ())), of_age)


def stage_suggestions(store: Store, run: Run, rows: Iterable[tuple[str, str]]) -> None:
    """Append suggestions (customer_id, JSON) to a staged run; EVERYBODY's are for those without their own.

    The JSON is a list of product ids, null for who must not be advised, or an object with that as PICKS (absent for whom the
    night has not seen) and OF_AGE, a list of flags.
    """
    rest = iter(rows)
    while chunk := tuple(islice(rest, _CHUNK)):
        with store.writing() as connection:
            insert_rows(connection, suggestions, ((run.run_no, *row) for row in chunk))


def take_from_line(store: Store, starts: datetime, cost_milli: int, amount_milli: int) -> bool:
    """Plan a favourite's expected cost in the period that began then; False if it has no room left for it."""
    line = favourite_lines.c
    with store.writing() as connection:
        insert_unless_there(connection, favourite_lines, {"starts_us": moment_us(starts), "planned_milli": 0})
        taken = connection.execute(
            update(favourite_lines)
            .where(line.starts_us == moment_us(starts), line.planned_milli + cost_milli <= amount_milli)
            .values(planned_milli=line.planned_milli + cost_milli)
        )
        return bool(taken.rowcount)


def give_back(store: Store, starts: datetime, cost_milli: int) -> None:
    """Take from a period what favourites that ended early will not cost."""
    line = favourite_lines.c
    with store.writing() as connection:
        connection.execute(
            update(favourite_lines)
            .where(line.starts_us == moment_us(starts))
            .values(planned_milli=line.planned_milli - cost_milli)
        )


def planned_milli(store: Store, starts: datetime) -> int:
    """What the favourites of the period that began then are expected to cost, thousandths of a minor unit."""
    query = select(favourite_lines.c.planned_milli).where(favourite_lines.c.starts_us == moment_us(starts))
    with store.reading() as connection:
        return int(connection.execute(query).scalar() or 0)


def favourites_between(
    store: Store, customer_ids: Sequence[str], starts: datetime, ends: datetime
) -> list[tuple[str, str]]:
    """Customer and item of the favourites that count at some moment of `[starts, ends)`, in that order."""
    found: set[tuple[str, str]] = set()
    with store.reading() as connection:
        for names in in_lists(customer_ids):
            query = select(favourites.c.customer_id, favourites.c.item_id).where(
                favourites.c.customer_id.in_(names),
                favourites.c.effective_from_us < moment_us(ends),
                favourites.c.valid_to_us > moment_us(starts),
                favourites.c.valid_to_us > favourites.c.effective_from_us,
            )
            found |= {(row.customer_id, row.item_id) for row in connection.execute(query)}
    return sorted(found)


def favourites_at(store: Store, moment_: datetime) -> int:
    """How many customers have a favourite that counts at a moment."""
    at = moment_us(moment_)
    query = select(func.count()).where(favourites.c.effective_from_us <= at, favourites.c.valid_to_us > at)
    with store.reading() as connection:
        return int(connection.execute(query).scalar_one())


def sold_as_favourites(store: Store, starts: datetime, ends: datetime) -> int:
    """Discount given on favourites at tills in `[starts, ends)`, minor units, less what was rolled back."""
    query = (
        select(func.coalesce(func.sum(redemption_lines.c.discount_minor), 0))
        .join(redemptions, redemptions.c.redemption_no == redemption_lines.c.redemption_no)
        .where(
            redemption_lines.c.favourite_no.is_not(None),
            redemption_lines.c.rollback_no.is_(None),
            redemptions.c.redeemed_us >= moment_us(starts),
            redemptions.c.redeemed_us < moment_us(ends),
        )
    )
    with store.reading() as connection:
        return int(connection.execute(query).scalar_one())


def units_of_ended_favourites(store: Store, starts: datetime, ends: datetime) -> int | None:
    """Mean thousandths of units sold by favourites that ran out in `[starts, ends)`; None where there was none."""
    sold = (
        select(func.sum(redemption_lines.c.units_milli))
        .where(
            redemption_lines.c.favourite_no == favourites.c.favourite_no,
            redemption_lines.c.rollback_no.is_(None),
        )
        .scalar_subquery()
    )
    query = select(func.count(), func.sum(func.coalesce(sold, 0))).where(
        favourites.c.valid_to_us >= moment_us(starts),
        favourites.c.valid_to_us < moment_us(ends),
        favourites.c.valid_to_us > favourites.c.effective_from_us,
    )
    with store.reading() as connection:
        number, units = connection.execute(query).one()
    return int(units) // number if number else None


def _favourite(row: Any) -> PromisedFavourite:
    promise = Promise(
        id=row.favourite_id,
        item_id=row.item_id,
        chosen_at=moment(row.set_us),
        effective_from=moment(row.effective_from_us),
        valid_to=moment(row.valid_to_us),
        expected_cost_milli=row.expected_cost_milli,
    )
    return PromisedFavourite(promise, row.name, row.price_minor, row.discount_bp, row.max_units)
