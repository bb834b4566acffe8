"""What a shop's lines say that a programme has to fit: prices, sales a week, how many customers come."""

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from models.ground.errors import BadInput
from models.ground.progress import Progress, silent
from models.ground.shop_figures import ShopFigures
from models.sources.loading.load import read
from models.sources.loading.load_connection import as_sentences, connect
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import quoted
from models.sources.reading.table_sources import declaration_of
from models.sources.stored.finished_load import Data
from models.tables import FAMILY_LEVELS

# Whole weeks that are taken as typical: a quarter, the last ones with sales before the newest, which may be half a week.
WEEKS = 13


def figures_of_folder(folder: Path, tables: Path, *, progress: Progress = silent) -> ShopFigures:
    """Read a folder as a load with the declaration `tables` would and sum it up; nothing is kept.

    Raises:
        BadInput: as a load does, or no line has money for a product.
    """
    declaration = declaration_of(folder, tables)
    with (
        TemporaryDirectory(prefix="abonement-figures-") as scratch,
        as_sentences(Path(scratch)),
        connect(Path(scratch), declaration, "2GB", 2) as con,
    ):
        shop = LoadUnderWay(con, Path(scratch), declaration, {})
        read(shop, folder, Path(scratch) / "staged", None, progress)
        lines = "SELECT CAST(person AS VARCHAR) AS customer, * FROM lines WHERE person IS NOT NULL"
        return _figures(con, lines, "shelf", declaration.currency, str(folder))


def figures_of_load(data: Data) -> ShopFigures:
    """Sum up the data of a workspace; BadInput where no line has money for a product."""
    with duckdb.connect() as con:
        con.execute(f"SET TimeZone = {quoted(data.timezone)}")
        files = ", ".join(quoted(str(data.purchases(bucket))) for bucket in range(data.buckets))
        lines = f"SELECT filename || '-' || customer_no AS customer, * FROM read_parquet([{files}], filename = true)"
        shelf = f"read_parquet({quoted(str(data.products))})"
        return _figures(con, lines, shelf, data.currency, str(data.folder))


def _figures(
    con: duckdb.DuckDBPyConnection, lines: str, shelf: str, currency: str, place: str
) -> ShopFigures:
    con.execute(f"""CREATE TEMP TABLE sold AS
        SELECT customer, date_trunc('week', purchased_at) AS week, paid_minor,
            coalesce(price_minor, (paid_minor + discount_minor) * 1000.0 / quantity_milli) AS price
        FROM ({lines}) JOIN {shelf} USING (product_no)
        WHERE merchandise AND quantity_milli > 0 AND paid_minor > 0""")
    prices = con.execute("SELECT quantile_cont(price, [0.1, 0.5, 0.9]) FROM sold").fetchall()[0][0]
    if not prices:
        raise BadInput(
            f"No line of {place} has a known product, a quantity and money; nothing can be proposed."
        )
    con.execute(f"""CREATE TEMP TABLE typical AS
        SELECT week FROM (SELECT DISTINCT week FROM sold)
        ORDER BY week = (SELECT max(week) FROM sold), week DESC LIMIT {WEEKS}""")
    sales, customers = con.execute(
        """
        SELECT (SELECT median(paid) FROM (SELECT sum(paid_minor) AS paid FROM usual GROUP BY week)), count(DISTINCT customer)
        FROM usual""".replace("usual", "(FROM sold JOIN typical USING (week)) AS usual")
    ).fetchall()[0]
    names = con.execute(f"SELECT DISTINCT unnest([{', '.join(FAMILY_LEVELS)}]) FROM {shelf}").fetchall()
    borne = con.execute(f"SELECT DISTINCT unnest(string_split(flags, ';')) FROM {shelf}").fetchall()
    low, middle, high = (max(1, round(price)) for price in prices)
    families = frozenset(row[0] for row in names if row[0])
    flags = frozenset(row[0] for row in borne if row[0])
    return ShopFigures(currency, low, middle, high, round(sales), int(customers), families, flags)
