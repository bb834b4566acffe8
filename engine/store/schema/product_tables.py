"""What the day needs to know of the shop, published with each night: the rules and the products.

    runs 1--1 shelves 1--n products

No model and no frame is read at request time: prices, names, families, flags and stock stand here as the night saw
them, and the programme as its text. A shelf belongs to its run, so it is switched by the same change of state.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from engine.store.schema.column_types import metadata
from engine.store.schema.customer_data import Lasts, of_nobody

shelves = Table(
    "shelves",
    metadata,
    Column("run_no", Integer, ForeignKey("runs.run_no"), primary_key=True, autoincrement=False),
    Column("item_level", String(16), nullable=False),  # what an offer is on: product, family_1 .. family_4
    Column("programme", Text, nullable=False),  # TOML, as the night read it
    # the experiment by which customers are held out; null where none are, and in nights of earlier versions
    Column("holdout_no", Integer),
    # what customers read beside what stands in for a sold-out item; null where nothing does
    Column("substitute_text", Text),
    info=of_nobody("the rules of a night", lasts=Lasts.AS_SHELF),
)

products = Table(
    "products",
    metadata,
    Column(
        "run_no",
        Integer,
        ForeignKey("shelves.run_no", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("product_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("brand", Text),
    Column("family_1", Text),  # coarsest
    Column("family_2", Text),
    Column("family_3", Text),
    Column("family_4", Text),
    Column("family", Text),  # the finest one known
    Column("price_minor", BigInteger),  # undiscounted price of one unit; null where unknown
    Column("cost_minor", BigInteger),  # null where unknown
    Column("stock", BigInteger),  # units; null where the shop does not say
    Column("flags", Text, nullable=False),  # `;`-separated, empty where there is none
    sqlite_with_rowid=False,
    info=of_nobody("the shop's products", lasts=Lasts.AS_SHELF),
)
# A favourite's substitutes are of its family.
Index("ix_products_run_no_family", products.c.run_no, products.c.family)
