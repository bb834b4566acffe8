"""A customer's data in the store: all of it in one answer, and all of it gone in one transaction.

Which rows those are, and what becomes of them, each table declares itself (`engine.store.schema.customer_data`). What they
redeemed stays, because the money was given: under a random name, with new names for bundle, offers and favourite, which
were derived from their id. What was told of them stays as counts of nobody. Everything else is removed. The row in
`erasures` is their tombstone: nothing is written for them, told of them or offered to them while it names them; it
forgets them once the workspace has none of their data either (`abonement erase`, and every night before it begins).
"""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store
from engine.store.schema import bundles, metadata, moment, moment_us, runs
from engine.store.schema.access_tables import erasures
from engine.store.schema.checkout_tables import redemptions
from engine.store.schema.customer_data import (
    Erasure,
    OfNobody,
    PartOf,
    erasure_of,
    handed_out,
    names_at_end,
    names_whole,
    parent_of,
    whose,
)
from engine.store.schema.pool_tables import made_by_night

_NOBODY = "erased-"  # how pseudonyms begin; a shop's own ids may, too


class Erased(NamedTuple):
    """What became of a customer's rows."""

    removed: int
    kept: int  # redemptions, under the pseudonym


def erase_customer(connection: Connection, customer_id: str, *, now: datetime) -> Erased:
    """Remove a customer from the store, in the caller's transaction; erasing them again finds nothing more."""
    _overwrite_what_goes(connection)
    pseudonym = f"{_NOBODY}{secrets.token_hex(12)}"
    if customer_id not in erased_among(connection, {customer_id}):
        connection.execute(
            insert(erasures).values(customer_id=customer_id, pseudonym=pseudonym, asked_us=moment_us(now))
        )
    theirs = [table for table in metadata.sorted_tables if erasure_of(table) not in {None, Erasure.TOMBSTONE}]
    _count_down_runs(connection, customer_id)
    removed = 0
    for table in reversed(theirs):  # parts before what they are part of
        removed += connection.execute(delete(table).where(_gone(table, customer_id))).rowcount
    names = dict[str, str]()
    for table in theirs:
        _renew_names(connection, table, customer_id, names)
    kept = {table: _disown(connection, table, customer_id, pseudonym) for table in reversed(theirs)}
    removed += sum(count for table, count in kept.items() if erasure_of(table) is Erasure.COUNTED)
    return Erased(removed, kept[redemptions])


def erased_among(connection: Connection, customer_ids: Collection[str]) -> set[str]:
    """Those of the customers who have a tombstone."""
    found: set[str] = set()
    for names in in_lists(sorted(customer_ids)):
        query = select(erasures.c.customer_id).where(erasures.c.customer_id.in_(names))
        found.update(connection.execute(query).scalars())
    return found


def is_pseudonym(connection: Connection, customer_id: str) -> bool:
    """Whether nobody has this id: what an erased customer was given is kept under it, and may come back, but not be used."""
    if not customer_id.startswith(_NOBODY):
        return False
    query = select(erasures.c.erasure_no).where(erasures.c.pseudonym == customer_id)
    return connection.execute(query.limit(1)).first() is not None


def all_erased(connection: Connection) -> set[str]:
    """All customers who have a tombstone: few, because each is there only until the next night."""
    return set(
        connection.execute(select(erasures.c.customer_id).where(erasures.c.done_us.is_(None))).scalars()
    )


def waiting_erasures(store: Store) -> tuple[str, ...]:
    """Customers who are gone from the store and not yet from the workspace."""
    query = select(erasures.c.customer_id).where(erasures.c.done_us.is_(None)).order_by(erasures.c.erasure_no)
    with store.reading() as connection:
        return tuple(connection.execute(query).scalars())


def finish_erasures(store: Store, customer_ids: Iterable[str], *, now: datetime) -> None:
    """Forget who they were: nothing of them is left in the workspace either."""
    with store.writing() as connection:
        _overwrite_what_goes(connection)
        for customer_id in customer_ids:
            done = update(erasures).where(erasures.c.customer_id == customer_id)
            connection.execute(done.values(customer_id=None, done_us=moment_us(now)))
    store.empty_log()


