"""To which day of business a line belongs: that of its receipt's first line.

Numbers of receipts may begin again every day and in every store, so lines of one number are not one receipt for
that: a receipt is what one customer bought in one store under one number, and a line belongs to the day before its
own only where that receipt had a line on that day, at most `RECEIPT_LASTS` earlier, and its lines go on counting.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.sources.loading.local_day_sql import EPOCH, MICROSECOND, local_time
from models.sources.reading.declaration import Declaration

# Longer than anybody stays at a till or at a table, and shorter than a number takes to come again.
RECEIPT_LASTS = timedelta(hours=6)
# Changing clocks move a line by at most so much towards the other end of its day.
CLOCK_CHANGE = timedelta(hours=1)
DAY_US = timedelta(days=1) // MICROSECOND
NEAR_US = (RECEIPT_LASTS + CLOCK_CHANGE) // MICROSECOND
LASTS_US = RECEIPT_LASTS // MICROSECOND
# SQL: the store of a line, never null; no store's id is empty.
STORE = "coalesce(store_id, '')"


@dataclass(frozen=True)
class ShopClock:
    """SQL about `purchased_at`, by the shop's clock.

    Attributes:
        own_day: the DATE of business in which the moment itself lies.
        into_day_us: microseconds since that day's start, by the wall clock.
    """

    own_day: str
    into_day_us: str

    @property
    def in_the_evening(self) -> str:
        """SQL: shortly before a day's end."""
        return f"{self.into_day_us} >= {DAY_US - NEAR_US}"

    @property
    def spans_midnight(self) -> str:
        """SQL over a set of lines: there are some shortly before and some shortly after a day's start."""
        return f"""coalesce(bool_or({self.into_day_us} < {NEAR_US})
            AND bool_or({self.in_the_evening}), false)"""


def shop_clock(declaration: Declaration, first: datetime, last: datetime) -> ShopClock:
    """The clock for moments from `first` to `last`."""
    shifted = local_time(
        "purchased_at", declaration.timezone, (first - EPOCH) // MICROSECOND, (last - EPOCH) // MICROSECOND
    )
    start = declaration.day_start // MICROSECOND
    since = f"({shifted} - {start})" if start else f"({shifted})"
    return ShopClock(f"CAST(make_timestamp({since}) AS DATE)", f"({since} % {DAY_US})")


def with_own_day(lines: str, clock: ShopClock) -> str:
    """SQL: `lines` with `local_day`, where no receipt among them goes on past a day's start."""
    return f"(SELECT *, {clock.own_day} AS local_day FROM {lines})"


def with_business_day(lines: str, clock: ShopClock) -> str:
    """SQL: `lines` (person, basket_id, store_id, purchased_at and others) with `local_day`, a day of business."""
    return f"""(
        WITH own AS (SELECT *, {clock.own_day} AS own_day, {clock.into_day_us} AS into_day_us FROM {lines}),
        evenings AS (
            SELECT person, basket_id, {STORE} AS store, own_day + 1 AS own_day,
                max(epoch_us(purchased_at)) AS last_us, max(line_no) AS last_no
            FROM own WHERE into_day_us >= {DAY_US - NEAR_US} GROUP BY ALL),
        mornings AS (
            SELECT person, basket_id, {STORE} AS store, own_day, min(line_no) AS first_no
            FROM own WHERE into_day_us < {NEAR_US} GROUP BY ALL),
        gone_on AS (
            SELECT person, basket_id, store AS of_store, own_day, last_us
            FROM evenings JOIN mornings USING (person, basket_id, store, own_day)
            WHERE coalesce(first_no > last_no, true))
        SELECT own.* EXCLUDE (own_day, into_day_us),
            CASE WHEN last_us >= epoch_us(purchased_at) - {LASTS_US} THEN own.own_day - 1 ELSE own.own_day END AS local_day
        FROM own LEFT JOIN gone_on ON into_day_us < {NEAR_US} AND own.person = gone_on.person
            AND own.basket_id = gone_on.basket_id AND {STORE} = of_store AND own.own_day = gone_on.own_day)"""
