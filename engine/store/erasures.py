"""A customer's data in the store: all of it in one answer, and all of it gone in one transaction.

What he redeemed stays, because the money was given: under a random name, with new names for bundle and offers, which
were derived from his id. What was told of him stays as counts of nobody. Everything else is removed. The row in
`erasures` is his tombstone: nothing is written for him, told of him or offered to him while it names him; it forgets
him once the workspace has none of his data either (`abonement erase`, and every night before it begins).
"""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, and_, delete, insert, or_, select, update

from engine.store.connect import Store
from engine.store.schema import bundles, moment, moment_us, offers, runs, views
from engine.store.schema.access import audit, erasures, events, remembered_answers
from engine.store.schema.checkout import passing_views, redemption_lines, redemptions, reservations, sessions
from engine.store.schema.contacts import contacts
from engine.store.schema.favourites import favourite_units, favourite_views, favourites, suggestions

_NAMES = 500  # customers of one IN list


class Erased(NamedTuple):
    """What became of a customer's rows."""

    removed: int
    kept: int  # redemptions, under the pseudonym


def erase_customer(connection: Connection, customer_id: str, *, now: datetime) -> Erased:
    """Remove a customer from the store, in the caller's transaction; erasing him again finds nothing more."""
    _overwrite_what_goes(connection)
    pseudonym = f"erased-{secrets.token_hex(12)}"
    if customer_id not in erased_among(connection, {customer_id}):
        connection.execute(
            insert(erasures).values(customer_id=customer_id, pseudonym=pseudonym, asked_us=moment_us(now))
        )
    removed = _remove_choices(connection, customer_id)
    removed += _remove_bundles(connection, customer_id)
    removed += connection.execute(delete(contacts).where(contacts.c.customer_id == customer_id)).rowcount
    # The till knows its session and its moment, and with them the customer.
    mine = update(redemptions).where(redemptions.c.customer_id == customer_id)
    kept = connection.execute(mine.values(customer_id=pseudonym, session_key=None, at_us=None)).rowcount
    for touched in (bundles, favourites, audit):
        _rename(connection, touched, customer_id, pseudonym)
    connection.execute(update(audit).where(audit.c.customer_id == pseudonym).values(subject=None))
    removed += _forget_events(connection, customer_id)
    answered = or_(
        remembered_answers.c.customer_id == customer_id,
        remembered_answers.c.caller.endswith(f"/{customer_id}", autoescape=True),
    )
    removed += connection.execute(delete(remembered_answers).where(answered)).rowcount
    return Erased(removed, kept)


def erased_among(connection: Connection, customer_ids: Collection[str]) -> set[str]:
    """Those of the customers who have a tombstone."""
    names = sorted(customer_ids)
    found: set[str] = set()
    for start in range(0, len(names), _NAMES):
        query = select(erasures.c.customer_id).where(
            erasures.c.customer_id.in_(names[start : start + _NAMES])
        )
        found.update(connection.execute(query).scalars())
    return found


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
    own = (bundles, redemptions, favourites, suggestions, events, audit, sessions)
    found = {table.name: _rows(connection, table, table.c.customer_id == customer_id) for table in own}
    of_bundles = select(bundles.c.bundle_no).where(bundles.c.customer_id == customer_id)
    of_sales = select(redemptions.c.redemption_no).where(redemptions.c.customer_id == customer_id)
    found["offers"] = _rows(connection, offers, offers.c.bundle_no.in_(of_bundles))
    found["redemption_lines"] = _rows(
        connection, redemption_lines, redemption_lines.c.redemption_no.in_(of_sales)
    )
    return dict(sorted(found.items()))


