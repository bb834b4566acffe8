"""What one odd price or quantity may not do to its item: a till that types 649.50 for 5.95 must not set a price.

Both are running values over buckets, one an item, that end the same in whatever order the buckets come.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.tables import ITEM_NO, PRICE_MINOR

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]

# So many of the last prices are kept, and a price this many times above or below their median is no price. Two odd ones
# among five move nothing, and a price that really changed so much is believed from its third line on.
NEWEST = 5
PRICE_FACTOR = 5.0
# So many of the last prices must agree that the shop's own price is none, by the same factor.
SALES_AGAINST_PRICE = 3
# More than this share of all prices is no slip of a hand: the table stands as it is, and a night's guard sees it.
BELIED_SHARE = 0.2
# A day that is so many times dearer, or larger, than all other days of its item together is not counted into means.
DAY_FACTOR = 20.0
# With fewer other days nobody knows which of them is odd.
OTHER_DAYS = 5
DAY = ("by_what", "full_minor", "quantity_milli", "discount_minor", "age_days")
NEVER = np.iinfo(np.int64).min


@dataclass
class LastPrices:
    """The last undiscounted prices of n items, newest first: arrays of shape (n, NEWEST)."""

    size: int
    paid_at_us: Wholes = field(init=False)
    price_minor: Wholes = field(init=False)

    def __post_init__(self) -> None:
        """Start with nothing paid."""
        self.paid_at_us = np.full((self.size, NEWEST), NEVER)
        self.price_minor = np.zeros((self.size, NEWEST), dtype=np.int64)

    def add(self, prices: pd.DataFrame) -> None:
        """Merge one bucket's rows of `price.sql`."""
        place = prices.groupby(ITEM_NO).cumcount().to_numpy()
        rows, row = np.unique(prices[ITEM_NO].to_numpy(dtype=np.int64), return_inverse=True)
        at, price = (np.full((len(rows), 2 * NEWEST), NEVER) for _ in range(2))
        at[:, :NEWEST], price[:, :NEWEST] = self.paid_at_us[rows], self.price_minor[rows]
        at[row, NEWEST + place] = prices["priced_at_us"].to_numpy(dtype=np.int64)
        price[row, NEWEST + place] = prices[PRICE_MINOR].to_numpy(dtype=np.int64)
        newest = np.lexsort((price, at), axis=1)[:, : -NEWEST - 1 : -1]
        self.paid_at_us[rows] = np.take_along_axis(at, newest, axis=1)
        self.price_minor[rows] = np.take_along_axis(price, newest, axis=1)

    def last(self) -> Floats:
        """The last price of each item that is near the (lower) median of the last ones, shape (n,); NaN for none."""
        known = self.paid_at_us > NEVER
        ordered = np.sort(np.where(known, self.price_minor, np.iinfo(np.int64).max), axis=1)
        middle = np.maximum(known.sum(axis=1) - 1, 0) // 2
        usual = ordered[np.arange(self.size), middle][:, None]
        near = known & (self.price_minor <= PRICE_FACTOR * usual) & (usual <= PRICE_FACTOR * self.price_minor)
        chosen = self.price_minor[np.arange(self.size), near.argmax(axis=1)]
        return np.where(known.any(axis=1), chosen, np.nan)

    def against(self, given: Floats) -> Floats:
        """The shop's own prices, shape (n,), NaN for none; where its last sales belie one, or there is none, the last one paid.

        Where they belie many, the table is wrong as a whole, which is not for us to correct.
        """
        last = self.last()[:, None]
        near = (self.price_minor <= PRICE_FACTOR * last) & (last <= PRICE_FACTOR * self.price_minor)
        agree = ((self.paid_at_us > NEVER) & near).sum(axis=1) >= SALES_AGAINST_PRICE
        far = (given > PRICE_FACTOR * last[:, 0]) | (given * PRICE_FACTOR < last[:, 0])
        belied = agree & far
        if belied.sum() > max(1.0, BELIED_SHARE * (agree & ~np.isnan(given)).sum()):
            belied[:] = False
        return np.where(np.isnan(given) | belied, last[:, 0], given)


@dataclass
class FurthestDay:
    """Of n items, the customer's day that is dearest or largest: shape (n, 5), in the order of DAY."""

    size: int
    prefix: str
    day: Wholes = field(init=False)

    def __post_init__(self) -> None:
        """Start with no day."""
        self.day = np.zeros((self.size, len(DAY)), dtype=np.int64)

    def add(self, demand: pd.DataFrame) -> None:
        """Merge one bucket's rows of `item.sql`."""
        rows = demand[ITEM_NO].to_numpy(dtype=np.int64)
        came = demand[[f"{self.prefix}_{name}" for name in DAY]].to_numpy(dtype=np.int64)
        further, tied = np.zeros(len(rows), dtype=np.bool_), np.ones(len(rows), dtype=np.bool_)
        for theirs, ours in zip(came.T, self.day[rows].T, strict=True):
            further |= tied & (theirs > ours)
            tied &= theirs == ours
        self.day[rows[further]] = came[further]


def without_odd_days(
    sums: dict[str, Floats], dearest: FurthestDay, largest: FurthestDay
) -> dict[str, Floats]:
    """Sums of money and quantity without a day that outweighs all others, each of shape (n,).

    Args:
        sums: full_minor, quantity_milli, buy_days, and the sums of 7 and 56 days, of n items.
        dearest, largest: the days that may be odd; taken off together where they are one.
    """
    dear, large = (
        {name: far.day[:, place].astype(np.float64) for place, name in enumerate(DAY)}
        for far in (dearest, largest)
    )
    others = sums["buy_days"] - 1.0
    # multiplied out, because an item without other days has no mean of them
    odd_price = dear["full_minor"] * (sums["quantity_milli"] - dear["quantity_milli"]) > DAY_FACTOR * dear[
        "quantity_milli"
    ] * (sums["full_minor"] - dear["full_minor"])
    odd_quantity = large["quantity_milli"] * others > DAY_FACTOR * (
        sums["quantity_milli"] - large["quantity_milli"]
    )
    odd_price &= others >= OTHER_DAYS
    odd_quantity &= others >= OTHER_DAYS
    odd_quantity &= ~(odd_price & (dearest.day[:, 1:] == largest.day[:, 1:]).all(axis=1))
    left = dict(sums)
    for odd, day in ((odd_price, dear), (odd_quantity, large)):
        left["buy_days"] = left["buy_days"] - odd
        left["quantity_milli"] = left["quantity_milli"] - odd * day["quantity_milli"]
        left["full_minor"] = left["full_minor"] - odd * day["full_minor"]
        for days in (7, 56):
            for name in ("full_minor", "discount_minor"):
                recent = odd & (day["age_days"] <= days)
                left[f"{name}_{days}d"] = left[f"{name}_{days}d"] - recent * day[name]
    return left
