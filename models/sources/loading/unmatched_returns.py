"""Returns that take back more than the customer bought before them: listed for whoever keeps the tills.

The list is made from the load's purchases as a whole, so it is the same however they were delivered, and an append makes
it anew. Only merchandise is listed: nothing else is looked at, bought or returned.
"""

import duckdb

from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import quoted
from models.sources.stored.finished_load import UNMATCHED_FILE, Returns, bucket_file
from models.sources.stored.netting import netted, with_returns

COLUMNS = """customer_id, store_id, basket_id, line_no, purchased_at, product_id, quantity_milli,
    left_milli AS unmatched_milli, unit, paid_minor"""


def prepare_unmatched(shop: LoadUnderWay) -> None:
    """Make the empty table `unmatched_returns`."""
    shop.con.execute("""CREATE TABLE unmatched_returns (customer_id VARCHAR, store_id VARCHAR, basket_id VARCHAR,
        line_no BIGINT, purchased_at TIMESTAMPTZ, product_id VARCHAR, quantity_milli BIGINT, unmatched_milli BIGINT,
        unit VARCHAR, paid_minor BIGINT)""")


def note_unmatched(shop: LoadUnderWay, con: duckdb.DuckDBPyConnection, bucket: int) -> int:
    """Note those of a bucket that is written, by its own cursor; returns how many lines of it are returns."""
    purchases, customers = (
        f"read_parquet({quoted(str(shop.folder / bucket_file(table, bucket)))})"
        for table in ("purchases", "customers")
    )
    ((returned,),) = con.execute(f"SELECT count(*) FROM {purchases} WHERE quantity_milli < 0").fetchall()
    if returned:
        con.execute(f"""INSERT INTO unmatched_returns SELECT {COLUMNS}
            FROM (SELECT * FROM {netted(with_returns(purchases))} WHERE left_milli < 0)
            JOIN (SELECT customer_no, customer_id FROM {customers}) USING (customer_no)
            JOIN (SELECT product_no, product_id FROM shelf WHERE merchandise) USING (product_no)""")
    return int(returned)


def write_unmatched(shop: LoadUnderWay, returned: int) -> Returns:
    """Write the list where there is anything on it; returns what is to be said of the `returned` lines."""
    unmatched = shop.count("SELECT count(*) FROM unmatched_returns")
    if unmatched:
        target = quoted(str(shop.folder / UNMATCHED_FILE))
        shop.con.execute(f"COPY (FROM unmatched_returns ORDER BY ALL) TO {target} (FORMAT parquet)")
    return Returns(returned, unmatched)
