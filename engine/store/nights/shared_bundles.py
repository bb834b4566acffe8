"""One bundle for all members of a household: who shares with whom, whose bundle a customer uses, and who gets it after them.

The bundle is its named member's; the others see it and use it. Who has one of their own uses that.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, Text, and_, bindparam, case, select, update

from engine.domain.customer_view import renamed
from engine.store.database.store import Store, insert_rows
from engine.store.nights.bundle_bodies import render_bundle
from engine.store.nights.run_records import Run
from engine.store.schema import PUBLISHED, bundles, counts, moment, moment_us, offers, runs, views
from engine.store.schema.checkout_tables import redemption_lines, reservations, sessions
from engine.store.schema.household_tables import sharers
from engine.store.schema.pool_tables import pool_offers, pools

_CHUNK = 20_000
_LOCK = "unit/"  # no customer's id holds a slash
_WHO = bindparam("customer_id", "", Text)
_NOW = bindparam("now_us", 0, BigInteger)
_CURRENT = (
    select(runs.c.run_no)
    .where(runs.c.state == PUBLISHED)
    .order_by(runs.c.publish_no.desc())
    .limit(1)
    .scalar_subquery()
)


def stage_sharers(store: Store, run: Run, rows: Iterable[tuple[str, int]]) -> None:
    """Write who shares (customer_id, number of the household) with a staged run, in the order of the ids."""
    rest = iter(rows)
    while chunk := tuple(islice(rest, _CHUNK)):
        with store.writing() as connection:
            insert_rows(connection, sharers, ((run.run_no, *row) for row in chunk))


def who_shares(connection: Connection, customer_id: str) -> tuple[str, ...]:
    """Everybody who shares with a customer by the last night, themselves among them; they alone where nobody does."""
    mine = sharers.alias("mine")
    query = (
        select(sharers.c.customer_id)
        .join(mine, and_(mine.c.run_no == sharers.c.run_no, mine.c.unit_no == sharers.c.unit_no))
        .where(mine.c.run_no == _CURRENT, mine.c.customer_id == customer_id)
        .order_by(sharers.c.customer_id)
    )
    return tuple(connection.execute(query).scalars()) or (customer_id,)


def used_by(connection: Connection, customer_id: str, now: datetime) -> str:
    """Whose bundle a customer uses: their own if they have one now, else their household's, which is newest."""
    members = who_shares(connection, customer_id)
    if len(members) == 1:
        return customer_id
    found = connection.execute(
        _open_of(now).where(bundles.c.customer_id.in_(members)), {"customer_id": customer_id}
    )
    owner: str | None = found.scalar()
    return owner or customer_id


def _open_of(now: datetime) -> Select[Any]:
    return (
        select(bundles.c.customer_id)
        .join(runs, runs.c.run_no == bundles.c.run_no)
        .where(bundles.c.valid_from_us <= moment_us(now), bundles.c.valid_to_us > moment_us(now), counts())
        .order_by(case((bundles.c.customer_id == _WHO, 0), else_=1), bundles.c.bundle_no.desc())
        .limit(1)
    )


_mine = sharers.alias("mine")
# A login asks this only of who has no bundle of their own; by the primary key, for nearly all customers in vain.
SHARED_OWNER = (
    select(bundles.c.customer_id)
    .select_from(_mine)
    .join(sharers, and_(sharers.c.run_no == _mine.c.run_no, sharers.c.unit_no == _mine.c.unit_no))
    .join(bundles, bundles.c.customer_id == sharers.c.customer_id)
    .join(runs, runs.c.run_no == bundles.c.run_no)
    .where(
        _mine.c.run_no == _CURRENT,
        _mine.c.customer_id == _WHO,
        bundles.c.valid_from_us <= _NOW,
        bundles.c.valid_to_us > _NOW,
        counts(),
    )
    .order_by(bundles.c.bundle_no.desc())
    .limit(1)
)


@contextmanager
def writing_for(store: Store, customer_id: str) -> Iterator[Connection]:
    """One transaction, the only one that writes for a customer and for who shares with them; raises as `Store.writing`."""
    with store.writing(customer_id) as connection:
        members = who_shares(connection, customer_id)
        if len(members) == 1:
            yield connection
            return
        with store.writing(f"{_LOCK}{members[0]}"):
            yield connection


