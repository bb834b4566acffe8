"""Removing what nobody needs any more, in short transactions that no till notices.

How long rows last each table declares itself (`engine.store.schema.customer_data`). What was touched is never removed: it
is the ledger of what customers were promised and took. Rows of `runs` stay too, with their manifests: they are the
history of nights.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, func, or_, select

from engine.store.database.store import Store
from engine.store.nights.published_products import drop_products
from engine.store.schema import (
    STAGED,
    SUPERSEDED,
    WITHDRAWN,
    bundles,
    metadata,
    moment_us,
    of_run,
    runs,
)
from engine.store.schema.access_tables import events
from engine.store.schema.customer_data import Clock, PartOf, Until, lasts_of, parts_of, whose

_CHUNK = 5_000


@dataclass(frozen=True)
class PrunableRun:
    """How many bundles of a run can be removed."""

    run_no: int
    run_id: str
    bundles: int


def discard_staged(store: Store) -> tuple[str, ...]:
    """Remove what killed nights left staged; call it at the start of a night, while no other one runs.

    Returns the ids of the discarded runs; they can begin again under the same attempt.
    """
    with store.reading() as connection:
        left = connection.execute(
            select(runs.c.run_no, runs.c.run_id).where(runs.c.state == STAGED).order_by(runs.c.run_no)
        ).all()
    for run_no, _ in left:
        _remove(store, of_run(bundles.c.bundle_no, run_no))
        drop_products(store, run_no)
        with store.writing() as connection:
            connection.execute(delete(runs).where(runs.c.run_no == run_no))
    return tuple(run_id for _, run_id in left)


def prunable(store: Store, *, keep: Collection[str], ended_by: datetime) -> tuple[PrunableRun, ...]:
    """Count what `prune_bundles` would remove, by run, the oldest first.

    That is the untouched bundles, of runs other than `keep`, which were replaced or rolled back or whose window
    ended by `ended_by`.
    """
    with store.reading() as connection:
        rows = connection.execute(
            select(runs.c.run_no, runs.c.run_id, func.count())
            .join(bundles, bundles.c.run_no == runs.c.run_no)
            .where(runs.c.state != STAGED, _not_needed(ended_by), runs.c.run_id.not_in(keep))
            .group_by(runs.c.run_no, runs.c.run_id)
            .order_by(runs.c.run_no)
        ).all()
    return tuple(PrunableRun(*row) for row in rows)


def prune_bundles(store: Store, run: PrunableRun, *, ended_by: datetime) -> None:
    """Remove what `prunable` counted of a run; it may be interrupted and repeated."""
    not_needed = (
        select(runs.c.run_no).where(runs.c.run_no == bundles.c.run_no, _not_needed(ended_by)).exists()
    )
    _remove(store, and_(of_run(bundles.c.bundle_no, run.run_no), not_needed))


def forget_ended(store: Store, clock: Clock, *, before: datetime) -> int:
    """Remove rows that ended before a moment of a clock, in short transactions; returns how many.

    What is part of them goes with them by its foreign key.
    """
    gone = 0
    for table in metadata.sorted_tables:
        lasts = None if isinstance(whose(table), PartOf) else lasts_of(table)
        if isinstance(lasts, Until) and lasts.clock is clock:
            gone += _forget(store, table, table.c[lasts.column] < moment_us(before))
    return gone


def old_events(store: Store, *, before: datetime) -> int:
    """Count what `forget_events` would remove."""
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(events).where(_old(before))).scalar_one()


def forget_events(store: Store, *, before: datetime) -> int:
    """Remove events that reached us before a moment of the shop's clock; returns how many.

    The last one that has a place in the feed stays, so that readers go on from theirs.
    """
    return _forget(store, events, _old(before))


def _old(before: datetime) -> ColumnElement[bool]:
    placed = events.alias()
    last = select(func.max(placed.c.feed_no)).scalar_subquery()
    return and_(events.c.at_us < moment_us(before), or_(events.c.feed_no.is_(None), events.c.feed_no < last))


def _forget(store: Store, table: Table, ended: ColumnElement[bool]) -> int:
    key = list(table.primary_key)
    one = delete(table).where(and_(*(column == bindparam(f"its_{column.name}") for column in key)))
    gone = 0
    while True:
        with store.writing() as connection:
            found = connection.execute(select(*key).where(ended).limit(_CHUNK)).all()
            if found:
                names = [f"its_{column.name}" for column in key]
                connection.execute(one, [dict(zip(names, row, strict=True)) for row in found])
        gone += len(found)
        if len(found) < _CHUNK:
            return gone


def _not_needed(ended_by: datetime) -> ColumnElement[bool]:
    return and_(
        bundles.c.touched_us.is_(None),
        or_(runs.c.state.in_((SUPERSEDED, WITHDRAWN)), bundles.c.valid_to_us <= moment_us(ended_by)),
    )


def _remove(store: Store, which: ColumnElement[bool]) -> None:
    while True:
        with store.writing() as connection:
            numbers = select(bundles.c.bundle_no).where(which).order_by(bundles.c.bundle_no).limit(_CHUNK)
            found = connection.execute(numbers).scalars().all()
            if not found:
                return
            # The chunk is one range of the key; what stays within it (touched bundles) is spared by name.
            inside = and_(bundles.c.bundle_no.between(found[0], found[-1]), which)
            chosen = select(bundles.c.bundle_no).where(inside)
            for table in parts_of(bundles):
                connection.execute(delete(table).where(table.c.bundle_no.in_(chosen)))
            connection.execute(delete(bundles).where(inside))
