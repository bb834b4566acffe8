from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import sources
from models.features.catalogue import Catalogue, build_catalogue
from models.ground.moment import local_midnight
from models.versions.shop_likeness import Likeness, item_marks, known_basket_share, look
from tests.shop import write_shop

AS_OF = local_midnight(date(2024, 3, 1), "UTC")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> sources.Data:
    return load(tmp_path_factory.mktemp("likeness"), seed=1)


def load(folder: Path, *, seed: int) -> sources.Data:
    write_shop(folder / "shop", customers=30, products=20, days=90, seed=seed, last_day=date(2024, 3, 5))
    sources.load(folder / "shop", folder, buckets=2)
    return sources.open_data(folder)


def items(data: sources.Data) -> tuple[Catalogue, pd.DataFrame]:
    catalogue = build_catalogue(pd.read_parquet(data.products), "product")
    table = pd.DataFrame({"price_minor": 100.4, "last_sold_days": np.float32(3)}, index=catalogue.items.index)
    table.loc[0, "last_sold_days"] = np.nan
    table.loc[1, "price_minor"] = np.nan
    return catalogue, table


def test_a_look_counts_what_lies_before_the_moment(shop: sources.Data) -> None:
    seen = look(shop, *items(shop), AS_OF)
    lines = pd.concat(pd.read_parquet(shop.purchases(bucket)) for bucket in range(shop.buckets))
    lines = lines[lines["purchased_at"] < pd.Timestamp("2024-03-01", tz="UTC")]
    day = lines[lines["local_day"].astype(str) == "2024-02-20"]
    assert seen.lines["2024-02-20"] == len(day)
    assert seen.paid_minor["2024-02-20"] == day["paid_minor"].sum()
    assert (min(seen.lines), max(seen.lines)) == ("2024-01-26", "2024-02-29")
    assert seen.newest_purchase == lines["purchased_at"].max().isoformat()


def test_items_in_use_are_marked_with_whole_prices_or_none(shop: sources.Data) -> None:
    catalogue, table = items(shop)
    marks = item_marks(catalogue, table)
    assert len(marks) == len(catalogue) - 1
    assert sorted({str(price) for price in marks.values()}) == ["100", "None"]


def test_a_likeness_survives_its_json(shop: sources.Data) -> None:
    seen = look(shop, *items(shop), AS_OF)
    assert Likeness.from_dict(seen.as_dict()) == seen


def test_a_shop_knows_its_own_baskets_and_none_of_another(shop: sources.Data, tmp_path: Path) -> None:
    seen = look(shop, *items(shop), AS_OF)
    assert len(seen.baskets) > 20
    assert known_basket_share(seen, shop) == 1.0
    assert known_basket_share(seen, load(tmp_path, seed=2)) == 0.0


def test_data_that_do_not_reach_back_say_nothing(shop: sources.Data) -> None:
    seen = look(shop, *items(shop), AS_OF)
    older = Likeness(**{**seen.__dict__, "day": "2023-12-10"})
    assert known_basket_share(older, shop) is None


def test_no_customer_stands_in_a_likeness(shop: sources.Data) -> None:
    customers = pd.concat(pd.read_parquet(shop.customers(bucket)) for bucket in range(shop.buckets))
    text = str(look(shop, *items(shop), AS_OF).as_dict())
    assert not any(customer_id in text for customer_id in customers["customer_id"])