def hand_on(connection: Connection, customer_id: str) -> None:
    """Leave a customer's bundles that go on after the last night to the others of their household before they are erased.

    Ids of bundle and offers are derived from whose it was, so they are drawn anew, in the lines of receipts too.
    """
    others = [one for one in who_shares(connection, customer_id) if one != customer_id]
    if not others:
        return
    as_of = select(runs.c.as_of_us).where(runs.c.run_no == _CURRENT)
    since_us = connection.execute(as_of).scalar_one()
    open_ones = connection.execute(
        select(bundles.c.bundle_no, bundles.c.run_no, bundles.c.bundle_id).where(
            bundles.c.customer_id == customer_id, bundles.c.valid_to_us > since_us
        )
    ).all()
    for row in open_ones:
        taken = select(bundles.c.customer_id).where(
            bundles.c.run_no == row.run_no, bundles.c.customer_id.in_(others)
        )
        has_one = set(connection.execute(taken).scalars())
        heir = next((one for one in others if one not in has_one), None)
        if heir is not None:
            _rename(connection, row.bundle_no, row.bundle_id, heir, moment(since_us))


def _rename_offers(connection: Connection, bundle_no: int, names: dict[str, str]) -> None:
    """Name a bundle's offers anew wherever they stand, those of its pool that nobody drew too, and add them to `names`."""
    slots: dict[int, str] = {}
    for table in (offers, pool_offers):
        query = select(table.c.slot, table.c.offer_id).where(table.c.bundle_no == bundle_no)
        slots |= {row.slot: row.offer_id for row in connection.execute(query)}
    for slot, offer_id in slots.items():
        names[offer_id] = f"o_{secrets.token_hex(10)}"
        for table in (offers, pool_offers, redemption_lines):
            there = and_(table.c.bundle_no == bundle_no, table.c.slot == slot)
            connection.execute(update(table).where(there).values(offer_id=names[offer_id]))
    of_pool = pools.c.bundle_no == bundle_no
    rendered = connection.execute(select(pools.c.rendered).where(of_pool)).scalar()
    if rendered is not None:
        told = [offer | {"id": names[offer["id"]]} for offer in json.loads(rendered)]
        new = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        connection.execute(update(pools).where(of_pool).values(rendered=new))
    _rename_in_holds(connection, bundle_no, names)


def _rename_in_holds(connection: Connection, bundle_no: int, names: Mapping[str, str]) -> None:
    """Let what the others' tills hold of the bundle be booked under the new names."""
    held = select(reservations.c.session_no).where(reservations.c.bundle_no == bundle_no)
    query = select(sessions.c.session_no, sessions.c.priced).where(sessions.c.session_no.in_(held))
    for session_no, priced in connection.execute(query).all():
        told = json.loads(priced)
        new = json.dumps(_renamed(told, names), ensure_ascii=False)
        connection.execute(update(sessions).where(sessions.c.session_no == session_no).values(priced=new))


def _renamed(told: Any, names: Mapping[str, str]) -> Any:
    """Return decoded JSON with every text that is one of the names replaced."""
    if isinstance(told, dict):
        return {key: _renamed(value, names) for key, value in told.items()}
    if isinstance(told, list):
        return [_renamed(value, names) for value in told]
    return names.get(told, told) if isinstance(told, str) else told


def _rename(connection: Connection, bundle_no: int, bundle_id: str, heir: str, now: datetime) -> None:
    names = {bundle_id: f"b_{secrets.token_hex(10)}"}
    connection.execute(
        update(bundles)
        .where(bundles.c.bundle_no == bundle_no)
        .values(customer_id=heir, bundle_id=names[bundle_id])
    )
    _rename_offers(connection, bundle_no, names)
    shown = views.c.bundle_no == bundle_no
    body = connection.execute(select(views.c.body).where(shown)).scalar()
    if body is not None:
        connection.execute(update(views).where(shown).values(body=renamed(body, heir, names)))
        render_bundle(connection, bundle_no, now)
