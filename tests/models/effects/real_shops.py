"""Customers by week, of Complete Journey and of a simulated shop, for proofs."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from training.bench.demo_data import write_demo_data
from training.simulator.loop.fast_weeks import FastShop
from training.simulator.loop.recorded_weeks import AFTER_WEEKS
from training.simulator.loop.simulated_policies import simulated_policy
from training.simulator.scores.lived import DAYS_A_WEEK, Lived
from training.simulator.world.simulated_shop import part_minor
from training.simulator.world.world_files import load_world

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class WeeksOfCustomers:
    """Money and purchase days, shape (customers, weeks), and an id each."""

    customer_id: list[str]
    money: Floats
    visits: Floats


@dataclass(frozen=True)
class BothLives:
    """What each simulated household did in weeks with offers and without them: the truth of an experiment.

    Attributes:
        before: the year before, money is what was spent.
        margin: shape (2, households), over the weeks, with offers and without.
        discount: shape (2, households), taken off by offers, and what the same offers would have taken off what was
            bought without them.
    """

    before: WeeksOfCustomers
    margin: Floats
    discount: Floats


def complete_journey(folder: Path) -> WeeksOfCustomers:
    """2,469 households over the 52 weeks of 2017, spend in dollars."""
    write_demo_data(folder)
    with duckdb.connect() as con:
        found = con.execute(
            "SELECT customer_id, date_diff('day', DATE '2017-01-01', purchased_at::DATE) // 7 AS week, "
            "sum(paid)::DOUBLE AS money, count(DISTINCT purchased_at::DATE) AS visits "
            "FROM read_parquet(?) WHERE purchased_at < DATE '2017-12-31' GROUP BY 1, 2",
            [str(folder / "purchases.parquet")],
        ).df()
    return weeks_of(found, 52)


def weeks_of(found: pd.DataFrame, weeks: int) -> WeeksOfCustomers:
    """A frame with customer_id, week, money, visits as arrays."""
    names, row = np.unique(found["customer_id"].to_numpy(), return_inverse=True)
    money, visits = np.zeros((len(names), weeks)), np.zeros((len(names), weeks))
    money[row, found["week"]], visits[row, found["week"]] = found["money"], found["visits"]
    return WeeksOfCustomers([str(name) for name in names], money, visits)


def simulated_shop(customers: int) -> FastShop:
    """The calibrated world after its year."""
    return FastShop.open(load_world("calibrated"), customers, seed=0)


def year_of(shop: FastShop) -> WeeksOfCustomers:
    """The year before the first night, spend in minor units."""
    year = shop.year
    lines = pd.DataFrame(
        {
            "customer": year.household,
            "week": year.day // DAYS_A_WEEK,
            "day": year.day,
            "money": year.shelf_price_minor * year.units - year.promo_minor,
        }
    )
    return _by_week(lines, len(shop.world.customer_id), 52, shop.world.customer_id)


def weeks_without(shop: FastShop, weeks: int) -> WeeksOfCustomers:
    """Margin and visits of the weeks after it, without any offer."""
    lines = shop.without(weeks - AFTER_WEEKS).lines
    lines = lines.assign(
        customer=lines["household"], week=lines["day"] // DAYS_A_WEEK, money=lines["margin_minor"]
    )
    return _by_week(lines, len(shop.world.customer_id), weeks, shop.world.customer_id)


def both_lives(shop: FastShop, weeks: int) -> BothLives:
    """So many weeks with the shipped rule's offers, and the same without."""
    lived = shop.live(simulated_policy("shipped"), weeks).until(weeks * DAYS_A_WEEK)
    without = shop.without(weeks).until(weeks * DAYS_A_WEEK)
    households = lived.households

    def total(lines: pd.DataFrame, name: str) -> Floats:
        return np.bincount(lines["household"], weights=lines[name], minlength=households)

    margin = np.stack([total(life.lines, "margin_minor") for life in (lived, without)])
    discount = np.stack(
        [total(lived.lines, "personal_minor"), total(_anyway(lived, without, shop), "off_minor")]
    )
    return BothLives(year_of(shop), margin, discount)


def _anyway(lived: Lived, without: Lived, shop: FastShop) -> pd.DataFrame:
    """What the same offers would have taken off what was bought without them, as the world's till takes it: each once."""
    pairs = without.lines.drop(columns="offer_no").merge(lived.offers, on=["household", "product"])
    pairs = pairs[(pairs["first_day"] <= pairs["day"]) & (pairs["day"] < pairs["end_day"])]
    product, units = pairs["product"].to_numpy(), pairs["units"].to_numpy()
    price, cost = shop.world.shop.price_minor[product], shop.world.shop.cost_minor[product]
    promotion = units * (price - cost) - pairs["margin_minor"].to_numpy()
    off = np.minimum(units, pairs["max_units"]) * part_minor(price, pairs["discount_bp"].to_numpy())
    used = pairs.assign(off_minor=off)[off > promotion]
    return used.sort_values("day", kind="stable").drop_duplicates("offer_no")


def _by_week(lines: pd.DataFrame, customers: int, weeks: int, names: list[str]) -> WeeksOfCustomers:
    at = lines["customer"] * weeks + lines["week"]
    days = lines.drop_duplicates(["customer", "day"])
    money = np.bincount(at, weights=lines["money"], minlength=customers * weeks)
    visits = np.bincount(days["customer"] * weeks + days["week"], minlength=customers * weeks)
    return WeeksOfCustomers(
        list(names),
        money.reshape(customers, weeks),
        visits.reshape(customers, weeks).astype(np.float64),
    )
