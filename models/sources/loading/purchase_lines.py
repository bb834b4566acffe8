"""The purchases: one pass that types, judges and gathers all lines, then each bucket is sorted and written.

`gather_lines` leaves the table `lines` in the load's DuckDB connection (spilled to disk beyond the memory it is
given): every readable line in the order of its customer, bad ones with their reason and what the source held.
Customers were numbered by bucket, so a bucket is a range of that table, which DuckDB finds without reading the rest;
and putting millions of lines in the order of one number costs a third of putting them in their full order, which a
bucket of them gets in the cache. `write_bucket` frees a bucket of duplicate lines and writes it beside its customers.
A duplicate is a line with the customer, basket_id and line_no of another one or, without line_no, equal to it in
every column; of two the first in the stored order stays. Where a delivery is appended, `write_bucket` merges the
bucket's stored lines in: see `models.sources.loading.delivery`.
"""

import os

import duckdb

from models.sources.loading.delivery import Delivery
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.loading.local_day_sql import local_day
from models.sources.reading.data_folder import quoted
from models.sources.reading.typed_columns import raw_row, typed_select
from models.sources.stored.finished_load import bucket_file
from models.tables import STORED_CUSTOMERS, STORED_PURCHASES, Table
from models.tables.row_checks import CHECKS, DUPLICATE_LINE, UNLISTED_CUSTOMER, first_reason

REST = "line_no, quantity_milli, paid_minor, discount_minor, by_weight, store_id"
# Computed once a line: lines of one customer with the same number are equal in every column.
EQUAL = f"hash(basket_id, purchased_at, product_no, {REST})"
LINE = f"person, product_no, basket_id, purchased_at, {REST}"
# A total order, so that the same lines give the same bytes in whatever order they came.
ORDER = "person, purchased_at, basket_id, product_no, equal"
# What two lines have in common if one of them is a duplicate.
KEY = "person, CASE WHEN line_no IS NULL THEN equal ELSE hash(basket_id, line_no) END"
# Lines of money without quantity count as one piece (a return of one where the money went back).
ONE_PIECE = "quantity_milli = 0 AND paid_minor <> 0"


def gather_lines(shop: LoadUnderWay) -> None:
    """Make `lines` in one pass over the source; bad lines go to the quarantine.

    A bad line keeps no customer, so that it lies in no bucket, and carries its reason and what the source held.
    """
    source = shop.sources["purchases"]
    raw = f"CASE WHEN reason = '{UNLISTED_CUSTOMER}' THEN '{{}}' ELSE {raw_row(source, shop.declaration)} END"
    bad = f'struct_pack(reason := reason, "row" := {raw})'
    unlisted = "customer_id IS NOT NULL AND person IS NULL" if shop.customers_complete else "false"
    owner = "SELECT customer_id, person FROM people"
    if shop.count("SELECT count(*) FROM cards"):
        owner += """ UNION ALL SELECT cards.customer_id, person
            FROM cards JOIN people ON people.customer_id = cards.owner_id"""
    shop.con.execute(f"""CREATE TABLE lines AS
        SELECT CASE WHEN reason IS NULL THEN person END AS person, product_no, basket_id, purchased_at, {REST},
            {EQUAL} AS equal, CASE WHEN reason IS NOT NULL THEN CAST(to_json({bad}) AS VARCHAR) END AS bad
        FROM (
            SELECT * REPLACE (
                    CASE WHEN {ONE_PIECE} THEN CAST(1000 * sign(paid_minor) AS BIGINT) ELSE quantity_milli END
                        AS quantity_milli,
                    coalesce(discount_minor, 0) AS discount_minor),
                unit = 'kg' AND NOT ({ONE_PIECE}) AS by_weight,
                {unlisted} AS unlisted,
                {first_reason(CHECKS["purchases"])} AS reason
            FROM ({typed_select(source, shop.declaration)})
            LEFT JOIN (SELECT product_id, product_no FROM shelf) USING (product_id)
            LEFT JOIN ({owner}) USING (customer_id))
        ORDER BY person""")
    shop.con.execute(f"""INSERT INTO quarantine
        SELECT 'purchases', bad ->> 'reason', bad ->> 'row', {day_of(shop, None)} FROM lines WHERE bad IS NOT NULL""")
    shop.con.execute(
        "CREATE TABLE ranges AS SELECT bucket, min(person) AS lowest, max(person) AS highest FROM people GROUP BY 1"
    )
    shop.con.execute("CREATE TABLE buyers AS SELECT DISTINCT person FROM lines WHERE person IS NOT NULL")