def data_of(connection: Connection, customer_id: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of the store that is about a customer, by table, with moments as ISO text.

    Keys of our own numbering and the ready-made JSON bodies, which repeat the rest, are left out.
    """
    return {
        name: _rows(connection, table, customer_id)
        for name, table in sorted(metadata.tables.items())
        if handed_out(table)
    }


def rows_of(table: Table, customer_id: str) -> ColumnElement[bool]:
    """True for the rows of a table that are about a customer, themselves or through what they are part of."""
    if isinstance(whose(table), PartOf):
        link, there = parent_of(table)
        return link.in_(select(there).where(rows_of(there.table, customer_id)))
    whole = [column == customer_id for column in table.c if names_whole(column)]
    at_end = [
        column.endswith(f"/{customer_id}", autoescape=True) for column in table.c if names_at_end(column)
    ]
    return or_(*whole, *at_end)


def _overwrite_what_goes(connection: Connection) -> None:
    """Let SQLite write zeros over deleted content on this connection; PostgreSQL's vacuum takes dead rows away."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def _gone(table: Table, customer_id: str) -> ColumnElement[bool]:
    """True for the rows that an erasure removes."""
    mark = whose(table)
    if isinstance(mark, PartOf) and mark.erased is None:
        link, there = parent_of(table)
        return link.in_(select(there).where(_gone(there.table, customer_id)))
    if isinstance(mark, OfNobody) or mark.erased is not Erasure.REMOVED:
        return false()
    theirs = rows_of(table, customer_id)
    if isinstance(mark, PartOf) or mark.unless_given is None:
        return theirs
    ledger, _, name = mark.unless_given.partition(".")
    given_from = metadata.tables[ledger].c[name]
    given = select(given_from).where(given_from.is_not(None), rows_of(given_from.table, customer_id))
    (key,) = table.primary_key
    return and_(theirs, key.not_in(given))


def _count_down_runs(connection: Connection, customer_id: str) -> None:
    """Take bundles that will go, and their offers, from the numbers of their runs."""
    offers = made_by_night()
    per_run = (
        select(bundles.c.run_no, func.count(bundles.c.bundle_no.distinct()), func.count(offers.c.slot))
        .outerjoin(offers, offers.c.bundle_no == bundles.c.bundle_no)
        .where(_gone(bundles, customer_id))
        .group_by(bundles.c.run_no)
    )
    for run_no, bundles_gone, offers_gone in connection.execute(per_run).all():
        less = {"bundles": runs.c.bundles - bundles_gone, "offers": runs.c.offers - offers_gone}
        connection.execute(update(runs).where(runs.c.run_no == run_no).values(less))


def _renew_names(connection: Connection, table: Table, customer_id: str, names: dict[str, str]) -> None:
    """Give random names to what is kept, the same one wherever a name stands; `names` maps old ones to new ones.

    Parents come before what refers to them, so that a line of a favourite gets the favourite's new name.
    """
    renewed = {column.name: column.info["renewed"] for column in table.c if "renewed" in column.info}
    if not renewed:
        return
    key = list(table.primary_key)
    rows = connection.execute(
        select(*key, *(table.c[name] for name in renewed)).where(rows_of(table, customer_id))
    )
    for row in rows.mappings().all():
        new = {
            name: names.setdefault(row[name], f"{kind}_{secrets.token_hex(10)}")
            for name, kind in renewed.items()
        }
        one = and_(*(column == row[column.name] for column in key))
        connection.execute(update(table).where(one).values(new))


def _disown(connection: Connection, table: Table, customer_id: str, pseudonym: str) -> int:
    """Let the rows that are kept say nothing of the customer; returns how many they are, 0 for parts of others."""
    new = {column.name: column.info["cleared"] for column in table.c if "cleared" in column.info}
    name = None if erasure_of(table) is Erasure.COUNTED else pseudonym
    new |= {column.name: name for column in table.c if names_whole(column)}
    if not new:
        return 0
    return connection.execute(update(table).where(rows_of(table, customer_id)).values(new)).rowcount


def _rows(connection: Connection, table: Table, customer_id: str) -> list[dict[str, Any]]:
    which = select(*handed_out(table)).where(rows_of(table, customer_id)).order_by(*table.primary_key)
    return [
        {
            name.removesuffix("_us"): moment(value).isoformat()
            if name.endswith("_us") and value is not None
            else _plain(value)
            for name, value in row.items()
        }
        for row in connection.execute(which).mappings()
    ]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | None) else str(value)
