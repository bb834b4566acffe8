"""What the day is told of stock between two nights, and what stands in for an offered item that is sold out.

    told_stock            what was told last of a product, in one store or in all
    stock_changes         products of which bundles have to be looked through, and how far that is
    shelves 1--n offerable_products      at which depths the night's rules would have let each product be offered
    bundles 1--1 bundle_stores           where the bundle's customer usually shops
    offers 1--n substitutions            what stood in for the offer, from when to when

An offer is never rewritten: a substitution lies beside it, and is ended when the item is there again.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from engine.store.schema.column_types import Key, metadata
from engine.store.schema.customer_data import Lasts, of_nobody, part_of

ALL_STORES = ""  # no store has an empty id

told_stock = Table(
    "told_stock",
    metadata,
    Column("product_id", Text, primary_key=True),
    Column("store_id", Text, primary_key=True),  # ALL_STORES for all of them
    Column("units", BigInteger),  # null: enough, nobody counts them
    Column("told_us", BigInteger, nullable=False),
    info=of_nobody("the shop's stock", lasts=Lasts.FOR_GOOD),
)

stock_changes = Table(
    "stock_changes",
    metadata,
    Column("change_no", Key, primary_key=True),
    Column("product_id", Text, nullable=False),
    # How far bundles have been looked through since: the last one's number.
    Column("bundles_to", Key, nullable=False),
    Column("looked_us", BigInteger),  # null while some bundles were not looked at
    info=of_nobody("the shop's stock", lasts=Lasts.FOR_GOOD),
)
Index(
    "ix_stock_changes_left",
    stock_changes.c.change_no,
    sqlite_where=stock_changes.c.looked_us.is_(None),
    postgresql_where=stock_changes.c.looked_us.is_(None),
)

offerable_products = Table(
    "offerable_products",
    metadata,
    Column(
        "run_no",
        Integer,
        ForeignKey("shelves.run_no", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("product_id", Text, primary_key=True),
    Column("depths_bp", Text, nullable=False),  # `;`-separated
    Column("lowest_minor", BigInteger),  # of 30 days, where the law wants it told; null otherwise
    sqlite_with_rowid=False,
    info=of_nobody("the shop's products", lasts=Lasts.AS_SHELF),
)

bundle_stores = Table(
    "bundle_stores",
    metadata,
    Column(
        "bundle_no",
        Key,
        ForeignKey("bundles.bundle_no", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("store_id", Text, nullable=False),
    info=part_of("bundles"),
)

substitutions = Table(
    "substitutions",
    metadata,
    Column("substitution_no", Key, primary_key=True),
    Column("bundle_no", Key, ForeignKey("bundles.bundle_no", ondelete="CASCADE"), nullable=False),
    Column("slot", Integer, nullable=False),
    Column("product_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("price_minor", BigInteger, nullable=False),  # of one unit, as customers see it
    Column("lowest_minor", BigInteger),
    Column(
        "store_id", Text, nullable=False
    ),  # where the item was said to be sold out, ALL_STORES for everywhere
    Column("text", Text, nullable=False),  # why, as customers read it
    Column("from_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),  # null while it stands
    Column("ended_by", String(16)),  # back: the item is there again; gone: so is what stood in
    info=part_of("bundles"),
)
Index("ix_substitutions_bundle_no", substitutions.c.bundle_no, substitutions.c.slot)
Index("ix_substitutions_product_id", substitutions.c.product_id)
