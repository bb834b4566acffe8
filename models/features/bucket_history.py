"""One bucket's purchases before a moment, as DuckDB tables that every feature reads."""

from importlib.resources import files
from pathlib import Path

import duckdb

from models.features.catalogue import Catalogue
from models.ground.moment import Moment
from models.sources.stored.netting import make_standing
from models.tables import PRODUCT_NO, VAT_BP

# Of a shop that declares no VAT, whole amounts as they stand.
_UNTAXED = """CREATE VIEW net_item_days AS
    SELECT *, paid_minor AS net_paid_minor, discount_minor AS net_discount_minor FROM item_days"""


def read_sql(name: str, package: str = "models.features") -> str:
    """The text of one of our files, SQL as a rule."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


def open_bought(purchases: Path, catalogue: Catalogue, moment: Moment) -> duckdb.DuckDBPyConnection:
    """Read what stands of one bucket's purchases strictly before `moment`: the tables of `bought.sql`.

    `net_item_days`, a view, is `item_days` with net_paid_minor and net_discount_minor, which are without VAT where the
    shop declares it. Returns up to the moment are taken off the purchases that they take back (`models.sources.stored.netting`).

    One thread a bucket: sums of floats then come out the same on every machine and for any number of
    workers; buckets run side by side instead.
    """
    connection = duckdb.connect(config={"threads": 1, "preserve_insertion_order": True})
    connection.execute("SET timezone = 'UTC'")
    make_standing(connection, purchases, f"purchased_at < TIMESTAMPTZ '{moment.as_of.isoformat()}'")
    connection.execute(
        "CREATE TABLE moment AS SELECT ?::TIMESTAMPTZ AS as_of, ?::DATE AS as_of_day",
        [moment.as_of.isoformat(), moment.day.isoformat()],
    )
    connection.register("product_items", catalogue.product_items)
    connection.execute(read_sql("bought.sql"))
    if catalogue.tax_known:
        connection.register("taxes", catalogue.product_items[[PRODUCT_NO, VAT_BP]])
        connection.execute(read_sql("net_days.sql"))
    else:
        connection.execute(_UNTAXED)
    return connection


def open_history(purchases: Path, catalogue: Catalogue, moment: Moment) -> duckdb.DuckDBPyConnection:
    """Like `open_bought`, with the tables of `history.sql`, which every feature of a customer reads."""
    connection = open_bought(purchases, catalogue, moment)
    connection.register("item_families", catalogue.items[["fine_no", "coarse_no"]].reset_index())
    connection.execute(read_sql("history.sql"))
    return connection


def quoted(path: Path) -> str:
    """A path as it stands between single quotes in SQL."""
    return str(path).replace("'", "''")
