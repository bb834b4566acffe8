"""The purchases: one pass that types, judges and gathers all lines, then each bucket is sorted and written.

`gather_lines` leaves the table `lines` in the load's DuckDB connection (spilled to disk beyond the memory it is
given): every readable line in the order of its customer, bad ones with their reason and what the source held.
Customers were numbered by bucket, so a bucket is a range of that table, which DuckDB finds without reading the rest;
and putting millions of lines in the order of one number costs a third of putting them in their full order, which a
bucket of them gets in the cache. `write_bucket` gives every line its day of business (`business_day`), sets aside what
is the same line as another one (`line_identity`), and writes the bucket beside its customers. Where a delivery is
appended, it merges the bucket's stored lines in: see `models.sources.loading.delivery`.
"""

import os

import duckdb

from models.sources.loading.business_day import ShopClock, shop_clock, with_business_day, with_own_day
from models.sources.loading.delivery import Delivery
from models.sources.loading.line_identity import EQUAL, LINE, MAY_BE_SAME, ORDER, REST, told_apart
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.loading.local_day_sql import EPOCH, MICROSECOND
from models.sources.loading.odd_lines import set_implausible_days_aside
from models.sources.loading.odd_money import TURNED, name_odd_money
from models.sources.loading.replaced_lines import note_replaced
from models.sources.reading.data_folder import quoted
from models.sources.reading.typed_columns import raw_row, typed_select
from models.sources.stored.finished_load import bucket_file
from models.tables import STORED_CUSTOMERS, STORED_PURCHASES, Table
from models.tables.row_checks import CHECKS, UNLISTED_CUSTOMER, first_reason

# Lines of money without quantity count as one piece (a return of one where the money went back).
ONE_PIECE = "quantity_milli = 0 AND paid_minor <> 0"

# Whether a column may be null decides over a file's bytes. It must follow from the column, and not from what the table
# that its lines came through knows about other rows: hence this, and `nullif` where a null is allowed.
NEVER_NULL = " AND ".join(
    f"{name} IS NOT NULL"
    for name in STORED_PURCHASES.names
    if name not in {"customer_no", "unit", "line_no", "store_id"}
)


def gather_lines(shop: LoadUnderWay) -> tuple[str, ...]:
    """Make `lines` in one pass over the source; bad lines go to the quarantine.

    A bad line keeps no customer, so that it lies in no bucket, and carries its reason and what the source held.
    Returns sentences about lines that are odd only in view of all others.
    """
    source = shop.sources["purchases"]
    raw = f"CASE WHEN reason = '{UNLISTED_CUSTOMER}' THEN '{{}}' ELSE {raw_row(source, shop.declaration)} END"
    bad = f'struct_pack(reason := reason, "row" := {raw})'
    judged = _judged_rows(shop)
    shop.con.execute(f"""CREATE TABLE lines AS
        SELECT CASE WHEN reason IS NULL THEN person END AS person, product_no, basket_id, purchased_at, {REST},
            file_no, turned, {EQUAL} AS equal, CASE WHEN reason IS NOT NULL THEN CAST(to_json({bad}) AS VARCHAR) END AS bad
        FROM {judged}
        ORDER BY person""")
    clock = clock_of(shop, "true")
    shop.con.execute(f"""INSERT INTO quarantine
        SELECT 'purchases', bad ->> 'reason', bad ->> 'row', {clock.own_day} FROM lines WHERE bad IS NOT NULL""")
    remarks = (*set_implausible_days_aside(shop, judged, clock), *name_odd_money(shop, judged))
    shop.con.execute(
        "CREATE TABLE ranges AS SELECT bucket, min(person) AS lowest, max(person) AS highest FROM people GROUP BY 1"
    )
    shop.con.execute("CREATE TABLE buyers AS SELECT DISTINCT person FROM lines WHERE person IS NOT NULL")
    return remarks


def _judged_rows(shop: LoadUnderWay) -> str:
    """SQL: the source's typed rows with `reason`, null for a good one.

    Where only one of quantity and paid is negative, the line is `turned`: it is a return, whichever sign was forgotten.
    """
    unlisted = "customer_id IS NOT NULL AND person IS NULL" if shop.customers_complete else "false"
    owner = "SELECT customer_id, person FROM people"
    if shop.count("SELECT count(*) FROM cards"):
        owner += """ UNION ALL SELECT cards.customer_id, person
            FROM cards JOIN people ON people.customer_id = cards.owner_id"""
    return f"""(
            SELECT * REPLACE (
                    CASE WHEN {ONE_PIECE} THEN CAST(1000 * sign(paid_minor) AS BIGINT)
                        ELSE quantity_milli END AS quantity_milli,
                    coalesce(discount_minor, 0) AS discount_minor),
                unit = 'kg' AND NOT ({ONE_PIECE}) AS by_weight,
                {unlisted} AS unlisted,
                {first_reason(CHECKS["purchases"])} AS reason
            FROM (
                SELECT * REPLACE (
                        CASE WHEN turned THEN -abs(quantity_milli) ELSE quantity_milli END AS quantity_milli,
                        CASE WHEN turned THEN -abs(paid_minor) ELSE paid_minor END AS paid_minor,
                        CASE WHEN turned THEN -abs(discount_minor) ELSE discount_minor END AS discount_minor)
                FROM (SELECT *, {TURNED} AS turned
                    FROM ({typed_select(shop.sources["purchases"], shop.declaration)})))
            LEFT JOIN (SELECT product_id, product_no FROM shelf) USING (product_id)
            LEFT JOIN ({owner}) USING (customer_id))"""


