"""What a simulated shop writes down: the input tables of a real one, and nothing that a real one does not see.

Purchases go to disk as they come, so a year of a hundred thousand households never stands in memory. Tastes, needs,
satisfaction, fatigue and who has silently left stay in the world; none of it has a column. The chain's promotions are
written as far ahead as any retailer has planned them: the week that runs, and WEEKS_AHEAD more.
"""

from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.tables import ANSWERS, BASKET_ID, CUSTOMER_ID, CUSTOMERS, PRODUCT_ID, PRODUCTS, PROMOTIONS
from training.simulator.world.draws import Ints
from training.simulator.world.flat_runs import run_lengths, run_starts
from training.simulator.world.offers_and_lines import Lines
from training.simulator.world.world import World

_SCHEMA = pa.schema(
    [
        (CUSTOMER_ID, pa.string()),
        (BASKET_ID, pa.string()),
        ("line_no", pa.int64()),
        ("purchased_at", pa.timestamp("s", tz="UTC")),
        (PRODUCT_ID, pa.string()),
        ("quantity_milli", pa.int64()),
        ("unit", pa.string()),
        ("paid", pa.int64()),
        ("discount", pa.int64()),
    ]
)
_SECONDS_PER_DAY = 86_400
_WEEK_DAYS = 7
WEEKS_AHEAD = 2


class DataFolder(AbstractContextManager["DataFolder"]):
    """A data folder being written: purchases day by day, everything else when the block is left."""

    def __init__(self, folder: Path, world: World) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.world = world
        self._purchases = pq.ParquetWriter(folder / "purchases.parquet", _SCHEMA)
        self._first_day = world.day

    def append(self, lines: Lines, personal_minor: Ints) -> None:
        """Write the lines of a day, or of several, as paid."""
        if len(lines):
            self._first_day = min(self._first_day, int(lines.day.min()))
            self._purchases.write_table(purchases(self.world, lines, personal_minor))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._purchases.close()
        if kind is None:
            products(self.world).to_parquet(self.folder / "products.parquet", index=False)
            customers(self.world).to_parquet(self.folder / "customers.parquet", index=False)
            answers(self.world).to_parquet(self.folder / "answers.parquet", index=False)
            planned = promotions(self.world, self._first_day)
            if len(planned):
                planned.to_parquet(self.folder / "promotions.parquet", index=False)
            (self.folder / "tables.toml").write_text(_tables_toml(self.world), encoding="utf-8")


def write_tables(world: World, lines: Lines, personal_minor: Ints, folder: Path) -> None:
    """Write all of a shop's input tables: its lines so far, and the shop and its customers as of the world's day."""
    with DataFolder(folder, world) as data:
        data.append(lines, personal_minor)


def purchases(world: World, lines: Lines, personal_minor: Ints) -> pa.Table:
    """Return lines in the vocabulary of the purchases table; money in minor units."""
    starts = run_starts(lines.basket)
    off_minor = lines.discount_minor(personal_minor)
    first = np.datetime64(world.first_date, "s").astype(np.int64)
    columns = {
        CUSTOMER_ID: pa.array(world.customer_id).take(lines.household),
        BASKET_ID: pa.array(lines.basket).cast(pa.string()),
        "line_no": np.arange(len(lines)) - np.repeat(starts, run_lengths(starts, len(lines))) + 1,
        "purchased_at": first + lines.day * _SECONDS_PER_DAY + lines.second,
        PRODUCT_ID: pa.array(world.shop.product_id).take(lines.product),
        "quantity_milli": lines.units * 1000,
        "unit": pa.array(["piece"]).take(np.zeros(len(lines), np.int64)),
        "paid": lines.shelf_price_minor * lines.units - off_minor,
        "discount": off_minor,
    }
    return pa.table({name: pa.array(columns[name]).cast(_SCHEMA.field(name).type) for name in _SCHEMA.names})


def products(world: World) -> pd.DataFrame:
    """Return the products table; cost is what the world assumes."""
    shop = world.shop
    frame = pd.DataFrame(
        {
            PRODUCT_ID: shop.product_id,
            "name": shop.name,
            "family_1": np.array(shop.department, object)[shop.family],
            "family_2": np.array(shop.family_name, object)[shop.family],
            "price": shop.price_minor,
            "cost": shop.cost_minor,
            "flags": shop.flags,
        }
    )
    return frame[[name for name in PRODUCTS.names if name in frame]]


def customers(world: World) -> pd.DataFrame:
    """Return the customers who have joined, with what a shop knows of them: nobody's silent dropout."""
    joined = np.flatnonzero(world.traits.joined_day < max(world.day, 1))
    days = world.traits.joined_day[joined]
    frame = pd.DataFrame(
        {
            CUSTOMER_ID: [world.customer_id[row] for row in joined],
            "joined_on": [world.first_date + timedelta(days=day) if day else None for day in days.tolist()],
            "consent": True,
            "open_complaint": world.state.complaint[joined],
        }
    )
    return frame[[name for name in CUSTOMERS.names if name in frame]]


def answers(world: World) -> pd.DataFrame:
    """Return what households answered to whether they would recommend the shop."""
    first = pd.Timestamp(world.first_date, tz="UTC")
    frame = pd.DataFrame(
        {
            CUSTOMER_ID: pd.Series([world.customer_id[one.household] for one in world.answers], dtype=object),
            "answered_at": pd.Series(
                [first + pd.Timedelta(days=one.day, seconds=one.second) for one in world.answers],
                dtype="datetime64[s, UTC]",
            ),
            "kind": pd.Series("nps", index=range(len(world.answers)), dtype=object),
            "score": pd.Series([one.score for one in world.answers], dtype="int64"),
        }
    )
    return frame[[name for name in ANSWERS.names if name in frame]]


def promotions(world: World, first_day: int) -> pd.DataFrame:
    """Return what is promoted for everybody, a row a product and week, from the week of `first_day` to those planned."""
    weeks = []
    for number in range(first_day // _WEEK_DAYS, world.day // _WEEK_DAYS + WEEKS_AHEAD + 1):
        week = world.planned_week(number)
        promoted = np.flatnonzero(week.promo_minor > 0)
        starts_on = world.first_date + timedelta(days=number * _WEEK_DAYS)
        weeks.append(
            pd.DataFrame(
                {
                    PRODUCT_ID: np.array(world.shop.product_id, object)[promoted],
                    "starts_on": starts_on,
                    "ends_on": starts_on + timedelta(days=_WEEK_DAYS - 1),
                    "price": (world.shop.price_minor - week.promo_minor)[promoted],
                    "mailer": week.mailer[promoted],
                }
            )
        )
    frame = pd.concat(weeks, ignore_index=True)
    return frame[[name for name in PROMOTIONS.names if name in frame]]


def _tables_toml(world: World) -> str:
    return (
        f"# A simulated shop, world {world.parameters.name}, {world.first_date} to {world.today}.\n"
        f'timezone = "UTC"\ncurrency = "{world.parameters.currency}"\nmoney = "minor"\nquantity = "milli"\n'
        'unit = "piece"\ntax = "included"\nmax_bad_share = 0.0\n'
    )
