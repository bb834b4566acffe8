"""What the shop's buckets together tell about each item: sums of parts, then one table."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pandas as pd

from models.features.bucket_history import read_sql
from models.features.catalogue import Catalogue
from models.features.lowest_prices import LOWEST_PRICE_MINOR, LowestPrices
from models.features.odd_values import NEWEST, FurthestDay, LastPrices, without_odd_days
from models.tables import ITEM_NO, PRICE_MINOR

SUMS = (
    "buyers",
    "buyers_7d",
    "buyers_28d",
    "buyers_84d",
    "repeaters",
    "new_buyers_28d",
    "triers",
    "triers_who_repeated",
    "buy_days",
    "buy_days_28d",
    "buy_days_84d",
    "log_gap_sum",
    "log_gap_count",
    "quantity_milli",
    "full_minor",
    "discount_minor_7d",
    "full_minor_7d",
    "discount_minor_56d",
    "full_minor_56d",
)
# A share of few observations is pulled towards the shop's share with this many observations' weight.
SHRINKAGE_BUYERS = 20.0


@dataclass(frozen=True)
class ItemPart:
    """One bucket's share of the item statistics: the rows of `item.sql`, of `price.sql` and of `lowest_price.sql`."""

    demand: pd.DataFrame
    prices: pd.DataFrame
    lowest: pd.DataFrame


def item_part(bought: duckdb.DuckDBPyConnection) -> ItemPart:
    """Summarise one bucket's purchases (see `open_bought`) by item."""
    prices = bought.execute(read_sql("price.sql"), {"newest": NEWEST}).df()
    lowest = bought.execute(read_sql("lowest_price.sql")).df()
    return ItemPart(bought.execute(read_sql("item.sql")).df(), prices, lowest)