def clock_of(shop: LoadUnderWay, which: str = "person IS NOT NULL") -> ShopClock:
    """The shop's clock for those lines of this load (SQL), and for all of the one that it is added to."""
    first, last = shop.con.execute(
        f"SELECT epoch_us(min(purchased_at)), epoch_us(max(purchased_at)) FROM lines WHERE {which}"
    ).fetchall()[0]
    moments = [] if first is None else [EPOCH + first * MICROSECOND, EPOCH + last * MICROSECOND]
    if shop.former:
        moments += [shop.former.first_purchased_at, shop.former.last_purchased_at]
    return shop_clock(shop.declaration, min(moments, default=EPOCH), max(moments, default=EPOCH))


def write_bucket(
    shop: LoadUnderWay,
    con: duckdb.DuckDBPyConnection,
    bucket: int,
    clock: ShopClock,
    delivery: Delivery | None = None,
) -> None:
    """Write a bucket's customers and its purchases in order; `con` is a cursor of this thread's own."""
    found = con.execute("SELECT lowest, highest FROM ranges WHERE bucket = ?", [bucket]).fetchall()
    lowest, highest = found[0] if found else (0, -1)
    lines = f"(SELECT {LINE}, file_no, equal, true AS fresh FROM lines WHERE person BETWEEN {lowest} AND {highest})"
    buyers = "SELECT person FROM buyers"
    if delivery:
        con.execute(f"""CREATE OR REPLACE TEMP TABLE merged AS
            SELECT *, false AS leaves FROM {lines} UNION ALL
            SELECT {LINE}, -1 AS file_no, {EQUAL} AS equal, false AS fresh, leaves
            FROM ({delivery.stored_lines(bucket)})""")
        lines = "(SELECT * EXCLUDE (leaves) FROM merged WHERE NOT leaves)"
        buyers = "SELECT DISTINCT person FROM merged WHERE NOT leaves"
    con.execute(f"""CREATE OR REPLACE TEMP TABLE who AS
        SELECT CAST(row_number() OVER (ORDER BY person) - 1 AS INTEGER) AS customer_no, * FROM people
        WHERE person BETWEEN {lowest} AND {highest} AND (listed OR person IN ({buyers}))""")
    _write(con, shop, bucket_file("customers", bucket), STORED_CUSTOMERS, "who ORDER BY customer_no")
    if delivery and delivery.changes_nothing(shop, con, bucket, lowest, highest):
        os.link(delivery.former.purchases(bucket), shop.folder / bucket_file("purchases", bucket))
        return
    rows, distinct, spans = con.execute(
        f"SELECT count(*), count(DISTINCT {MAY_BE_SAME}), {clock.spans_midnight} FROM {lines}"
    ).fetchall()[0]
    kept = con.execute("SELECT count(*) FROM who").fetchall()[0][0]
    if rows == 0:  # written in one way, so that an empty file has the same bytes however it came about
        numbered = (
            f"(SELECT *, 0 AS customer_no FROM {with_own_day('lines', clock)} WHERE {NEVER_NULL} AND false)"
        )
    else:
        lines = dated(con, lines, clock) if spans else with_own_day(lines, clock)
        lines = lines if rows == distinct else _judged(con, lines)
        everybody = kept == highest - lowest + 1
        number = f"(SELECT *, person - {lowest} AS customer_no FROM {lines} WHERE person IS NOT NULL)"
        joined = f"({lines} JOIN (SELECT person, customer_no FROM who) USING (person))"
        numbered = f"{number if everybody else joined} WHERE {NEVER_NULL} ORDER BY {ORDER}"
    if delivery:
        note_replaced(con, lines, judged=rows > distinct)
    computed = {
        "customer_no": "CAST(customer_no AS INTEGER)",
        "line_no": "nullif(line_no, -9223372036854775808)",
        "unit": "CASE WHEN by_weight THEN 'kg' ELSE 'piece' END",
        "store_id": "nullif(store_id, '')",
    }
    _write(con, shop, bucket_file("purchases", bucket), STORED_PURCHASES, numbered, computed)


def dated(con: duckdb.DuckDBPyConnection, lines: str, clock: ShopClock) -> str:
    """SQL: `lines` with their day of business where receipts may go on past a day's start."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE dated AS FROM {with_business_day(lines, clock)}")
    return "(FROM dated)"


def _judged(con: duckdb.DuckDBPyConnection, lines: str) -> str:
    """SQL: the lines that stay; the others go to the quarantine, but stored ones that gave way to delivered ones."""
    # Windows over the few that may be the same cost a fraction of windows over all.
    con.execute(f"""CREATE OR REPLACE TEMP TABLE twice AS SELECT {MAY_BE_SAME} AS same FROM {lines}
        GROUP BY 1 HAVING count(*) > 1""")
    some = f"(SELECT * FROM {lines} WHERE {MAY_BE_SAME} IN (FROM twice))"
    con.execute(f"CREATE OR REPLACE TEMP TABLE judged AS FROM {told_apart(some)}")
    for table, whose in (("quarantine", "fresh"), ("stored_quarantine", "NOT fresh AND NOT for_fresh")):
        con.execute(f"""INSERT INTO {table} SELECT 'purchases', why,
            CAST(json_object('customer_id', customer_id, 'basket_id', basket_id, 'line_no', line_no,
                'purchased_at', CAST(purchased_at AS VARCHAR), 'product_id', product_id,
                'quantity_milli', quantity_milli, 'paid_minor', paid_minor, 'store_id', store_id) AS VARCHAR), local_day
            FROM judged JOIN who USING (person) JOIN shelf USING (product_no)
            WHERE why IS NOT NULL AND {whose}""")
    return f"""(SELECT * EXCLUDE (why, for_fresh) FROM judged WHERE why IS NULL UNION ALL BY NAME
        SELECT * FROM {lines} WHERE {MAY_BE_SAME} NOT IN (FROM twice))"""


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
