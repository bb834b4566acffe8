"""The small tables: products and customers get numbers, answers are checked, bad rows go to quarantine.

All of it happens in the load's DuckDB connection. Tables left there: `shelf` (products as stored), `people`
(customer_id, what the customers table says, `listed`, `bucket` and `person`, a number in the order of bucket
and customer_id), `quarantine` (table_name, reason, row).
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from models.checks import CHECKS, UNREADABLE_LINE, first_reason
from models.errors import BadInput
from models.sources.columns import raw_row, typed_select
from models.sources.declaration import Declaration
from models.sources.files import SourceFile, quoted
from models.tables import (
    ANSWERS,
    CUSTOMERS,
    NOT_MERCHANDISE_FLAGS,
    PRODUCT_FLAGS,
    STORED_CUSTOMERS,
    STORED_PRODUCTS,
)

CUSTOMERS_PER_BUCKET = 1000


@dataclass(frozen=True)
class Shop:
    """One load under way: the connection, the folder it is built in, the declaration, the files."""

    con: duckdb.DuckDBPyConnection
    folder: Path
    declaration: Declaration
    files: dict[str, SourceFile]

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection for another thread, with the shop's time zone, which a bare cursor would not have."""
        cursor = self.con.cursor()
        cursor.execute(f"SET TimeZone = {quoted(self.declaration.timezone)}")
        return cursor

    def count(self, query: str) -> int:
        """The single number that a query answers."""
        return int(self.con.execute(query).fetchall()[0][0])


def prepare_quarantine(shop: Shop) -> None:
    """An empty table for bad rows."""
    shop.con.execute('CREATE TABLE quarantine (table_name VARCHAR, reason VARCHAR, "row" VARCHAR)')


def number_products(shop: Shop) -> None:
    """Make `shelf`, products as stored; raises BadInput for an id that stands there twice, an unknown flag."""
    _judge(shop, "products")
    path = shop.files["products"].path
    twice = shop.con.execute(
        "SELECT product_id FROM good_products GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 3"
    ).fetchall()
    if twice:
        some = ", ".join(row[0] for row in twice)
        raise BadInput(f"{path}: product_id must be unique, but {some} stands there more than once.")
    shop.con.execute("""CREATE TABLE flagged AS SELECT *, list_filter(list_transform(string_split(flags, ';'),
        lambda flag: lower(trim(flag))), lambda flag: flag <> '') AS flag_list FROM good_products""")
    unknown = shop.con.execute(
        "SELECT flag, product_id FROM (SELECT unnest(flag_list) AS flag, product_id FROM flagged)"
        f" WHERE flag NOT IN {PRODUCT_FLAGS} ORDER BY 1, 2 LIMIT 1"
    ).fetchall()
    if unknown:
        flag, product = unknown[0]
        raise BadInput(
            f"{path}: product {product} has the flag {flag!r}; expected only {', '.join(PRODUCT_FLAGS)}."
        )
    shop.con.execute(f"""CREATE TABLE shelf AS SELECT {", ".join(STORED_PRODUCTS.names)} FROM (
        SELECT * REPLACE (coalesce(name, product_id) AS name, array_to_string(flag_list, ';') AS flags),
            CAST(row_number() OVER (ORDER BY product_id) - 1 AS INTEGER) AS product_no,
            NOT list_has_any(flag_list, {list(NOT_MERCHANDISE_FLAGS)}) AS merchandise
        FROM flagged) ORDER BY product_no""")
    shop.con.execute(f"COPY shelf TO {quoted(str(shop.folder / 'products.parquet'))} (FORMAT parquet)")


def number_customers(shop: Shop, buckets: int | None) -> int:
    """Make `people` from the customers table and the purchases; returns the number of buckets."""
    columns = [name for name in STORED_CUSTOMERS.names if name != "customer_no"]
    if "customers" in shop.files:
        _judge(shop, "customers")
        _refuse_twice(shop)
    else:
        typed = ", ".join(f"CAST(NULL AS {c.sql_type}) AS {c.name}" for c in CUSTOMERS.columns)
        shop.con.execute(f"CREATE TABLE good_customers AS SELECT {typed} WHERE false")
    purchases = typed_select(shop.files["purchases"], shop.declaration)
    shop.con.execute(f"""CREATE TABLE seen AS SELECT {", ".join(columns)}, true AS listed FROM good_customers
        UNION ALL BY NAME
        SELECT customer_id, false AS listed FROM (SELECT DISTINCT customer_id FROM ({purchases}))
        WHERE customer_id IS NOT NULL AND customer_id NOT IN (SELECT customer_id FROM good_customers)""")
    known = shop.count("SELECT count(*) FROM seen")
    total = buckets or max(1, -(-known // CUSTOMERS_PER_BUCKET))
    shop.con.execute(f"""CREATE TABLE people AS
        SELECT CAST(row_number() OVER (ORDER BY bucket, customer_id) AS INTEGER) AS person, *
        FROM (SELECT CAST(CAST('0x' || left(md5(customer_id), 8) AS UBIGINT) % {total} AS INTEGER) AS bucket, *
              FROM seen) ORDER BY person""")
    shop.con.execute("DROP TABLE seen")
    return total


def keep_answers(shop: Shop) -> None:
    """Write answers.parquet where the shop gave answers."""
    if "answers" not in shop.files:
        return
    _judge(shop, "answers")
    target = quoted(str(shop.folder / "answers.parquet"))
    names = ", ".join(ANSWERS.names)
    shop.con.execute(f"COPY (SELECT {names} FROM good_answers ORDER BY {names}) TO {target} (FORMAT parquet)")


def quarantine_unreadable(shop: Shop, table: str) -> None:
    """Move the lines that DuckDB could not split into columns to the quarantine."""
    rejects = shop.files[table].rejects
    if rejects:
        shop.con.execute(
            f"INSERT INTO quarantine SELECT DISTINCT '{table}', '{UNREADABLE_LINE}',"
            f" CAST(json_object('line', CAST(line AS VARCHAR), 'text', csv_line) AS VARCHAR) FROM {rejects}"
        )


def _judge(shop: Shop, table: str) -> None:
    """Make `good_TABLE` of the rows that pass the table's checks; the others go to the quarantine."""
    source = shop.files[table]
    shop.con.execute(f"""CREATE TEMP TABLE judged AS
        SELECT *, {first_reason(CHECKS[table])} AS reason FROM ({typed_select(source, shop.declaration)})""")
    shop.con.execute(f"""INSERT INTO quarantine
        SELECT '{table}', reason, {raw_row(source, shop.declaration)} FROM judged WHERE reason IS NOT NULL""")
    names = [c.name + ("_minor" if c.name in {"price", "cost"} else "") for c in source.table.columns]
    shop.con.execute(
        f"CREATE TABLE good_{table} AS SELECT {', '.join(names)} FROM judged WHERE reason IS NULL"
    )
    shop.con.execute("DROP TABLE judged")
    quarantine_unreadable(shop, table)


def _refuse_twice(shop: Shop) -> None:
    twice = shop.con.execute(
        "SELECT customer_id FROM good_customers GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 3"
    ).fetchall()
    if twice:
        some = ", ".join(row[0] for row in twice)
        path = shop.files["customers"].path
        raise BadInput(f"{path}: customer_id must be unique, but {some} stands there more than once.")
