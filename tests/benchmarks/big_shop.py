"""A generated shop of any size, written as a data folder: habits, families, prices and a year of visits.

Everything is drawn by hashing, so a customer's purchases do not depend on how many other customers there are.
Each customer has their own visit gap (3 to 21 days), about 25 habitual products drawn towards popular ones, and
buys the rest of their basket from the shop's popularity curve.
"""

from datetime import date
from pathlib import Path

import duckdb

TABLES_TOML = """\
timezone = "UTC"
currency = "EUR"
money = "minor"
quantity = "milli"
unit = "piece"
tax = "included"
max_bad_share = 0.0
"""
CHUNK = 10_000
HABITS = 25
DAYS = 364
LAST_DAY = date(2024, 3, 30)


def write_big_shop(folder: Path, *, customers: int, products: int, lines_a_customer: int) -> None:
    """Write the shop; takes about a minute and 2 GB for 200,000 customers with 150 lines each."""
    purchases = folder / "purchases"
    purchases.mkdir(parents=True, exist_ok=True)
    (folder / "tables.toml").write_text(TABLES_TOML, encoding="utf-8")
    with duckdb.connect(config={"threads": 2, "memory_limit": "2GB"}) as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.execute(
            "CREATE MACRO draw(a, b, c) AS (hash(a, b, c) % 1000003) / 1000003.0;"
            # the cube of a uniform draw: a few products are bought a hundred times as often as most
            f"CREATE MACRO product(u) AS (power(u, 3) * {products})::BIGINT % {products};"
        )
        connection.execute(
            f"""
            COPY (
                SELECT 'p' || lpad(n::VARCHAR, 6, '0') AS product_id, 'Product ' || n AS name,
                       'D' || (n % 20) AS family_1, 'C' || (n % 200) AS family_2, 'T' || (n % 1600) AS family_3,
                       (49 + hash(n, 'price') % 900)::BIGINT AS price, '' AS flags
                FROM range({products}) AS t(n)
            ) TO '{folder}/products.parquet'
            """
        )
        for start in range(0, customers, CHUNK):
            end = min(start + CHUNK, customers)
            connection.execute(
                _purchases(purchases / f"part-{start:07d}.parquet", start, end, lines_a_customer)
            )
    _join_parts(folder)


def _purchases(path: Path, start: int, end: int, lines: int) -> str:
    return f"""
    COPY (
        WITH person AS (
            SELECT n, 3 + (draw(n, 0, 'gap') * 18)::BIGINT AS gap FROM range({start}, {end}) AS t(n)
        ),
        line AS (
            SELECT n, gap, k, greatest({lines} * gap // {DAYS}, 1) AS basket_size,
                   k // greatest({lines} * gap // {DAYS}, 1) AS visit
            FROM person, range({lines}) AS t(k)
        ),
        bought AS (
            SELECT n, visit, k,
                   least(visit * gap + (draw(n, visit, 'day') * gap)::BIGINT, {DAYS - 1}) AS day,
                   CASE WHEN draw(n, k, 'habit') < 0.6
                        THEN product(draw(n, hash(n, k, 'which') % {HABITS}, 'habits'))
                        ELSE product(draw(n, k, 'other')) END AS product
            FROM line
        )
        SELECT DISTINCT ON (n, visit, product)
               'c' || lpad(n::VARCHAR, 7, '0') AS customer_id,
               'b' || n || '-' || visit AS basket_id,
               TIMESTAMPTZ '{LAST_DAY} 10:00:00+00' - ({DAYS - 1} - day)::INTEGER * INTERVAL 1 DAY AS purchased_at,
               'p' || lpad(product::VARCHAR, 6, '0') AS product_id,
               1000 * (1 + hash(n, k, 'units') % 3)::BIGINT AS quantity_milli,
               'piece' AS unit,
               (49 + hash(product, 'price') % 900)::BIGINT AS paid,
               0::BIGINT AS discount
        FROM bought
    ) TO '{path}'
    """


def _join_parts(folder: Path) -> None:
    """One purchases.parquet out of the parts, row group by row group, so that memory stays small."""
    import pyarrow.parquet as pq

    parts = sorted((folder / "purchases").glob("part-*.parquet"))
    with pq.ParquetWriter(folder / "purchases.parquet", pq.read_schema(parts[0])) as writer:
        for part in parts:
            file = pq.ParquetFile(part)
            for group in range(file.num_row_groups):
                writer.write_table(file.read_row_group(group))
    for part in parts:
        part.unlink()
    (folder / "purchases").rmdir()
