"""What the day is told of stock: the last word on each product, and which bundles still have to be looked through for it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, insert, select, union, update

from engine.domain.substitution import StockWord, what_is_left
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store
from engine.store.schema import bundles, moment, moment_us, offers
from engine.store.schema.product_tables import products
from engine.store.schema.stock_tables import ALL_STORES, stock_changes, substitutions, told_stock

Place = tuple[str, str]  # product and store, ALL_STORES for all of them
_NOWHERE_YET = -1
_PLACE_GONE = delete(told_stock).where(
    told_stock.c.product_id == bindparam("product"), told_stock.c.store_id == bindparam("store")
)


class Pending(NamedTuple):
    """Changes of which some bundles do not know yet: numbers of changes, and the bundle that was looked at last."""

    first: int
    last: int
    bundles_to: int


def keep_told(
    store: Store, told: Mapping[Place, int | None], loaded: Mapping[str, StockWord], now: datetime
) -> None:
    """Write what was told, and have bundles looked through where something is sold out, or is there again.

    Args:
        store: of the day.
        told: units, or None for enough, by place.
        loaded: what the last load said of each of the products.
        now: the shop's time.
    """
    with store.switching() as connection:  # two tellers at once would write one place twice
        before = told_of(connection, sorted(loaded))
        connection.execute(_PLACE_GONE, [{"product": name, "store": where} for name, where in told])
        rows = [
            {"product_id": name, "store_id": where, "units": units, "told_us": moment_us(now)}
            for (name, where), units in told.items()
        ]
        connection.execute(insert(told_stock), rows)
        after = told_of(connection, sorted(loaded))
        look_through(
            connection,
            [name for name, load in loaded.items() if _turned(load, before.get(name, {}), after[name])],
        )


def _turned(load: StockWord, before: Mapping[str, StockWord], after: Mapping[str, StockWord]) -> bool:
    """Whether the product is sold out now, or is no more, in any place that was ever told of."""
    return any(
        _sold_out(load, before, place) != _sold_out(load, after, place) for place in {ALL_STORES, *after}
    )


def _sold_out(load: StockWord, said: Mapping[str, StockWord], place: str) -> bool:
    here = None if place == ALL_STORES else said.get(place)
    return what_is_left(load, said.get(ALL_STORES), here).is_sold_out


def told_of(connection: Connection, product_ids: Sequence[str]) -> dict[str, dict[str, StockWord]]:
    """What was told of some products, by product and store; of which nothing was told is absent."""
    found: dict[str, dict[str, StockWord]] = {}
    for names in in_lists(product_ids):
        query = select(told_stock).where(told_stock.c.product_id.in_(names))
        for row in connection.execute(query):
            found.setdefault(row.product_id, {})[row.store_id] = StockWord(row.units, moment(row.told_us))
    return found


def sold_out_everywhere(store: Store) -> dict[str, datetime]:
    """Products of which nothing is left in all stores by what was told last, with when that was."""
    query = (
        select(told_stock.c.product_id, told_stock.c.told_us)
        .where(told_stock.c.store_id == ALL_STORES, told_stock.c.units <= 0)
        .order_by(told_stock.c.product_id)
    )
    with store.reading() as connection:
        return {row.product_id: moment(row.told_us) for row in connection.execute(query)}


def look_through(connection: Connection, product_ids: Iterable[str]) -> None:
    """Have the bundles that these products concern looked through."""
    rows = [{"product_id": name, "bundles_to": _NOWHERE_YET} for name in sorted(set(product_ids))]
    if rows:
        connection.execute(insert(stock_changes), rows)


def look_through_after_night(connection: Connection, run_no: int) -> None:
    """The same after a night, whose load may say otherwise of stock: of what is sold out, and of what stands in."""
    standing = substitutions.c.ended_us.is_(None)
    replaced = select(offers.c.item_id).join(
        substitutions,
        and_(substitutions.c.bundle_no == offers.c.bundle_no, substitutions.c.slot == offers.c.slot),
    )
    named = union(
        select(products.c.product_id).where(products.c.run_no == run_no, products.c.stock <= 0),
        select(told_stock.c.product_id).where(told_stock.c.units <= 0),
        select(substitutions.c.product_id).where(standing),
        replaced.where(standing),
    )
    look_through(connection, connection.execute(named).scalars())


def pending(store: Store) -> Pending | None:
    """What is to be looked through next; None where nothing is left. What came meanwhile waits for those before it."""
    left = stock_changes.c.looked_us.is_(None)
    with store.reading() as connection:
        first = connection.execute(
            select(stock_changes).where(left).order_by(stock_changes.c.change_no).limit(1)
        ).first()
        if first is None:
            return None
        together = and_(left, stock_changes.c.bundles_to == first.bundles_to)
        last = connection.execute(select(func.max(stock_changes.c.change_no)).where(together)).scalar_one()
    return Pending(first.change_no, last, first.bundles_to)


def keep_looked(connection: Connection, before: Pending, to: int | None, now: datetime) -> bool:
    """Note how far bundles were looked through, None for to their end; False, nothing noted, where somebody was faster."""
    done = {"looked_us": moment_us(now)} if to is None else {"bundles_to": to}
    noted = connection.execute(update(stock_changes).where(_of(before)).values(done)).rowcount > 0
    if noted and to is None:  # the last one is kept: servers know by its number that something changed
        old = and_(stock_changes.c.looked_us.is_not(None), stock_changes.c.change_no < before.last)
        connection.execute(delete(stock_changes).where(old))
    return noted


def bundles_concerned(store: Store, of: Pending, now: datetime, *, at_once: int, offered: bool) -> list[int]:
    """The next bundles, by number, that are valid and hold an offer on a changed product, or one that stands in.

    Without `offered` only the latter. Read along the primary key, beside whoever writes.
    """
    changed = select(stock_changes.c.product_id).where(_of(of))
    live = bundles.c.valid_to_us > moment_us(now)
    stood_in = (
        select(substitutions.c.bundle_no.label("number"))
        .join(bundles, bundles.c.bundle_no == substitutions.c.bundle_no)
        .join(
            offers,
            and_(offers.c.bundle_no == substitutions.c.bundle_no, offers.c.slot == substitutions.c.slot),
        )
        .where(
            substitutions.c.bundle_no > of.bundles_to,
            substitutions.c.ended_us.is_(None),
            live,
            substitutions.c.product_id.in_(changed) | offers.c.item_id.in_(changed),
        )
        .distinct()
        .order_by("number")
        .limit(at_once)
    )
    had = (
        select(offers.c.bundle_no.label("number"))
        .join(bundles, bundles.c.bundle_no == offers.c.bundle_no)
        .where(offers.c.bundle_no > of.bundles_to, offers.c.item_id.in_(changed), live)
        .distinct()
        .order_by("number")
        .limit(at_once)
    )
    with store.reading() as connection:
        found = set(connection.execute(stood_in).scalars())
        if offered:
            found |= set(connection.execute(had).scalars())
    return sorted(found)[:at_once]


def _of(some: Pending) -> ColumnElement[bool]:
    return and_(
        stock_changes.c.change_no.between(some.first, some.last),
        stock_changes.c.bundles_to == some.bundles_to,
        stock_changes.c.looked_us.is_(None),
    )
