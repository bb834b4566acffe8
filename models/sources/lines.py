"""The purchases: one pass that judges and partitions all lines, then each bucket sorted on its own.

`partition` writes `stage/bucket=B/` (typed lines, unsorted) and `stage/bucket=-1/` (bad lines with their
reason and what the source held). `finish_bucket` frees a bucket of duplicate lines, sorts it and writes it
beside its customers. A duplicate is a line with the customer, basket_id and line_no of another one or, without
line_no, equal to it in every column; of two the first in the stored order stays.
"""

import duckdb

from models.checks import CHECKS, DUPLICATE_LINE, first_reason
from models.sources.columns import raw_row, typed_select
from models.sources.dictionaries import Shop, quarantine_unreadable
from models.sources.files import quoted
from models.sources.stored import bucket_file
from models.tables import STORED_CUSTOMERS, STORED_PURCHASES

BAD = -1
STAGED = (
    "product_no, basket_id, purchased_at, line_no, quantity_milli, unit, paid_minor, discount_minor, store_id"
)
# A total order, so that the same lines give the same bytes in whatever order they came.
ORDER = (
    "customer_no, purchased_at, basket_id, product_no, line_no, quantity_milli, paid_minor, discount_minor,"
    " unit, store_id"
)
# Lines of money without quantity count as one piece (a return of one where the money went back).
ONE_PIECE = "quantity_milli = 0 AND paid_minor <> 0"


def partition(shop: Shop) -> None:
    """Type, judge and partition every line in one pass; unreadable and bad lines go to the quarantine."""
    source = shop.files["purchases"]
    stage = shop.folder / "stage"
    shop.con.execute(f"""COPY (
        SELECT CASE WHEN reason IS NULL THEN bucket ELSE {BAD} END AS bucket, person, {STAGED}, reason,
            CASE WHEN reason IS NOT NULL THEN {raw_row(source, shop.declaration)} END AS "row"
        FROM (
            SELECT * REPLACE (
                    CASE WHEN {ONE_PIECE} THEN CAST(1000 * sign(paid_minor) AS BIGINT) ELSE quantity_milli END
                        AS quantity_milli,
                    CASE WHEN {ONE_PIECE} THEN 'piece' ELSE unit END AS unit,
                    coalesce(discount_minor, 0) AS discount_minor),
                {first_reason(CHECKS["purchases"])} AS reason
            FROM ({typed_select(source, shop.declaration)})
            LEFT JOIN (SELECT product_id, product_no FROM shelf) USING (product_id)
            LEFT JOIN (SELECT customer_id, bucket, person FROM people) USING (customer_id)))
        TO {quoted(str(stage))} (FORMAT parquet, PARTITION_BY (bucket), OVERWRITE_OR_IGNORE)""")
    quarantine_unreadable(shop, "purchases")
    bad = stage / f"bucket={BAD}"
    if bad.exists():
        shop.con.execute(
            f"""INSERT INTO quarantine SELECT 'purchases', reason, "row" FROM {_staged(shop, BAD)}"""
        )


def finish_bucket(shop: Shop, con: duckdb.DuckDBPyConnection, bucket: int) -> None:
    """Write a bucket's customers and its sorted purchases; `con` is a cursor of this thread's own."""
    lines = _lines(shop, bucket)
    con.execute(f"""CREATE OR REPLACE TEMP TABLE who AS
        SELECT CAST(row_number() OVER (ORDER BY person) - 1 AS INTEGER) AS customer_no, * FROM people
        WHERE bucket = {bucket} AND (listed OR person IN (SELECT person FROM {lines}))""")
    customers = quoted(str(shop.folder / bucket_file("customers", bucket)))
    con.execute(
        f"COPY (SELECT {', '.join(STORED_CUSTOMERS.names)} FROM who ORDER BY customer_no) TO {customers}"
        " (FORMAT parquet)"
    )
    numbered = f"""SELECT customer_no, {STAGED}, CAST(purchased_at AS DATE) AS local_day
        FROM {lines} JOIN (SELECT person, customer_no FROM who) USING (person)"""
    key = _duplicate_key(shop)
    rows, distinct = con.execute(f"SELECT count(*), count(DISTINCT ({key})) FROM ({numbered})").fetchall()[0]
    if rows > distinct:
        con.execute(f"""CREATE OR REPLACE TEMP TABLE numbered AS
            SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY {ORDER}) > 1 AS again FROM ({numbered})""")
        con.execute(f"""INSERT INTO quarantine SELECT 'purchases', '{DUPLICATE_LINE}',
            CAST(json_object('customer_id', customer_id, 'basket_id', basket_id, 'line_no', line_no,
                'purchased_at', CAST(purchased_at AS VARCHAR), 'product_id', product_id,
                'quantity_milli', quantity_milli, 'paid_minor', paid_minor) AS VARCHAR)
            FROM numbered JOIN who USING (customer_no) JOIN shelf USING (product_no) WHERE again""")
        numbered = "SELECT * FROM numbered WHERE NOT again"
    target = quoted(str(shop.folder / bucket_file("purchases", bucket)))
    names = ", ".join(STORED_PURCHASES.names)
    con.execute(f"COPY (SELECT {names} FROM ({numbered}) ORDER BY {ORDER}) TO {target} (FORMAT parquet)")


def _duplicate_key(shop: Shop) -> str:
    if "line_no" in shop.files["purchases"].columns:
        return "customer_no, basket_id, line_no"
    return ORDER


def _lines(shop: Shop, bucket: int) -> str:
    if (shop.folder / "stage" / f"bucket={bucket}").exists():
        return _staged(shop, bucket)
    return f"(SELECT person, {STAGED} FROM empty_lines)"


def _staged(shop: Shop, bucket: int) -> str:
    files = quoted(str(shop.folder / "stage" / f"bucket={bucket}" / "*.parquet"))
    return f"read_parquet({files}, hive_partitioning = false)"
