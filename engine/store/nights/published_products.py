"""What a night publishes for the day beside its bundles: the programme and the products.

A shelf is staged with its run and switched with it. The shelves of the current run and the one before it are kept,
so that a rolled-back night leaves the day what it needs, and the newest of each programme while its bundles may be valid;
older ones go.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, delete, insert, select

from engine.domain.favourite_rules import Product
from engine.store.database.in_lists import in_lists
from engine.store.database.store import Store, insert_rows
from engine.store.nights.run_records import Run
from engine.store.schema import PUBLISHED, STAGED, UNNAMED, metadata, moment, runs
from engine.store.schema.customer_data import Lasts, lasts_of
from engine.store.schema.experiment_tables import experiments
from engine.store.schema.product_tables import products, shelves

# A bundle lasts 60 days at most, and begins within one of its night's cut.
LONGEST_WINDOW = timedelta(days=62)
_MICROSECOND = timedelta(microseconds=1)
_CHUNK = 20_000
_KEPT = 2


class PublishedProduct(NamedTuple):
    """A product as the night saw it, in the order of the table's columns after `run_no`."""

    product_id: str
    name: str
    brand: str | None
    family_1: str | None
    family_2: str | None
    family_3: str | None
    family_4: str | None
    family: str | None  # the finest one known
    price_minor: int | None
    cost_minor: int | None  # with the VAT that the price includes
    stock: int | None  # units
    flags: str  # `;`-separated

    @property
    def families(self) -> tuple[str, ...]:
        """Its families, coarsest first, without gaps."""
        levels = (self.family_1, self.family_2, self.family_3, self.family_4)
        return tuple(name for name in levels if name)

    @property
    def product(self) -> Product:
        """The product as the rules know it."""
        return Product(
            id=self.product_id,
            name=self.name,
            families=self.families,
            flags=frozenset(flag for flag in self.flags.split(";") if flag),
            price_minor=self.price_minor,
            cost_minor=self.cost_minor,
            stock=self.stock,
        )


class PublishedShop(NamedTuple):
    """The rules and the shop as the last published night left them."""

    run_no: int
    run_id: str
    as_of: datetime
    timezone: str
    currency: str
    item_level: str  # what an offer is on: product, family_1 .. family_4
    programme: str  # TOML
    holdout_no: int | None = None  # the experiment by which it holds customers out
    holdout_salt: str | None = None
    name: str = UNNAMED  # the programme's


def stage_products(
    store: Store,
    run: Run,
    *,
    item_level: str,
    programme: str,
    stocked: Iterable[PublishedProduct],
    holdout_no: int | None = None,
) -> None:
    """Write a staged run's shelf, chunk by chunk; products in the order of their ids are written fastest."""
    with store.writing() as connection:
        connection.execute(
            insert(shelves).values(
                run_no=run.run_no, item_level=item_level, programme=programme, holdout_no=holdout_no
            )
        )
    rest = iter(stocked)
    while chunk := tuple(islice(rest, _CHUNK)):
        with store.writing() as connection:
            insert_rows(connection, products, ((run.run_no, *product) for product in chunk))


_SHELF = (
    select(
        shelves.c.run_no,
        runs.c.run_id,
        runs.c.as_of_us,
        runs.c.timezone,
        runs.c.currency,
        shelves.c.item_level,
        shelves.c.programme,
        shelves.c.holdout_no,
        experiments.c.salt,
        runs.c.programme.label("name"),
    )
    .join(runs, runs.c.run_no == shelves.c.run_no)
    .outerjoin(experiments, experiments.c.experiment_no == shelves.c.holdout_no)
    .where(runs.c.publish_no.is_not(None))
    .order_by(case((runs.c.state == PUBLISHED, 0), else_=1), runs.c.publish_no.desc())
)


def published_shop(store: Store) -> PublishedShop | None:
    """The shelf of the current run; None before the first night. Raises StoreUnreachable.

    Where every published run was rolled back, the newest one's shelf: what was promised is still honoured.
    """
    with store.reading() as connection:
        row = connection.execute(_SHELF.limit(1)).first()
    return None if row is None else _shop(row)


def published_shops(store: Store) -> dict[str, PublishedShop]:
    """The shelf of each programme's newest published run, by the programme's name. Raises StoreUnreachable."""
    with store.reading() as connection:
        rows = connection.execute(_SHELF.where(runs.c.state == PUBLISHED)).all()
    return {row.name: _shop(row) for row in reversed(rows)}


def _shop(row: Any) -> PublishedShop:
    return PublishedShop(row[0], row[1], moment(row[2]), row[3], *row[4:])


def products_named(store: Store, run_no: int, product_ids: Sequence[str]) -> dict[str, PublishedProduct]:
    """Products of a shelf by their ids; ids that it does not have are absent."""
    found: dict[str, PublishedProduct] = {}
    with store.reading() as connection:
        for names in in_lists(product_ids):
            rows = connection.execute(_NAMED, {"run_no": run_no, "names": list(names)})
            found |= {row[0]: PublishedProduct(*row) for row in rows}
    return found


def products_of_family(store: Store, run_no: int, family: str) -> tuple[PublishedProduct, ...]:
    """All products of a shelf whose finest family has that name, in the order of their ids."""
    query = (
        select(*_COLUMNS)
        .where(products.c.run_no == run_no, products.c.family == family)
        .order_by(products.c.product_id)
    )
    with store.reading() as connection:
        return tuple(PublishedProduct(*row) for row in connection.execute(query))


_COLUMNS = tuple(products.c[name] for name in PublishedProduct._fields)
_NAMED = select(*_COLUMNS).where(
    products.c.run_no == bindparam("run_no"), products.c.product_id.in_(bindparam("names", expanding=True))
)


def drop_old_products(store: Store) -> None:
    """Remove the shelves and suggestions of all but the runs published last, each programme's newest and those being staged."""
    with store.reading() as connection:
        kept = set(
            connection.execute(
                select(runs.c.run_no)
                .where(runs.c.state == PUBLISHED)
                .order_by(runs.c.publish_no.desc())
                .limit(_KEPT)
            ).scalars()
        )
        shelved = connection.execute(_SHELF).all()
        if shelved:
            kept.add(shelved[0].run_no)
        newest = {row.name: row for row in reversed(shelved)}
        since_us = max((row.as_of_us for row in shelved), default=0) - LONGEST_WINDOW // _MICROSECOND
        kept |= {row.run_no for row in newest.values() if row.as_of_us > since_us}
        with_shelf = select(shelves.c.run_no).join(runs, runs.c.run_no == shelves.c.run_no)
        old = connection.execute(
            with_shelf.where(runs.c.state != STAGED, shelves.c.run_no.not_in(kept))
        ).scalars()
        gone = list(old)
    for run_no in gone:
        drop_products(store, run_no)


def drop_products(store: Store, run_no: int) -> None:
    """Remove a run's shelf and what lasts as long, its products and its suggestions, if it has any."""
    with store.writing() as connection:
        for table in reversed(metadata.sorted_tables):  # products before their shelf
            if lasts_of(table) is Lasts.AS_SHELF:
                connection.execute(delete(table).where(table.c.run_no == run_no))