@dataclass
class ItemStatistics:
    """Running sums over buckets, one value an item; memory does not grow with customers.

    `add` every bucket's part in any order, then `table()`.
    """

    catalogue: Catalogue
    sums: dict[str, np.ndarray] = field(init=False)
    last_sold_days: np.ndarray = field(init=False)
    first_sold_days: np.ndarray = field(init=False)
    prices: LastPrices = field(init=False)
    lowest: LowestPrices = field(init=False)
    dearest: FurthestDay = field(init=False)
    largest: FurthestDay = field(init=False)

    def __post_init__(self) -> None:
        """Start with an item nobody bought."""
        size = len(self.catalogue)
        # log gaps come as exact decimals and are kept in millionths, so that no sum depends on its order
        self.sums = {name: np.zeros(size, dtype=np.int64) for name in SUMS}
        self.last_sold_days = np.full(size, np.nan)
        self.first_sold_days = np.full(size, np.nan)
        self.prices, self.lowest = LastPrices(size), LowestPrices(size)
        self.dearest, self.largest = FurthestDay(size, "dearest"), FurthestDay(size, "largest")

    def add(self, part: ItemPart) -> None:
        """Merge one bucket's part."""
        rows = part.demand[ITEM_NO].to_numpy(dtype=np.int64)
        for name in SUMS:
            scale = 1e6 if name == "log_gap_sum" else 1.0
            values = np.rint(part.demand[name].fillna(0).to_numpy(dtype=np.float64) * scale)
            self.sums[name][rows] += values.astype(np.int64)
        self.last_sold_days[rows] = np.fmin(
            self.last_sold_days[rows], part.demand["last_sold_days"].to_numpy()
        )
        self.first_sold_days[rows] = np.fmax(
            self.first_sold_days[rows], part.demand["first_sold_days"].to_numpy()
        )
        self.dearest.add(part.demand)
        self.largest.add(part.demand)
        if self.catalogue.item_level == "product":
            self.prices.add(part.prices)
            self.lowest.add(part.lowest)

    def table(self) -> pd.DataFrame:
        """One row an item (index item_no): the item features, in float32, NaN where nothing is known.

        Shares are shrunk towards the shop's own share (additive smoothing with SHRINKAGE_BUYERS).
        `price_minor` is the shop's price where the products table gives one that its last sales do not belie, else the
        last undiscounted unit price before `as_of` that is near the prices before it; a family has none. `lowest_price_minor` is the lowest
        price at which everybody could buy the item in the last 30 days (see `lowest_prices`). Means of money and units are
        taken without a day that outweighs all others of its item (see `odd_values`).
        """
        s = {name: values.astype(np.float64) for name, values in self.sums.items()}
        usual = without_odd_days(s, self.dearest, self.largest)
        items = self.catalogue.items
        seen = s["buyers"] > 0
        table = pd.DataFrame(
            {
                "fine_no": items["fine_no"].to_numpy(),
                "coarse_no": items["coarse_no"].to_numpy(),
                "buyers_7d": s["buyers_7d"],
                "buyers_28d": s["buyers_28d"],
                "buyers_84d": s["buyers_84d"],
                "new_buyers_28d": s["new_buyers_28d"],
                **{f"demand_share_{days}": _share(s[f"buyers_{days}"]) for days in ("7d", "28d", "84d")},
                "buyers_trend": (s["buyers_28d"] + 1.0) / (s["buyers_84d"] / 3.0 + 1.0),
                "repeat_share": _shrunk(s["repeaters"], s["buyers"]),
                "trial_repeat_share": _shrunk(s["triers_who_repeated"], s["triers"]),
                "usual_gap_days": np.exp(_ratio(s["log_gap_sum"] / 1e6, s["log_gap_count"])),
                "buys_a_buyer": _ratio(s["buy_days"], s["buyers"]),
                "share_of_fine_buyers": _ratio(
                    s["buyers_84d"], _group_sum(s["buyers_84d"], items["fine_no"])
                ),
                "unit_price_minor": _ratio(usual["full_minor"] * 1000.0, usual["quantity_milli"]),
                "units_a_buy": _ratio(usual["quantity_milli"] / 1000.0, usual["buy_days"]),
                "discount_share_7d": _ratio(usual["discount_minor_7d"], usual["full_minor_7d"]),
                "discount_share_56d": _ratio(usual["discount_minor_56d"], usual["full_minor_56d"]),
                "first_sold_days": self.first_sold_days,
                "last_sold_days": self.last_sold_days,
            },
            index=items.index,
        ).astype(np.float32)
        table.loc[~seen, ["repeat_share", "trial_repeat_share"]] = np.nan
        table["fine_no"] = items["fine_no"].astype(np.int32)
        table["coarse_no"] = items["coarse_no"].astype(np.int32)
        table[PRICE_MINOR] = self.prices.against(items[PRICE_MINOR].to_numpy(dtype=np.float64))
        table[LOWEST_PRICE_MINOR] = self.lowest.lowest(table[PRICE_MINOR].to_numpy(dtype=np.float64))
        return table


def merge_parts(catalogue: Catalogue, parts: Iterable[ItemPart]) -> pd.DataFrame:
    """The shop's item table from all buckets' parts, taken one at a time."""
    statistics = ItemStatistics(catalogue)
    for part in parts:
        statistics.add(part)
    return statistics.table()


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    return np.asarray(
        np.divide(numerator, denominator, out=np.full(len(numerator), np.nan), where=denominator > 0)
    )


def _share(values: np.ndarray) -> np.ndarray:
    """Of the shop's whole: it means the same before and after the shop has grown."""
    return np.asarray(values / max(values.sum(), 1.0))


def _shrunk(successes: np.ndarray, trials: np.ndarray) -> np.ndarray:
    overall = successes.sum() / max(trials.sum(), 1.0)
    return np.asarray((successes + SHRINKAGE_BUYERS * overall) / (trials + SHRINKAGE_BUYERS))


def _group_sum(values: np.ndarray, group_no: pd.Series) -> np.ndarray:
    groups = group_no.to_numpy()
    sums = np.bincount(np.where(groups < 0, 0, groups + 1), weights=values, minlength=1)
    sums[0] = 0.0
    return np.asarray(sums[np.where(groups < 0, 0, groups + 1)])
