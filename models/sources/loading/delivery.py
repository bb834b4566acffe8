"""A delivery that is appended: how stored lines and delivered ones become one bucket.

What a delivery replaces is a store's day of business: its stored lines are taken out and put in anew, and loading it
twice changes nothing. Every other stored line stays; where a delivered one is the same line, it takes its place. Buckets
are merged one by one, so memory does not grow with the history; a bucket to which nothing happens is not written again
but linked. What is replaced is decided in `delivery_plan`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from models.sources.loading.business_day import STORE, ShopClock
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import quoted
from models.sources.stored.finished_load import Data
from models.tables import CUSTOMER_NO, PRODUCT_NO, STORED_PURCHASES


@dataclass(frozen=True)
class LackingReceipts:
    """Stored receipts of a store's day that the delivery does not bring.

    Attributes:
        store_id: None where the shop names no stores.
        day: the day of business.
        receipts: numbers of some of them, in order.
        count: how many there are.
        lines: lines that they have.
    """

    store_id: str | None
    day: date
    receipts: tuple[str, ...]
    count: int
    lines: int


@dataclass(frozen=True)
class Delivery:
    """What is appended to what; `replaced_days` and `mornings`, of `delivery_plan`, lie in the load's connection.

    Attributes:
        former: the load that is added to.
        clock: for its moments and those of the delivery.
        replaced: days of business of which at least one store's stored lines are taken out.
        late_days: stored days that got lines and were replaced in no store, with the number of the lines.
        lacking: what the delivery lacks of the days that it replaces.
        same_products: every stored product keeps its number.
    """

    former: Data
    clock: ShopClock
    replaced: tuple[date, ...]
    late_days: Mapping[date, int]
    lacking: tuple[LackingReceipts, ...]
    same_products: bool

    def stored_lines(self, bucket: int) -> str:
        """SQL: the bucket's stored lines in the columns of the table `lines`, and whether each `leaves`."""
        files = [self.former.purchases(bucket)], [self.former.customers(bucket)]
        whose = f"owner_id IS NULL AND bucket = {bucket}"
        stored = stored_lines(self.former, *files, whose, leaves(self.clock) if self.replaced else "false")
        return f"""{stored} UNION ALL SELECT * FROM moved
            WHERE person IN (SELECT person FROM people WHERE bucket = {bucket})"""

    def changes_nothing(
        self, shop: LoadUnderWay, con: duckdb.DuckDBPyConnection, bucket: int, lowest: int, highest: int
    ) -> bool:
        """Tell whether the bucket's stored purchases can stay as they are: same lines, same numbers."""
        if not self.same_products:
            return False
        if con.execute(
            f"SELECT 1 FROM merged WHERE fresh AND person BETWEEN {lowest} AND {highest} LIMIT 1"
        ).fetchall():
            return False
        numbers = [
            con.execute(f"SELECT customer_no, customer_id FROM read_parquet({quoted(str(path))})").fetchall()
            for path in (
                self.former.customers(bucket),
                shop.folder / "customers" / self.former.customers(bucket).name,
            )
        ]
        if numbers[0] != numbers[1]:
            return False
        stored, kept = con.execute(f"""SELECT
            (SELECT count(*) FROM read_parquet({quoted(str(self.former.purchases(bucket)))})),
            (SELECT count(*) FROM merged WHERE NOT leaves)""").fetchall()[0]
        return bool(stored == kept)


def leaves(clock: ShopClock) -> str:
    """SQL over stored lines with their `person`: the delivery brings the line's store and day anew.

    What a receipt got after its day's end leaves only where the delivery has some of that too: a delivery that was cut
    at the day's end does not have it.
    """
    return f"""({STORE}, local_day) IN (SELECT store, local_day FROM replaced_days)
        AND ({clock.own_day} = local_day
             OR (person, {STORE}, basket_id, local_day) IN (SELECT person, store, basket_id, local_day FROM mornings))"""


def stored_lines(
    former: Data, purchases: Sequence[Path], customers: Sequence[Path], whose: str, leaves: str
) -> str:
    """SQL: lines of some of a load's files, under the numbers that this load gives, and whether each `leaves`."""
    columns = ", ".join(name for name in STORED_PURCHASES.names if name not in {CUSTOMER_NO, PRODUCT_NO})
    return f"""
        SELECT person, shelf.product_no, basket_id, purchased_at, line_no, quantity_milli, paid_minor,
            discount_minor, unit = 'kg' AS by_weight, store_id, {leaves} AS leaves
        FROM (SELECT customer_no, product_no AS old_no, {columns}, parse_filename(filename) AS of_bucket
              FROM read_parquet({paths(purchases)}, hive_partitioning = false, filename = true))
        JOIN ({persons(customers, whose)}) USING (of_bucket, customer_no)
        JOIN (SELECT product_no AS old_no, product_id FROM read_parquet({quoted(str(former.products))}))
            USING (old_no)
        JOIN (SELECT product_id, product_no FROM shelf) AS shelf USING (product_id)"""


def persons(customers: Sequence[Path], whose: str = "true") -> str:
    """SQL: customer_no and of_bucket (a file's name) of a former load with the `person` of this one."""
    return f"""SELECT customer_no, of_bucket, person FROM (
                SELECT customer_no, customer_id, parse_filename(filename) AS of_bucket
                FROM read_parquet({paths(customers)}, hive_partitioning = false, filename = true))
              LEFT JOIN cards USING (customer_id)
              JOIN (SELECT customer_id AS person_id, person, bucket FROM people)
                ON person_id = coalesce(owner_id, customer_id) WHERE {whose}"""


def paths(files: Sequence[Path]) -> str:
    """SQL: a list of files."""
    return "[" + ", ".join(quoted(str(path)) for path in files) + "]"
