"""What a shop looks like from outside, so that a night can tell its own shop from another one.

A likeness is small and goes into a model version and into every run: marks of sampled baskets and items with
prices, and lines a day. It holds no customer's id, hashed or not: a hash of a short number is that number to
anybody who can count. A mark is the start of a SHA-256 (items) or MD5 (baskets); the sample is the smallest
marks, the "bottom k" of Cohen and Kaplan (2007), so two looks at one shop sample the same things without sharing
any state.
"""

import hashlib
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from models.features.catalogue import Catalogue
from models.ground.moment import Moment
from models.sources import Data
from models.tables import ITEM_ID, PRICE_MINOR

MARK_LENGTH = 12
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SAMPLED_BASKETS = 256  # a share found is known within 3 percentage points
SAMPLED_ITEMS = 512
# Five whole weeks: a weekday of the last one has four former ones to be compared with.
DAYS = 35
# Lines may still arrive or be corrected this long after the purchase; earlier ones are taken as settled.
SETTLED_AFTER_DAYS = 7
# An item is in use if somebody bought it this recently.
IN_USE_DAYS = 84

_MARK = f"left(md5(basket_id || '|' || epoch_us(purchased_at)), {MARK_LENGTH})"


@dataclass(frozen=True)
class Likeness:
    """One look at a shop just before a moment.

    Attributes:
        day: local day of the moment.
        newest_purchase: ISO moment of the last purchase before it, None where there is none.
        lines: purchase lines of each whole local day (ISO) of the last DAYS days; days without any are 0.
        paid_minor: money received on those days.
        shoppers: customers who bought on those days.
        baskets: marks of sampled baskets of the days from `day` - DAYS to `day` - SETTLED_AFTER_DAYS.
        items: marks of sampled items in use, with their price in minor units (None where unknown).
        largest_minor: money of the dearest line of those days; empty in a look that was taken before it was noted.
    """

    day: str
    newest_purchase: str | None
    lines: dict[str, int]
    paid_minor: dict[str, int]
    shoppers: dict[str, int]
    baskets: list[str]
    items: dict[str, int | None]
    largest_minor: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content; marks as one line of text each, so that a manifest stays readable."""
        marked = [mark if price is None else f"{mark}:{price}" for mark, price in self.items.items()]
        return asdict(self) | {"baskets": " ".join(self.baskets), "items": " ".join(marked)}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Likeness":
        """Read what `as_dict` gave."""
        pairs = (mark.partition(":") for mark in content["items"].split())
        items = {mark: int(price) if price else None for mark, _, price in pairs}
        return cls(**(content | {"baskets": content["baskets"].split(), "items": items}))

    @property
    def basket_days(self) -> tuple[date, date]:
        """First local day of the sampled baskets, and the first day after them."""
        return _basket_days(date.fromisoformat(self.day))

    @property
    def settled_lines(self) -> dict[str, int]:
        """Lines of the days that no late line should change any more."""
        until = self.basket_days[1].isoformat()
        return {day: lines for day, lines in self.lines.items() if day < until}


def look(data: Data, catalogue: Catalogue, item_table: pd.DataFrame, moment: Moment) -> Likeness:
    """Look at the shop just before `moment`; reads six columns of every bucket, one bucket at a time.

    Args:
        data: the shop's purchases.
        catalogue: its items.
        item_table: `models.features.item_statistics` at the moment, index item_no: price_minor, last_sold_days.
        moment: nothing at or after it is read.
    """
    first, until = moment.day - timedelta(days=DAYS), moment.day
    days = [(first + timedelta(days=ago)).isoformat() for ago in range(DAYS)]
    lines, paid, shoppers, largest = (dict.fromkeys(days, 0) for _ in range(4))
    newest, baskets = [], set[str]()
    with duckdb.connect(config={"threads": 1}) as connection:
        for bucket in range(data.buckets):
            file = str(data.purchases(bucket))
            counted = connection.execute(
                "SELECT local_day::VARCHAR, count(*), sum(paid_minor)::BIGINT, count(DISTINCT customer_no), max(epoch_us(purchased_at)), "
                "max(paid_minor) FROM read_parquet(?) WHERE epoch_us(purchased_at) < ? GROUP BY local_day",
                [file, (moment.as_of - EPOCH) // timedelta(microseconds=1)],
            ).fetchall()
            for day, count, money, customers, last, dearest in counted:
                newest.append(last)
                if day in lines:
                    lines[day] += count
                    paid[day] += money
                    shoppers[day] += customers
                    largest[day] = max(largest[day], dearest)
            baskets.update(_marks(connection, file, _basket_days(until), SAMPLED_BASKETS))
    marks = item_marks(catalogue, item_table)
    return Likeness(
        day=until.isoformat(),
        newest_purchase=(EPOCH + timedelta(microseconds=max(newest))).isoformat() if newest else None,
        lines=lines,
        paid_minor=paid,
        shoppers=shoppers,
        baskets=sorted(baskets)[:SAMPLED_BASKETS],
        items={mark: marks[mark] for mark in sorted(marks)[:SAMPLED_ITEMS]},
        largest_minor=largest,
    )


def item_marks(catalogue: Catalogue, item_table: pd.DataFrame) -> dict[str, int | None]:
    """Mark and price of every item in use; the mark is of id and name, as two shops may both number from 1."""
    in_use = np.flatnonzero(item_table["last_sold_days"].to_numpy() <= IN_USE_DAYS)
    items = catalogue.items.iloc[in_use]
    prices = item_table[PRICE_MINOR].to_numpy()[in_use].tolist()
    return {
        hashlib.sha256(f"{item_id}|{name}".encode()).hexdigest()[:MARK_LENGTH]: (
            None if np.isnan(price) else round(price)
        )
        for item_id, name, price in zip(items[ITEM_ID], items["name"], prices, strict=True)
    }


def known_basket_share(known: Likeness, data: Data) -> float | None:
    """Share of the sampled baskets of `known` that stand in `data`; None where it does not reach so far back."""
    first, until = known.basket_days
    found = set[str]()
    covered = False
    with duckdb.connect(config={"threads": 1}) as connection:
        for bucket in range(data.buckets):
            file = str(data.purchases(bucket))
            oldest = connection.execute("SELECT min(local_day) FROM read_parquet(?)", [file]).fetchall()[0][0]
            covered = covered or (oldest is not None and oldest <= first)
            found.update(_marks(connection, file, (first, until), None, known.baskets))
    return len(found) / len(known.baskets) if covered and known.baskets else None


def _basket_days(day: date) -> tuple[date, date]:
    return day - timedelta(days=DAYS), day - timedelta(days=SETTLED_AFTER_DAYS)


def _marks(
    connection: duckdb.DuckDBPyConnection,
    file: str,
    days: tuple[date, date],
    limit: int | None,
    among: list[str] | None = None,
) -> list[str]:
    wanted = "" if among is None else "AND list_contains(?::VARCHAR[], mark)"
    rows = connection.execute(
        f"SELECT DISTINCT {_MARK} AS mark FROM read_parquet(?) "
        f"WHERE local_day >= ? AND local_day < ? {wanted} ORDER BY mark {'' if limit is None else 'LIMIT ' + str(limit)}",
        [file, *days, *([] if among is None else [among])],
    ).fetchall()
    return [mark for (mark,) in rows]