def day_of(shop: LoadUnderWay, delivery: Delivery | None) -> str:
    """SQL: the local day of `purchased_at`, for every line of this load."""
    first, last = shop.con.execute(
        "SELECT epoch_us(min(purchased_at)), epoch_us(max(purchased_at)) FROM lines"
    ).fetchall()[0]
    first, last = (0, 0) if first is None else (first, last)
    if delivery:
        first, last = min(first, delivery.first_us), max(last, delivery.last_us)
    return local_day("purchased_at", shop.declaration.timezone, first, last)


def write_bucket(
    shop: LoadUnderWay,
    con: duckdb.DuckDBPyConnection,
    bucket: int,
    day: str,
    delivery: Delivery | None = None,
) -> None:
    """Write a bucket's customers and its purchases in order; `con` is a cursor of this thread's own.

    `day` is `day_of` this load.
    """
    found = con.execute("SELECT lowest, highest FROM ranges WHERE bucket = ?", [bucket]).fetchall()
    lowest, highest = found[0] if found else (0, -1)
    lines = f"(SELECT {LINE}, equal FROM lines WHERE person BETWEEN {lowest} AND {highest})"
    buyers = "SELECT person FROM buyers"
    if delivery:
        con.execute(f"""CREATE OR REPLACE TEMP TABLE merged AS
            SELECT {LINE}, equal, true AS fresh FROM {lines} UNION ALL
            SELECT {LINE}, {EQUAL} AS equal, false AS fresh FROM ({delivery.stored_lines(bucket)})""")
        lines, buyers = "(SELECT * FROM merged)", "SELECT DISTINCT person FROM merged"
    con.execute(f"""CREATE OR REPLACE TEMP TABLE who AS
        SELECT CAST(row_number() OVER (ORDER BY person) - 1 AS INTEGER) AS customer_no, * FROM people
        WHERE person BETWEEN {lowest} AND {highest} AND (listed OR person IN ({buyers}))""")
    _write(con, shop, bucket_file("customers", bucket), STORED_CUSTOMERS, "who ORDER BY customer_no")
    if delivery and delivery.changes_nothing(shop, con, bucket, lowest, highest):
        os.link(delivery.former.purchases(bucket), shop.folder / bucket_file("purchases", bucket))
        return
    rows, distinct = con.execute(f"SELECT count(*), count(DISTINCT hash({KEY})) FROM {lines}").fetchall()[0]
    kept = con.execute("SELECT count(*) FROM who").fetchall()[0][0]
    if rows == 0:  # written in one way, so that an empty file has the same bytes however it came about
        numbered = "(SELECT *, 0 AS customer_no FROM lines WHERE false)"
    else:
        lines = lines if rows == distinct else _without_duplicates(con, lines, appended=delivery is not None)
        everybody = kept == highest - lowest + 1
        number = f"(SELECT *, person - {lowest} AS customer_no FROM {lines})"
        joined = f"({lines} JOIN (SELECT person, customer_no FROM who) USING (person))"
        numbered = f"{number if everybody else joined} ORDER BY {ORDER}"
    computed = {
        "customer_no": "CAST(customer_no AS INTEGER)",
        "local_day": day,
        "unit": "CASE WHEN by_weight THEN 'kg' ELSE 'piece' END",
    }
    _write(con, shop, bucket_file("purchases", bucket), STORED_PURCHASES, numbered, computed)


def _without_duplicates(con: duckdb.DuckDBPyConnection, lines: str, *, appended: bool) -> str:
    """The lines that stay; a delivered line takes the place of a stored one, which is no duplicate of it."""
    order, fresh = (f"fresh DESC, {ORDER}", "fresh") if appended else (ORDER, "true")
    con.execute(f"""CREATE OR REPLACE TEMP TABLE judged AS
        SELECT *, row_number() OVER (PARTITION BY {KEY} ORDER BY {order}) > 1 AS again FROM {lines}""")
    con.execute(f"""INSERT INTO quarantine SELECT 'purchases', '{DUPLICATE_LINE}',
        CAST(json_object('customer_id', customer_id, 'basket_id', basket_id, 'line_no', line_no,
            'purchased_at', CAST(purchased_at AS VARCHAR), 'product_id', product_id,
            'quantity_milli', quantity_milli, 'paid_minor', paid_minor) AS VARCHAR), CAST(purchased_at AS DATE)
        FROM judged JOIN who USING (person) JOIN shelf USING (product_no) WHERE again AND {fresh}""")
    return "(SELECT * FROM judged WHERE NOT again)"


def _write(
    con: duckdb.DuckDBPyConnection,
    shop: LoadUnderWay,
    name: str,
    table: Table,
    rows: str,
    computed: dict[str, str] | None = None,
) -> None:
    parts = [f"{(computed or {}).get(column, column)} AS {column}" for column in table.names]
    target = quoted(str(shop.folder / name))
    con.execute(f"COPY (SELECT {', '.join(parts)} FROM {rows}) TO {target} (FORMAT parquet)")
