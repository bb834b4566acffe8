"""Stored lines that an append takes out, or puts another line in the place of: counted, kept and named.

They lie in the load's `replaced.parquet` with the load that took them out, and go on from load to load until everything
is loaded anew. The file tells how the data came about and not what they are, so it is no part of their fingerprint.
"""

import duckdb

from models.sources.loading.delivery import Delivery
from models.sources.loading.line_identity import LINE
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import quoted
from models.sources.stored.current_load import next_load_id
from models.sources.stored.finished_load import REPLACED_FILE
from models.tables.row_checks import LINE_NO_TWICE

COLUMNS = """load_id, customer_id, store_id, basket_id, line_no, purchased_at, product_id, quantity_milli,
    CASE WHEN by_weight THEN 'kg' ELSE 'piece' END AS unit, paid_minor, discount_minor"""


def prepare_replaced(shop: LoadUnderWay) -> None:
    """Make the empty table `replaced_lines`."""
    shop.con.execute(f"CREATE TABLE replaced_lines AS SELECT {LINE} FROM lines WHERE false")


def note_replaced(con: duckdb.DuckDBPyConnection, kept: str, *, judged: bool) -> None:
    """Note the lines of the bucket's `merged` that leave and do not come back, and those that gave way.

    Args:
        con: the bucket's own cursor.
        kept: SQL, the lines that the bucket will have, with `fresh`.
        judged: there is a table `judged`, in which stored lines may have given way.
    """
    if con.execute("SELECT 1 FROM merged WHERE leaves LIMIT 1").fetchall():
        con.execute(f"""INSERT INTO replaced_lines SELECT {LINE} FROM merged WHERE leaves
            EXCEPT ALL SELECT {LINE} FROM {kept} WHERE fresh""")
    if judged:
        con.execute(
            f"INSERT INTO replaced_lines SELECT {LINE} FROM judged WHERE why = '{LINE_NO_TWICE}' AND NOT fresh"
        )


def write_replaced(shop: LoadUnderWay, delivery: Delivery) -> int:
    """Write the load's replaced.parquet where there is anything to keep; returns how many lines this load adds."""
    parts = [
        f"""SELECT {COLUMNS} FROM (SELECT '{next_load_id(shop.folder)}' AS load_id, * FROM replaced_lines)
            JOIN (SELECT person, customer_id FROM people) USING (person)
            JOIN (SELECT product_no, product_id FROM shelf) USING (product_no)"""
    ]
    former = delivery.former.folder / REPLACED_FILE
    if former.exists():
        alive = "customer_id IN (SELECT customer_id FROM people UNION ALL SELECT customer_id FROM cards)"
        erasing = f"WHERE {alive}" if shop.customers_complete else ""
        parts.append(f"SELECT * FROM read_parquet({quoted(str(former))}) {erasing}")
    count = shop.count("SELECT count(*) FROM replaced_lines")
    if count or former.exists():
        target = quoted(str(shop.folder / REPLACED_FILE))
        shop.con.execute(f"COPY ({' UNION ALL '.join(parts)} ORDER BY ALL) TO {target} (FORMAT parquet)")
    return count
