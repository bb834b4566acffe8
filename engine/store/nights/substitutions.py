"""What stands in, or stood in, for offered items that are sold out."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from engine.store.database.in_lists import in_lists
from engine.store.schema import moment_us, offers
from engine.store.schema.checkout_tables import redemption_lines
from engine.store.schema.stock_tables import ALL_STORES, bundle_stores, substitutions

BACK, GONE = "back", "gone"  # why one ended: the item is there again, or what stood in is not
Slot = tuple[int, int]  # a bundle's number and the place of an offer in it


class Substitution(NamedTuple):
    """A product in the place of an offer's; money in minor units."""

    substitution_no: int
    bundle_no: int
    slot: int
    product_id: str
    name: str
    price_minor: int
    lowest_minor: int | None
    text: str  # as customers read it
    stands: bool


def substitutions_of(connection: Connection, bundle_nos: Collection[int]) -> list[Substitution]:
    """Everything that ever stood in for an offer of some bundles, oldest first."""
    found = connection.execute(
        select(substitutions)
        .where(substitutions.c.bundle_no.in_(bundle_nos))
        .order_by(substitutions.c.substitution_no)
    )
    return [_substitution(row) for row in found]


def shown_substitutions(connection: Connection, bundle_nos: Collection[int]) -> dict[Slot, Substitution]:
    """What bundles show in the place of an offer's item: what stands in now; of a used offer what it was used for."""
    known = substitutions_of(connection, bundle_nos)
    if not known:
        return {}
    numbers = sorted({one.bundle_no for one in known})
    used = {
        (row.bundle_no, row.slot): row.product_id
        for row in connection.execute(
            select(
                redemption_lines.c.bundle_no, redemption_lines.c.slot, redemption_lines.c.product_id
            ).where(redemption_lines.c.bundle_no.in_(numbers), redemption_lines.c.rollback_no.is_(None))
        )
    }
    shown: dict[Slot, Substitution] = {}
    for one in known:
        place = (one.bundle_no, one.slot)
        if used[place] == one.product_id if place in used else one.stands:
            shown[place] = one
    return shown


def usable_substitutions(
    connection: Connection, bundle_nos: Collection[int], since: datetime
) -> dict[Slot, tuple[Substitution, ...]]:
    """What tills take in the place of offers: what stands in, and what did at `since` or later."""
    found = connection.execute(
        select(substitutions)
        .where(
            substitutions.c.bundle_no.in_(bundle_nos),
            or_(substitutions.c.ended_us.is_(None), substitutions.c.ended_us >= moment_us(since)),
        )
        .order_by(substitutions.c.substitution_no)
    )
    usable: defaultdict[Slot, tuple[Substitution, ...]] = defaultdict(tuple)
    for row in found:
        usable[row.bundle_no, row.slot] += (_substitution(row),)
    return dict(usable)


def add_substitutions(connection: Connection, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Write what stands in from now on, by the columns of the table."""
    if rows:
        connection.execute(insert(substitutions), [{**row, "from_us": moment_us(now)} for row in rows])


def end_substitutions(connection: Connection, numbers: Sequence[int], by: str, now: datetime) -> None:
    """End what stands in: BACK or GONE."""
    for some in in_lists(numbers):
        connection.execute(
            update(substitutions)
            .where(substitutions.c.substitution_no.in_(some))
            .values(ended_us=moment_us(now), ended_by=by)
        )


def promised_units(connection: Connection, product_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """Units that products are promised in the place of others, by product and their customers' store, and in ALL_STORES."""
    promised: defaultdict[tuple[str, str], int] = defaultdict(int)
    store_id = bundle_stores.c.store_id
    for names in in_lists(product_ids):
        query = (
            select(substitutions.c.product_id, store_id, func.sum(offers.c.max_units))
            .join(
                offers,
                and_(offers.c.bundle_no == substitutions.c.bundle_no, offers.c.slot == substitutions.c.slot),
            )
            .outerjoin(bundle_stores, bundle_stores.c.bundle_no == substitutions.c.bundle_no)
            .where(substitutions.c.product_id.in_(names), substitutions.c.ended_us.is_(None))
            .group_by(substitutions.c.product_id, store_id)
        )
        for product_id, where, units in connection.execute(query):
            if where is not None:
                promised[product_id, where] += int(units)
            promised[product_id, ALL_STORES] += int(units)
    return promised


def stands_in(connection: Connection, product_id: str) -> bool:
    """Whether a product stands in for another anywhere now."""
    query = select(substitutions.c.substitution_no).where(
        substitutions.c.product_id == product_id, substitutions.c.ended_us.is_(None)
    )
    return connection.execute(query.limit(1)).first() is not None


def _substitution(row: Any) -> Substitution:
    return Substitution(
        row.substitution_no,
        row.bundle_no,
        row.slot,
        row.product_id,
        row.name,
        row.price_minor,
        row.lowest_minor,
        row.text,
        row.ended_us is None,
    )
