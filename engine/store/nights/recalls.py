"""Products that the shop has withdrawn from all offers: one of the two exceptions to "a promise is not withdrawn".

A recall counts from its row on: tills ask `recalls_in_force` in their own transaction. What logins read is written again
afterwards, batch by batch, and how far that is stands in the row.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, insert, or_, select, update

from engine.store.database.store import Store
from engine.store.schema import moment, moment_us
from engine.store.schema.product_tables import products, shelves
from engine.store.schema.recall_tables import recalls

_NOT_BEGUN = {"bundles_to": -1, "favourites_to": -1, "rendered_us": None}


class Recall(NamedTuple):
    """A product withdrawn from all offers."""

    recall_no: int
    product_id: str
    reason: str  # as customers read it
    recalled_at: datetime
    until: datetime | None  # ends by itself then
    lifted_at: datetime | None
    bundles_to: int  # what was written again last
    favourites_to: int
    is_rendered: bool  # every customer's JSON is as it says

    def stands(self, now: datetime) -> bool:
        """True until it is lifted or ends by itself."""
        return self.lifted_at is None and (self.until is None or self.until > now)


def recalls_in_force(connection: Connection, now: datetime) -> dict[str, Recall]:
    """What is withdrawn at a moment, by product."""
    found = connection.execute(select(recalls).where(_stands(now)).order_by(recalls.c.recall_no))
    return {row.product_id: _recall(row) for row in found}


def recalled_now(store: Store, now: datetime) -> dict[str, Recall]:
    """The same, for who has no transaction of their own. Raises StoreUnreachable."""
    with store.reading() as connection:
        return recalls_in_force(connection, now)


def all_recalls(store: Store) -> tuple[Recall, ...]:
    """Every recall, lifted ones too, oldest first."""
    with store.reading() as connection:
        return tuple(
            _recall(row) for row in connection.execute(select(recalls).order_by(recalls.c.recall_no))
        )


def next_to_render(store: Store) -> Recall | None:
    """The first recall of which some customer's JSON does not know yet; None where all do."""
    query = select(recalls).where(recalls.c.rendered_us.is_(None)).order_by(recalls.c.recall_no).limit(1)
    with store.reading() as connection:
        row = connection.execute(query).first()
    return None if row is None else _recall(row)


def is_sold(store: Store, product_id: str) -> bool:
    """Whether a shelf that is kept has the product."""
    known = select(products.c.product_id).where(
        products.c.run_no.in_(select(shelves.c.run_no)), products.c.product_id == product_id
    )
    with store.reading() as connection:
        return connection.execute(known.limit(1)).first() is not None


def write_recall(store: Store, product_id: str, reason: str, until: datetime | None, now: datetime) -> bool:
    """Withdraw a product; another reason or end replaces those it has. False where nothing changes."""
    until_us = None if until is None else moment_us(until)
    with store.switching() as connection:  # nobody redeems beside it: who comes next knows of it
        there = recalls_in_force(connection, now).get(product_id)
        if there is not None and (there.reason, there.until) == (reason, until):
            return False
        told = {"reason": reason, "until_us": until_us, **_NOT_BEGUN}
        if there is None:
            row = {"product_id": product_id, "recalled_us": moment_us(now), **told}
            connection.execute(insert(recalls).values(**row))
        else:
            connection.execute(update(recalls).where(recalls.c.recall_no == there.recall_no).values(**told))
    return True


def end_recall(store: Store, product_id: str, now: datetime) -> bool:
    """Let a product be offered again; False where it is not withdrawn."""
    with store.switching() as connection:
        ended = connection.execute(
            update(recalls)
            .where(recalls.c.product_id == product_id, _stands(now))
            .values(lifted_us=moment_us(now), **_NOT_BEGUN)
        )
        return ended.rowcount > 0


def render_anew(connection: Connection, now: datetime) -> None:
    """Have all that is withdrawn rendered once more, after bundles came or changed that it may not know of."""
    connection.execute(update(recalls).where(_stands(now)).values(**_NOT_BEGUN))


def keep_progress(connection: Connection, before: Recall, **written: int) -> bool:
    """Note how far a recall is rendered; False, and nothing noted, where it changed or somebody was faster."""
    same = and_(
        recalls.c.recall_no == before.recall_no,
        recalls.c.bundles_to == before.bundles_to,
        recalls.c.favourites_to == before.favourites_to,
        recalls.c.rendered_us.is_(None),
    )
    return connection.execute(update(recalls).where(same).values(**written)).rowcount > 0


def _stands(now: datetime) -> Any:
    not_over = or_(recalls.c.until_us.is_(None), recalls.c.until_us > moment_us(now))
    return and_(recalls.c.lifted_us.is_(None), not_over)


def _recall(row: Any) -> Recall:
    return Recall(
        row.recall_no,
        row.product_id,
        row.reason,
        moment(row.recalled_us),
        None if row.until_us is None else moment(row.until_us),
        None if row.lifted_us is None else moment(row.lifted_us),
        row.bundles_to,
        row.favourites_to,
        row.rendered_us is not None,
    )
