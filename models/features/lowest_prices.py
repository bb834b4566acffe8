"""The lowest price at which everybody could buy an item in the last 30 days: what a reduction is measured against.

Directive 98/6/EC, article 6a. A price without discount was everybody's. A discount was everybody's where, in six days, at
least three customers and half of the item's buyers had it: a chain's own promotion is on nearly every receipt, a
personal offer on few. Running values over buckets, one an item and block, that end the same in whatever order buckets come.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from models.features.catalogue import Catalogue
from models.features.odd_values import PRICE_FACTOR, Floats, Wholes
from models.ground.moment import Moment
from models.tables import ITEM_NO, PRICE_MINOR, PRODUCT_NO

LOWEST_PRICE_MINOR = "lowest_price_minor"
DAYS, BLOCKS = 30, 5  # blocks of six days; lowest_price.sql has both
LEAST_CUSTOMERS = 3
EVERYBODYS_SHARE = 2  # one in so many buyers
_NONE = np.iinfo(np.int64).max


@dataclass
class LowestPrices:
    """Of n items and the last five blocks of six days, newest first: arrays of shape (n, BLOCKS)."""

    size: int
    buyers: Wholes = field(init=False)
    reduced_buyers: Wholes = field(init=False)
    full_minor: Wholes = field(init=False)
    reduced_minor: Wholes = field(init=False)

    def __post_init__(self) -> None:
        """Start with nothing bought."""
        shape = (self.size, BLOCKS)
        self.buyers, self.reduced_buyers = (np.zeros(shape, dtype=np.int64) for _ in range(2))
        self.full_minor, self.reduced_minor = (np.full(shape, _NONE) for _ in range(2))

    def add(self, found: pd.DataFrame) -> None:
        """Merge one bucket's rows of `lowest_price.sql`; no customer is in two buckets."""
        at = found[ITEM_NO].to_numpy(dtype=np.int64), found["block"].to_numpy(dtype=np.int64)
        self.buyers[at] += found["buyers"].to_numpy(dtype=np.int64)
        self.reduced_buyers[at] += found["reduced_buyers"].to_numpy(dtype=np.int64)
        for name, low in (("full_minor", self.full_minor), ("reduced_minor", self.reduced_minor)):
            low[at] = np.minimum(low[at], found[name].fillna(_NONE).to_numpy(dtype=np.int64))

    def lowest(self, price_minor: Floats) -> Floats:
        """The lowest price of each item, shape (n,), NaN where it has none.

        Args:
            price_minor: (n,) what the item costs now, NaN where unknown: nobody's price was higher, as far as is known,
                where nothing was sold. A price less than a fifth of it is a slip of a till and counts as none.
        """
        everybodys = (self.reduced_buyers >= LEAST_CUSTOMERS) & (
            self.reduced_buyers * EVERYBODYS_SHARE >= self.buyers
        )
        lows = np.concatenate((self.full_minor, np.where(everybodys, self.reduced_minor, _NONE)), axis=1)
        believed = lows * PRICE_FACTOR >= price_minor[:, None]
        lowest: Floats = np.minimum(
            price_minor, np.where(believed, lows, _NONE).min(axis=1).astype(np.float64)
        )
        return lowest


def promoted_lowest(
    promotions: Path, catalogue: Catalogue, moment: Moment, lowest_minor: Floats, unit_minor: Floats
) -> Floats:
    """The lowest prices, shape (items,), with what the chain promoted in the last 30 days, in whichever store, sold or not.

    Args:
        promotions: the stored table (`models.tables.STORED_PROMOTIONS`).
        catalogue: products as items.
        moment: promotions of the 30 days before it count.
        lowest_minor: (items,) by what was sold.
        unit_minor: (items,) price of one unit without a promotion, NaN where unknown.
    """
    day = pd.Timestamp(moment.day)
    rows = pd.read_parquet(promotions).merge(catalogue.product_items.dropna(subset=[ITEM_NO]), on=PRODUCT_NO)
    starts, ends = pd.to_datetime(rows["starts_on"]), pd.to_datetime(rows["ends_on"])
    rows = rows[(starts < day) & (ends >= day - pd.Timedelta(days=DAYS))]
    at = rows[ITEM_NO].to_numpy(dtype=np.int64)
    off = rows["discount_minor"].to_numpy(dtype=np.float64)
    promoted = rows[PRICE_MINOR].to_numpy(dtype=np.float64)
    price = np.where(np.isnan(promoted), unit_minor[at] - off, promoted)
    lowest = lowest_minor.copy()
    believed = price * PRICE_FACTOR >= unit_minor[at]
    np.fmin.at(lowest, at[believed], price[believed])
    return lowest
