"""A delivery that is appended: which days it replaces, and how stored lines and delivered ones become one bucket.

A day that the delivery brings whole is taken out of the former load and put in anew; loading it twice changes
nothing. For any other day its lines are late or corrections: they are added, and where customer, basket and line_no
(without line_no: every column) are those of a stored line, they take its place. Buckets are merged one by one, so
memory does not grow with the history; a bucket to which nothing happens is not written again but linked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from models.ground.errors import BadInput
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.loading.local_day_sql import EPOCH, MICROSECOND
from models.sources.reading.data_folder import quoted
from models.sources.stored.finished_load import Data
from models.tables import CUSTOMER_NO, PRODUCT_NO, STORED_PURCHASES

# A day that is not named is taken for whole only if it keeps at least this share of its lines.
WHOLE_SHARE = 0.5


@dataclass(frozen=True)
class Delivery:
    """What is appended to what.

    Attributes:
        former: the load that is added to.
        replaced: local days whose stored lines are taken out.
        late_days: local days that got single lines, with their number.
        first_us, last_us: earliest and latest stored moment, microseconds since 1970.
        same_products: every stored product keeps its number.
    """

    former: Data
    replaced: tuple[date, ...]
    late_days: Mapping[date, int]
    first_us: int
    last_us: int
    same_products: bool

    def stored_lines(self, bucket: int) -> str:
        """SQL: the bucket's stored lines that stay, in the columns of the table `lines`."""
        files = [self.former.purchases(bucket)], [self.former.customers(bucket)]
        stored = _stored(self, *files, f"owner_id IS NULL AND bucket = {bucket}")
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
            (SELECT count(*) FROM merged)""").fetchall()[0]
        return bool(stored == kept)


def parse_days(text: str | None) -> tuple[date, date] | None:
    """Read "2024-03-31", "2024-03-30..2024-03-31" or "none", which is a span before all days; BadInput otherwise."""
    if text is None:
        return None
    if text == "none":
        return date.min, date.min
    first, _, last = text.partition("..")
    try:
        span = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        span = (date.max, date.min)
    if span[0] > span[1]:
        raise BadInput(
            f"--days {text} is not allowed; expected a day, FIRST..LAST such as 2024-03-30..2024-03-31, or none."
        )
    return span


def plan_delivery(shop: LoadUnderWay, former: Data, day: str, named: tuple[date, date] | None) -> Delivery:
    """Decide which days are replaced, and set stored lines of newly merged customers aside as `moved`.

    Args:
        shop: after `gather_lines`.
        former: the load that is added to.
        day: SQL, the local day of `purchased_at`.
        named: the first and last day that the delivery brings whole, as the operator says; None: the days that
            the data set names as partitions, otherwise its newest day.

    Raises:
        BadInput: a day that was not named would lose more than half of its lines.
    """
    delivered: dict[date, int] = dict(
        shop.con.execute(
            f"SELECT {day} AS local_day, count(*) FROM lines WHERE person IS NOT NULL GROUP BY 1"
        ).fetchall()
    )
    stored = former.days()
    whole = _whole_days(shop.sources["purchases"].days, sorted(delivered), named)
    replaced = tuple(day for day in sorted(stored) if any(first <= day <= last for first, last in whole))
    if not named:
        for day_ in replaced:
            if delivered.get(day_, 0) < WHOLE_SHARE * stored[day_]:
                raise BadInput(
                    f"The delivery holds {delivered.get(day_, 0):,} lines of {day_}, the workspace {stored[day_]:,}; a day is"
                    f" replaced whole. Name it with --days {day_} if that is meant, or say --days none if its"
                    " lines are late ones to be added."
                )
    same = (
        shop.con.execute(f"""SELECT count(*) FROM read_parquet({quoted(str(former.products))}) AS old
        JOIN shelf USING (product_id) WHERE old.product_no <> shelf.product_no""").fetchall()[0][0]
        == 0
    )
    late_days = {day_: n for day_, n in sorted(delivered.items()) if day_ in stored and day_ not in replaced}
    delivery = Delivery(
        former, replaced, late_days, _us(former.first_purchased_at), _us(former.last_purchased_at), same
    )
    _move_merged(shop, delivery)
    return delivery


def _whole_days(
    partitions: Sequence[date] | None, delivered: Sequence[date], named: tuple[date, date] | None
) -> list[tuple[date, date]]:
    if named:
        return [named]
    if not delivered:
        return []
    return [(day, day) for day in partitions or (delivered[-1],)]


def _stored(delivery: Delivery, purchases: Sequence[Path], customers: Sequence[Path], whose: str) -> str:
    days = ", ".join(f"DATE '{day}'" for day in delivery.replaced)
    kept = f"WHERE local_day NOT IN ({days})" if days else ""
    columns = ", ".join(name for name in STORED_PURCHASES.names if name not in {CUSTOMER_NO, PRODUCT_NO})
    return f"""
        SELECT person, shelf.product_no, basket_id, purchased_at, line_no, quantity_milli, paid_minor,
            discount_minor, unit = 'kg' AS by_weight, store_id
        FROM (SELECT customer_no, product_no AS old_no, {columns}, parse_filename(filename) AS of_bucket
              FROM read_parquet({_list(purchases)}, hive_partitioning = false, filename = true) {kept})
        JOIN (SELECT customer_no, of_bucket, person FROM (
                SELECT customer_no, customer_id, parse_filename(filename) AS of_bucket
                FROM read_parquet({_list(customers)}, hive_partitioning = false, filename = true))
              LEFT JOIN cards USING (customer_id)
              JOIN (SELECT customer_id AS person_id, person, bucket FROM people)
                ON person_id = coalesce(owner_id, customer_id) WHERE {whose}) USING (of_bucket, customer_no)
        JOIN (SELECT product_no AS old_no, product_id FROM read_parquet({quoted(str(delivery.former.products))}))
            USING (old_no)
        JOIN (SELECT product_id, product_no FROM shelf) AS shelf USING (product_id)"""


def _move_merged(shop: LoadUnderWay, delivery: Delivery) -> None:
    """Make `moved`: stored lines of customers who were merged since, for their owners' buckets."""
    former = delivery.former
    known = quoted(str(former.folder / "customers" / "*.parquet"))
    buckets = shop.con.execute(f"""SELECT DISTINCT parse_filename(filename) FROM read_parquet({known},
        hive_partitioning = false, filename = true) JOIN cards USING (customer_id) ORDER BY 1""").fetchall()
    moved = _stored(
        delivery,
        [former.folder / "purchases" / name for (name,) in buckets or [("bucket=0000.parquet",)]],
        [former.folder / "customers" / name for (name,) in buckets or [("bucket=0000.parquet",)]],
        "owner_id IS NOT NULL",
    )
    shop.con.execute(f"CREATE TABLE moved AS {moved}")


def _list(paths: Sequence[Path]) -> str:
    return "[" + ", ".join(quoted(str(path)) for path in paths) + "]"


def _us(moment: datetime) -> int:
    return (moment.astimezone(UTC) - EPOCH) // MICROSECOND
