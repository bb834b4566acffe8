"""What a delivery replaces: the days of business of each store that it brings.

A store's day is replaced where the delivery holds lines of it, be they nobody's. What it lacks of the stored receipts would be lost, so
the load stops and names them unless the operator says that they go, or that they stay. A line that goes on a stored
receipt of the evening before belongs to that receipt and brings no day of its own; nobody's lines shortly after a day's
start bring none either, because nobody knows whether they go on a receipt.
"""

from datetime import date
from enum import StrEnum

from models.ground.errors import BadInput
from models.sources.loading.business_day import (
    LASTS_US,
    NEAR_US,
    STORE,
    ShopClock,
    with_business_day,
    with_own_day,
)
from models.sources.loading.delivery import (
    Delivery,
    LackingReceipts,
    leaves,
    paths,
    persons,
    stored_lines,
)
from models.sources.loading.load_under_way import LoadUnderWay
from models.sources.reading.data_folder import quoted
from models.sources.stored.finished_load import Data

RECEIPTS_NAMED = 5
DAYS_NAMED = 3
# What makes a receipt, and of a receipt sold and returned lines by themselves.
RECEIPT = "person, store, basket_id, returned, local_day"


class Lacking(StrEnum):
    """What becomes of stored receipts that a delivery lacks of the days it brings."""

    STOP = "stop"
    REPLACE = "replace"
    ADD = "add"


def parse_days(text: str | None, lacking: Lacking) -> tuple[tuple[date, date] | None, Lacking]:
    """Read which days are brought whole, "2024-03-31" or "2024-03-30..2024-03-31"; "none" means Lacking.ADD.

    Raises BadInput for anything else, and where `lacking` says the contrary.
    """
    if text is None:
        return None, lacking
    if text == "none":
        if lacking is Lacking.REPLACE:
            raise BadInput("--days none adds every line and --replace takes lines out; say one of them.")
        return None, Lacking.ADD
    first, _, last = text.partition("..")
    try:
        span = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        span = (date.max, date.min)
    if span[0] > span[1]:
        raise BadInput(
            f"--days {text} is not allowed; expected a day, FIRST..LAST such as 2024-03-30..2024-03-31, or none."
        )
    if lacking is Lacking.ADD:
        raise BadInput(f"--days {text} replaces those days and --add replaces none; say one of them.")
    return span, lacking


def plan_delivery(
    shop: LoadUnderWay, former: Data, clock: ShopClock, named: tuple[date, date] | None, lacking: Lacking
) -> Delivery:
    """Decide which stores' days are replaced, and set stored lines of newly merged customers aside as `moved`.

    Args:
        shop: after `gather_lines`.
        former: the load that is added to.
        clock: for every moment of the delivery and of the former load.
        named: the first and last day that the delivery brings whole, in all stores and as the only ones; None: every
            store's day of which it holds a line.
        lacking: Lacking.ADD replaces nothing.
    """
    shop.con.execute("CREATE TABLE replaced_days (store VARCHAR, local_day DATE)")
    shop.con.execute(
        "CREATE TABLE lacking_receipts (store VARCHAR, local_day DATE, basket_id VARCHAR, lines BIGINT)"
    )
    _gather_receipts(shop, clock)
    if lacking is not Lacking.ADD:
        _find_replaced_days(shop, former, clock, named)
    same = (
        shop.con.execute(f"""SELECT count(*) FROM read_parquet({quoted(str(former.products))}) AS old
        JOIN shelf USING (product_id) WHERE old.product_no <> shelf.product_no""").fetchall()[0][0]
        == 0
    )
    replaced = shop.con.execute("SELECT DISTINCT local_day FROM replaced_days ORDER BY 1").fetchall()
    lacks = _lacking(shop)
    delivered = shop.con.execute(
        "SELECT local_day, sum(lines)::BIGINT FROM receipts GROUP BY 1 ORDER BY 1"
    ).fetchall()
    stored = former.days()
    found = tuple(day for (day,) in replaced)
    late = {day: lines for day, lines in delivered if day in stored and day not in found}
    delivery = Delivery(former, clock, found, late, lacks, same)
    _move_merged(shop, former, clock)
    return delivery


def refuse_lacking(delivery: Delivery) -> None:
    """Raise BadInput, with what the delivery lacks, where it lacks anything."""
    if sentence := lacking_in_words(delivery):
        raise BadInput(sentence)


def lacking_in_words(delivery: Delivery) -> str | None:
    """What the delivery lacks and what to say about it, None where it lacks nothing."""
    if not delivery.lacking:
        return None
    days = [_day_in_words(day) for day in delivery.lacking[:DAYS_NAMED]]
    left = len(delivery.lacking) - DAYS_NAMED
    days += [f"and {left:,} more days of stores"] if left > 0 else []
    lines = sum(day.lines for day in delivery.lacking)
    return (
        f"The delivery replaces days of which it lacks stored receipts, and {lines:,} stored"
        f" {'line' if lines == 1 else 'lines'} would go: {'; '.join(days)}. Say --replace if they are to go, or --add if they"
        " are to stay."
    )


def _day_in_words(day: LackingReceipts) -> str:
    store = f" in store {day.store_id}" if day.store_id is not None else ""
    left = day.count - len(day.receipts)
    more = f" and {left:,} more" if left else ""
    return f"{day.day}{store} lacks {', '.join(day.receipts)}{more}"