def _overwrite_what_goes(connection: Connection) -> None:
    """Let SQLite write zeros over deleted content on this connection; PostgreSQL's vacuum takes dead rows away."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def _remove_choices(connection: Connection, customer_id: str) -> int:
    """Sessions, what they hold, suggestions, views of the favourite, and favourites he never redeemed."""
    held = select(sessions.c.session_no).where(sessions.c.customer_id == customer_id)
    connection.execute(delete(reservations).where(reservations.c.session_no.in_(held)))
    used = select(redemption_lines.c.favourite_no).where(redemption_lines.c.favourite_no.is_not(None))
    unused = and_(favourites.c.customer_id == customer_id, favourites.c.favourite_no.not_in(used))
    numbers = select(favourites.c.favourite_no).where(unused)
    gone = connection.execute(
        delete(favourite_units).where(favourite_units.c.favourite_no.in_(numbers))
    ).rowcount
    for table in (sessions, favourite_views, suggestions):
        gone += connection.execute(delete(table).where(table.c.customer_id == customer_id)).rowcount
    gone += connection.execute(delete(favourites).where(unused)).rowcount
    kept = select(favourites.c.favourite_no).where(favourites.c.customer_id == customer_id)
    for (number,) in connection.execute(kept).all():
        renamed = update(favourites).where(favourites.c.favourite_no == number)
        connection.execute(renamed.values(favourite_id=_new_name("f")))
    return gone


def _remove_bundles(connection: Connection, customer_id: str) -> int:
    """Bundles nobody redeemed from; of the others the ready-made JSON, and the names derived from his id."""
    used = select(redemption_lines.c.bundle_no).where(redemption_lines.c.bundle_no.is_not(None))
    gone = 0
    rows = connection.execute(
        select(bundles.c.bundle_no, bundles.c.run_no, bundles.c.bundle_no.in_(used).label("used")).where(
            bundles.c.customer_id == customer_id
        )
    ).all()
    for number, run_no, is_used in rows:
        for table in (views, passing_views):
            connection.execute(delete(table).where(table.c.bundle_no == number))
        if is_used:
            _rename_bundle(connection, number)
            continue
        count = connection.execute(delete(offers).where(offers.c.bundle_no == number)).rowcount
        gone += connection.execute(delete(bundles).where(bundles.c.bundle_no == number)).rowcount
        connection.execute(
            update(runs)
            .where(runs.c.run_no == run_no)
            .values(bundles=runs.c.bundles - 1, offers=runs.c.offers - count)
        )
    return gone


def _rename_bundle(connection: Connection, bundle_no: int) -> None:
    connection.execute(
        update(bundles).where(bundles.c.bundle_no == bundle_no).values(bundle_id=_new_name("b"))
    )
    slots = select(offers.c.slot, offers.c.offer_id).where(offers.c.bundle_no == bundle_no)
    for slot, offer_id in connection.execute(slots).all():
        name = _new_name("o")
        place = and_(offers.c.bundle_no == bundle_no, offers.c.slot == slot)
        connection.execute(update(offers).where(place).values(offer_id=name))
        line = and_(redemption_lines.c.bundle_no == bundle_no, redemption_lines.c.offer_id == offer_id)
        connection.execute(update(redemption_lines).where(line).values(offer_id=name))


def _forget_events(connection: Connection, customer_id: str) -> int:
    mine = select(events.c.event_no).where(events.c.customer_id == customer_id)
    numbers = connection.execute(mine).scalars().all()
    for number in numbers:
        connection.execute(
            update(events)
            .where(events.c.event_no == number)
            .values(
                event_id=_new_name("e"),
                customer_id=None,
                bundle_id=None,
                offer_id=None,
                told_us=None,
                details="{}",
            )
        )
    return len(numbers)


def _rename(connection: Connection, table: Table, customer_id: str, pseudonym: str) -> int:
    mine = update(table).where(table.c.customer_id == customer_id)
    return connection.execute(mine.values(customer_id=pseudonym)).rowcount


def _new_name(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(10)}"


def _rows(connection: Connection, table: Table, which: Any) -> list[dict[str, Any]]:
    return [
        {
            name.removesuffix("_us"): moment(value).isoformat()
            if name.endswith("_us") and value
            else _plain(value)
            for name, value in row.items()
            if not name.endswith("_no") or name == "run_no"
        }
        for row in connection.execute(select(table).where(which)).mappings()
    ]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | None) else str(value)
