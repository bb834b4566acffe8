"""The purchases: one pass that types, judges and sorts all lines, then each bucket is written on its own.

`sort_lines` leaves the table `lines` in the load's DuckDB connection (spilled to disk beyond the memory it is
given): every readable line in stored order, bad ones with their reason and what the source held. Customers
were numbered by bucket, so a bucket is a range of that table, which DuckDB finds without reading the rest;
that is why one sort and one writing suffice. `write_bucket` frees a bucket of duplicate lines and writes it
beside its customers. A duplicate is a line with the customer, basket_id and line_no of another one or, without
line_no, equal to it in every column; of two the first in the stored order stays.
"""

import duckdb

from models.checks import CHECKS, DUPLICATE_LINE, first_reason
from models.sources.columns import raw_row, typed_select
from models.sources.dictionaries import Shop, quarantine_unreadable
from models.sources.files import quoted
from models.sources.stored import bucket_file
from models.tables import STORED_CUSTOMERS, STORED_PURCHASES, Table

REST = "line_no, quantity_milli, paid_minor, discount_minor, by_weight, store_id"
# A total order, so that the same lines give the same bytes in whatever order they came; the hash of the rest
# settles ties at a fraction of the cost of comparing it.
ORDER = f"person, purchased_at, basket_id, product_no, hash({REST})"
# What two lines have in common if one of them is a duplicate.
KEY = f"person, basket_id, line_no, CASE WHEN line_no IS NULL THEN hash(purchased_at, product_no, {REST}) END"
# Lines of money without quantity count as one piece (a return of one where the money went back).
ONE_PIECE = "quantity_milli = 0 AND paid_minor <> 0"


def sort_lines(shop: Shop) -> None:
    """Make `lines` in one pass over the source; unreadable and bad lines go to the quarantine.

    A bad line keeps no customer, so that it lies in no bucket, and carries its reason and what the source held.
    """
    source = shop.files["purchases"]
    bad = f'struct_pack(reason := reason, "row" := {raw_row(source, shop.declaration)})'
    shop.con.execute(f"""CREATE TABLE lines AS
        SELECT CASE WHEN reason IS NULL THEN person END AS person, product_no, basket_id, purchased_at, {REST},
            CASE WHEN reason IS NOT NULL THEN CAST(to_json({bad}) AS VARCHAR) END AS bad
        FROM (
            SELECT * REPLACE (
                    CASE WHEN {ONE_PIECE} THEN CAST(1000 * sign(paid_minor) AS BIGINT) ELSE quantity_milli END
                        AS quantity_milli,
                    coalesce(discount_minor, 0) AS discount_minor),
                unit = 'kg' AND NOT ({ONE_PIECE}) AS by_weight,
                {first_reason(CHECKS["purchases"])} AS reason
            FROM ({typed_select(source, shop.declaration)})
            LEFT JOIN (SELECT product_id, product_no FROM shelf) USING (product_id)
            LEFT JOIN (SELECT customer_id, person FROM people) USING (customer_id))
        ORDER BY {ORDER}""")
    quarantine_unreadable(shop, "purchases")
    shop.con.execute("""INSERT INTO quarantine
        SELECT 'purchases', bad ->> 'reason', bad ->> 'row' FROM lines WHERE bad IS NOT NULL""")
    shop.con.execute(
        "CREATE TABLE ranges AS SELECT bucket, min(person) AS lowest, max(person) AS highest FROM people GROUP BY 1"
    )
    shop.con.execute("CREATE TABLE buyers AS SELECT DISTINCT person FROM lines WHERE person IS NOT NULL")


def write_bucket(shop: Shop, con: duckdb.DuckDBPyConnection, bucket: int) -> None:
    """Write a bucket's customers and its purchases in order; `con` is a cursor of this thread's own."""
    found = con.execute("SELECT lowest, highest FROM ranges WHERE bucket = ?", [bucket]).fetchall()
    lowest, highest = found[0] if found else (0, -1)
    lines = f"(SELECT * FROM lines WHERE person BETWEEN {lowest} AND {highest})"
    con.execute(f"""CREATE OR REPLACE TEMP TABLE who AS
        SELECT CAST(row_number() OVER (ORDER BY person) - 1 AS INTEGER) AS customer_no, * FROM people
        WHERE person BETWEEN {lowest} AND {highest} AND (listed OR person IN (SELECT person FROM buyers))""")
    _write(con, shop, bucket_file("customers", bucket), STORED_CUSTOMERS, "who ORDER BY customer_no")
    rows, distinct = con.execute(f"SELECT count(*), count(DISTINCT hash({KEY})) FROM {lines}").fetchall()[0]
    kept = con.execute("SELECT count(*) FROM who").fetchall()[0][0]
    if rows == distinct and kept == highest - lowest + 1:  # a range of the sorted table keeps its order
        numbered = f"(SELECT *, person - {lowest} AS customer_no FROM {lines})"
    else:
        lines = lines if rows == distinct else _without_duplicates(con, lines)
        numbered = f"({lines} JOIN (SELECT person, customer_no FROM who) USING (person)) ORDER BY {ORDER}"
    computed = {
        "customer_no": "CAST(customer_no AS INTEGER)",
        "local_day": "CAST(purchased_at AS DATE)",
        "unit": "CASE WHEN by_weight THEN 'kg' ELSE 'piece' END",
    }
    _write(con, shop, bucket_file("purchases", bucket), STORED_PURCHASES, numbered, computed)


def _without_duplicates(con: duckdb.DuckDBPyConnection, lines: str) -> str:
    con.execute(f"""CREATE OR REPLACE TEMP TABLE judged AS
        SELECT *, row_number() OVER (PARTITION BY {KEY} ORDER BY {ORDER}) > 1 AS again FROM {lines}""")
    con.execute(f"""INSERT INTO quarantine SELECT 'purchases', '{DUPLICATE_LINE}',
        CAST(json_object('customer_id', customer_id, 'basket_id', basket_id, 'line_no', line_no,
            'purchased_at', CAST(purchased_at AS VARCHAR), 'product_id', product_id,
            'quantity_milli', quantity_milli, 'paid_minor', paid_minor) AS VARCHAR)
        FROM judged JOIN who USING (person) JOIN shelf USING (product_no) WHERE again""")
    return "(SELECT * FROM judged WHERE NOT again)"


def _write(
    con: duckdb.DuckDBPyConnection,
    shop: Shop,
    name: str,
    table: Table,
    rows: str,
    computed: dict[str, str] | None = None,
) -> None:
    parts = [f"{(computed or {}).get(column, column)} AS {column}" for column in table.names]
    target = quoted(str(shop.folder / name))
    con.execute(f"COPY (SELECT {', '.join(parts)} FROM {rows}) TO {target} (FORMAT parquet)")