def _gather_receipts(shop: LoadUnderWay, clock: ShopClock) -> None:
    """Make `receipts`, the delivered ones with their days as if nothing else were known, `mornings` and `nobodys_days`.

    `mornings` are those with lines after their day's end, `nobodys_days` the stores' days of lines without a customer.
    """
    good = f"(SELECT *, {STORE} AS store, quantity_milli < 0 AS returned FROM lines WHERE person IS NOT NULL)"
    spans = shop.con.execute(f"SELECT {clock.spans_midnight} FROM {good}").fetchall()[0][0]
    dated = with_business_day(good, clock) if spans else with_own_day(good, clock)
    shop.con.execute(f"""CREATE TABLE receipts AS SELECT {RECEIPT}, count(*) AS lines,
            max(epoch_us(purchased_at)) AS last_us, bool_or({clock.own_day} > local_day) AS morning,
            min(line_no) AS first_no
        FROM {dated} GROUP BY {RECEIPT}""")
    shop.con.execute(
        "CREATE TABLE mornings AS SELECT DISTINCT person, store, basket_id, local_day"
        " FROM receipts WHERE morning"
    )
    shop.con.execute(f"""CREATE TABLE nobodys_days AS SELECT DISTINCT {STORE} AS store, {clock.own_day} AS local_day
        FROM lines WHERE person IS NULL AND bad IS NULL AND {clock.into_day_us} >= {NEAR_US}""")


def _find_replaced_days(
    shop: LoadUnderWay, former: Data, clock: ShopClock, named: tuple[date, date] | None
) -> None:
    """Fill `replaced_days` and `lacking_receipts`; what a receipt got after its day's end is no line it could lack."""
    evening = f"{clock.own_day} = local_day AND {clock.in_the_evening}"
    span = f"local_day BETWEEN DATE '{named[0]}' AND DATE '{named[1]}'" if named else "true"
    files = [former.purchases(bucket) for bucket in range(former.buckets)]
    customers = [former.customers(bucket) for bucket in range(former.buckets)]
    wanted = span if named else "false"
    shop.con.execute(f"""CREATE TABLE stored_receipts AS
        SELECT {RECEIPT}, sum(lines) AS lines, max(last_us) AS last_us, max(last_no) AS last_no
        FROM (SELECT customer_no, parse_filename(filename) AS of_bucket, {STORE} AS store, basket_id,
                quantity_milli < 0 AS returned, local_day,
                count(*) FILTER ({clock.own_day} = local_day) AS lines,
                max(epoch_us(purchased_at)) FILTER ({evening}) AS last_us,
                max(line_no) FILTER ({evening}) AS last_no
              FROM read_parquet({paths(files)}, hive_partitioning = false, filename = true)
              WHERE {wanted} OR local_day IN (
                SELECT local_day FROM receipts UNION SELECT local_day - 1 FROM receipts
                UNION SELECT local_day FROM nobodys_days)
              GROUP BY ALL)
        JOIN ({persons(customers)}) USING (of_bucket, customer_no) GROUP BY {RECEIPT}""")
    days = "SELECT store, local_day FROM receipts UNION SELECT store, local_day FROM nobodys_days"
    # The evening before must stay as it is stored, or there is no receipt to go on.
    brought = f"""SELECT store, local_day FROM receipts AS morning
        WHERE NOT EXISTS (SELECT 1 FROM stored_receipts AS evening
            WHERE evening.person = morning.person AND evening.store = morning.store
              AND evening.basket_id = morning.basket_id AND evening.local_day = morning.local_day - 1
              AND evening.last_us >= morning.last_us - {LASTS_US}
              AND coalesce(morning.first_no > evening.last_no, true)
              AND (evening.store, evening.local_day) NOT IN ({days}))
        UNION SELECT store, local_day FROM nobodys_days"""
    # Only what is stored can be replaced.
    shop.con.execute(f"""INSERT INTO replaced_days SELECT DISTINCT store, local_day FROM stored_receipts
        WHERE {span if named else f"(store, local_day) IN ({brought})"}""")
    shop.con.execute(f"""INSERT INTO lacking_receipts SELECT store, local_day, basket_id, lines
        FROM stored_receipts ANTI JOIN receipts USING ({RECEIPT})
        WHERE lines > 0 AND (store, local_day) IN (SELECT store, local_day FROM replaced_days)""")


def _lacking(shop: LoadUnderWay) -> tuple[LackingReceipts, ...]:
    found = shop.con.execute(f"""SELECT store, local_day, list(DISTINCT basket_id ORDER BY basket_id)[:{RECEIPTS_NAMED}],
            count(DISTINCT basket_id), sum(lines)::BIGINT
        FROM lacking_receipts GROUP BY 1, 2 ORDER BY 2, 1""").fetchall()
    return tuple(
        LackingReceipts(store or None, day, tuple(numbers), count, lines)
        for store, day, numbers, count, lines in found
    )


def _move_merged(shop: LoadUnderWay, former: Data, clock: ShopClock) -> None:
    """Make `moved`: stored lines of customers who were merged since, for their owners' buckets."""
    known = quoted(str(former.folder / "customers" / "*.parquet"))
    buckets = shop.con.execute(f"""SELECT DISTINCT parse_filename(filename) FROM read_parquet({known},
        hive_partitioning = false, filename = true) JOIN cards USING (customer_id) ORDER BY 1""").fetchall()
    moved = stored_lines(
        former,
        [former.folder / "purchases" / name for (name,) in buckets or [("bucket=0000.parquet",)]],
        [former.folder / "customers" / name for (name,) in buckets or [("bucket=0000.parquet",)]],
        "owner_id IS NOT NULL",
        leaves(clock),
    )
    shop.con.execute(f"CREATE TABLE moved AS {moved}")
