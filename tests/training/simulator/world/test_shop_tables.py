from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.sources import load
from models.tables import ANSWERS, CUSTOMERS, PRODUCTS, PROMOTIONS, PURCHASES, Table
from training.simulator.world.shop_tables import DataFolder, write_tables
from training.simulator.world.world import World


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    lines = world.live(28)
    write_tables(world, lines, np.zeros(len(lines), np.int64), tmp_path / "data")
    return tmp_path / "data"


@pytest.mark.parametrize(
    "table", [PURCHASES, PRODUCTS, CUSTOMERS, ANSWERS, PROMOTIONS], ids=lambda table: table.name
)
def test_only_columns_of_the_vocabulary_are_written(folder: Path, table: Table) -> None:
    written = pd.read_parquet(folder / f"{table.name}.parquet")

    assert set(written.columns) <= set(table.names)
    assert set(table.required) <= set(written.columns)


def test_nothing_but_the_input_tables_is_written(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "answers.parquet",
        "customers.parquet",
        "products.parquet",
        "promotions.parquet",
        "purchases.parquet",
        "tables.toml",
    ]


def test_a_simulated_shop_loads_without_a_bad_row(folder: Path, tmp_path: Path) -> None:
    found = load(folder, tmp_path / "workspace", buckets=2)

    assert found.lines == len(pd.read_parquet(folder / "purchases.parquet"))
    assert found.bad_rows == []


def test_a_line_says_what_was_paid_and_what_was_off(world: World, tmp_path: Path) -> None:
    lines = world.shop_day(None)
    off = np.zeros(len(lines), np.int64)
    off[0] = 7
    write_tables(world, lines, off, tmp_path)

    first = pd.read_parquet(tmp_path / "purchases.parquet").iloc[0]
    assert first.discount == 7
    assert first.paid == lines.shelf_price_minor[0] * lines.units[0] - 7


def test_days_written_one_by_one_are_the_days_written_at_once(world: World, tmp_path: Path) -> None:
    other = world.copy()
    with DataFolder(tmp_path / "daily", world) as data:
        for _ in range(5):
            lines = world.shop_day(None)
            data.append(lines, np.zeros(len(lines), np.int64))
            world.pay(lines, np.zeros(len(lines), np.int64))
    at_once = other.live(5)
    write_tables(other, at_once, np.zeros(len(at_once), np.int64), tmp_path / "once")

    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "daily" / "purchases.parquet"),
        pd.read_parquet(tmp_path / "once" / "purchases.parquet"),
    )


def test_the_chain_writes_down_what_it_promotes_and_plans_for_the_two_weeks_after_this(
    folder: Path, world: World
) -> None:
    written = pd.read_parquet(folder / "promotions.parquet")
    weeks = (pd.to_datetime(written["starts_on"]) - pd.Timestamp(world.first_date)).dt.days // 7

    last = world.day // 7 + 2
    assert sorted(set(weeks)) == list(range(last - 6, last + 1))  # four lived, the one that begins, and two
    planned = world.planned_week(last)
    promoted = planned.promo_minor > 0
    assert set(written.loc[weeks == last, "price"]) == set(
        (world.shop.price_minor - planned.promo_minor)[promoted]
    )
