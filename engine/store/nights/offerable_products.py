"""What the last night's rules let be offered, and at which depths: what may stand in for a sold-out item by day.

Written by nights whose programme has substitutes, beside their shelf; gone with it.
"""

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from sqlalchemy import and_, select, update

from engine.domain.substitution import Offerable
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store, insert_rows
from engine.store.nights.published_products import PublishedProduct
from engine.store.nights.run_records import Run
from engine.store.schema import bundles
from engine.store.schema.product_tables import products, shelves
from engine.store.schema.stock_tables import bundle_stores, offerable_products

_CHUNK = 20_000
_COLUMNS = tuple(products.c[name] for name in PublishedProduct._fields)


class OfferableRow(NamedTuple):
    """A product, in the order of the table's columns after `run_no`."""

    product_id: str
    depths_bp: str  # `;`-separated
    lowest_minor: int | None  # of 30 days, where the law wants it told


def stage_offerable(store: Store, run: Run, rows: Iterable[OfferableRow], text: str) -> None:
    """Write what may stand in for others, in the order of the ids, and what customers read beside it."""
    with store.writing() as connection:
        connection.execute(update(shelves).where(shelves.c.run_no == run.run_no).values(substitute_text=text))
    rest = iter(rows)
    while chunk := tuple(islice(rest, _CHUNK)):
        with store.writing() as connection:
            insert_rows(connection, offerable_products, ((run.run_no, *row) for row in chunk))


def stage_bundle_stores(store: Store, run: Run, usual: Iterable[tuple[str, str]]) -> None:
    """Write where customers usually shop (customer, store) beside their bundles of a staged run, if they have one."""
    rest = iter(usual)
    while chunk := dict(islice(rest, _CHUNK)):
        with store.writing() as connection:
            for names in in_lists(sorted(chunk)):
                query = select(bundles.c.bundle_no, bundles.c.customer_id).where(
                    bundles.c.run_no == run.run_no, bundles.c.customer_id.in_(names)
                )
                found = connection.execute(query).all()
                rows = sorted((row.bundle_no, chunk[row.customer_id]) for row in found)
                insert_rows(connection, bundle_stores, rows)


def substitute_text(store: Store, run_no: int) -> str | None:
    """What customers read beside what stands in; None where the run lets nothing stand in."""
    query = select(shelves.c.substitute_text).where(shelves.c.run_no == run_no)
    with store.reading() as connection:
        text: str | None = connection.execute(query).scalar()
    return text


def offerable_of_family(store: Store, run_no: int, family: str) -> tuple[Offerable, ...]:
    """All products of a shelf whose finest family has that name and that may be offered at some depth, by id."""
    query = (
        select(*_COLUMNS, offerable_products.c.depths_bp, offerable_products.c.lowest_minor)
        .join(
            offerable_products,
            and_(
                offerable_products.c.run_no == products.c.run_no,
                offerable_products.c.product_id == products.c.product_id,
            ),
        )
        .where(products.c.run_no == run_no, products.c.family == family)
        .order_by(products.c.product_id)
    )
    with store.reading() as connection:
        return tuple(
            Offerable(
                PublishedProduct(*row[:-2]).product, frozenset(map(int, str(row[-2]).split(";"))), row[-1]
            )
            for row in connection.execute(query)
        )
