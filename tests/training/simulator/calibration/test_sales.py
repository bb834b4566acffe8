from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from tests.shop import write_shop
from training.simulator.calibration.sales import SALES_COLUMNS, checked_year, sales_of


def test_a_loaded_shop_gives_its_first_year_without_what_is_no_merchandise(tmp_path: Path) -> None:
    write_shop(tmp_path / "shop", customers=12, products=9, days=400, seed=3, last_day=date(2024, 2, 4))
    load(tmp_path / "shop", tmp_path / "workspace")
    sales = sales_of(open_data(tmp_path / "workspace"))
    assert list(sales.columns) == list(SALES_COLUMNS)
    assert (sales["day"].min(), sales["day"].max()) == (0, 363)
    assert sales["customer"].nunique() == 12
    assert sales["product"].nunique() == 7  # two of nine are fuel and a coupon


def test_days_are_counted_from_the_first_purchase() -> None:
    sales = pd.DataFrame({"day": [10, 373, 374], "customer": [1, 1, 1]})
    assert checked_year(sales, "a shop")["day"].tolist() == [0, 363]


def test_less_than_a_year_is_refused_in_words() -> None:
    with pytest.raises(BadInput, match="a shop has purchases on 363 days' span"):
        checked_year(pd.DataFrame({"day": [0, 362]}), "a shop")


def test_what_was_returned_was_not_sold(tmp_path: Path) -> None:
    write_shop(tmp_path / "shop", customers=3, products=9, days=400, seed=3, last_day=date(2024, 2, 4))
    file = tmp_path / "shop" / "purchases.parquet"
    lines = pd.read_parquet(file)
    lines["line_no"] = range(len(lines))
    gone = lines[lines["customer_id"] == lines["customer_id"].min()]
    money = {name: -gone[name] for name in ("quantity_milli", "paid", "discount")}
    back = gone.assign(purchased_at=lines["purchased_at"].max(), **money)
    pd.concat([lines, back]).to_parquet(file, index=False)
    load(tmp_path / "shop", tmp_path / "workspace")
    assert sales_of(open_data(tmp_path / "workspace"))["customer"].nunique() == 2
