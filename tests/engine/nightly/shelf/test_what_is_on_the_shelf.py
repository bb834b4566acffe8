"""What is sold out, scarce, sold no more, or not sold where the customer shops."""

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.shelf.off_shelf import off_shelf
from engine.nightly.shelf.own_stores import OwnStores
from engine.nightly.shelf.sold_lately import merge_sold, sold_part
from engine.nightly.shelf.stock_lots import StockLots
from engine.nightly.verify import verify
from engine.programme import programme_text
from engine.programme.shelf_section import Shelf
from engine.settings import store_url_in
from engine.store import open_store
from models.features.catalogue import Catalogue
from models.ground.moment import local_midnight
from tests.engine.nightly.bucket import night as a_night
from tests.engine.nightly.shop_nights import SECOND_NIGHT, change, night, silent

RULES = Shelf(stock_days=7, store_sales=2, store_days=28, unsold_days=28)
AS_OF = local_midnight(date(2024, 4, 1), "UTC")
SHIPPED = "store_sales = 0", "store_days = 56", "unsold_days = 0 "


def bought(*lines: tuple[int, int, str | None, int]) -> pd.DataFrame:
    """Customer, product, store and days before 1 April of single units."""
    days = [pd.Timestamp(2024, 4, 1) - pd.Timedelta(days=age) for *_, age in lines]
    return pd.DataFrame(
        {
            "customer_no": [line[0] for line in lines],
            "product_no": [line[1] for line in lines],
            "store_id": pd.Series([line[2] for line in lines], dtype="str"),
            "local_day": [day.date() for day in days],
            "purchased_at": pd.to_datetime(days, utc=True),
            "quantity_milli": 1000,
        }
    )


def sold(tmp_path: Path, lines: pd.DataFrame) -> tuple[Path, pd.DataFrame]:
    path = tmp_path / "purchases.parquet"
    lines.to_parquet(path)
    items = pd.DataFrame({"product_no": [0, 1, 2], "item_no": pd.array([0, 1, 2], dtype="Int32")})
    return path, sold_part(path, Catalogue("product", items, items), AS_OF, RULES)


def asked(customers: list[int], items: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"customer_no": customers, "item_no": items})


def people(count: int) -> pd.DataFrame:
    return pd.DataFrame({"customer_no": range(count), "customer_id": [f"c{n}" for n in range(count)]})


def test_an_item_is_for_who_shops_where_it_is_sold_often_enough(tmp_path: Path) -> None:
    path, part = sold(
        tmp_path,
        bought(
            (0, 0, "north", 5),
            (1, 0, "north", 6),
            (1, 1, "south", 7),
            (1, 1, "south", 7),
            (2, 2, "south", 40),
            (3, 2, None, 3),
        ),
    )
    whole = merge_sold([part, part.assign(sales=0, units_milli=0, year_sales=0)])
    assert whole[["store_id", "item_no", "sales", "units_milli"]].fillna("").to_numpy().tolist() == [
        ["north", 0, 2, 2000],
        ["south", 1, 1, 2000],
        ["south", 2, 0, 0],
        ["", 2, 1, 1000],
    ]
    rule = OwnStores.of(whole, path, AS_OF, RULES, np.array([False, False, False]))
    seen = asked([0, 0, 1, 1, 2, 2, 3], [0, 1, 0, 1, 0, 1, 1])
    barred = rule.bars(people(4), seen, np.array(["a", "b", "c"])).tolist()
    # item 1 was sold to one customer on one day; customer 2 never was in the north; of customer 3 no store is known
    assert barred == [False, True, False, True, True, True, False]
    young = OwnStores.of(whole, path, AS_OF, RULES, np.array([False, True, False]))
    assert not young.bars(people(4), asked([0], [1]), np.array(["a", "b", "c"])).any()


def test_scarce_goods_go_by_lot_to_as_many_as_they_serve_and_others_tomorrow() -> None:
    lately = pd.DataFrame({"store_id": ["s"], "item_no": [0], "units_milli": [400_000], "year_sales": [9]})
    lots = StockLots.of(np.array([30.0, 0.0, np.nan]), lately, RULES, a_night())
    assert lots.share.tolist() == [0.3, 1.0, 1.0]  # a hundred are sold in a week, 30 are there
    seen = asked(list(range(1000)) * 2, [0] * 1000 + [2] * 1000)
    barred = lots.bars(people(1000), seen, np.array(["a", "b", "c"]))
    assert not barred[1000:].any()
    assert 250 < (~barred[:1000]).sum() < 350
    again = lots.bars(people(1000), seen[::-1].reset_index(drop=True), np.array(["a", "b", "c"]))
    assert (again[::-1] == barred).all()


def test_what_sold_daily_and_then_nowhere_for_a_month_is_gone_and_a_slow_seller_is_not() -> None:
    table = pd.DataFrame(
        {"first_sold_days": [300.0, 300.0, 300.0, np.nan], "last_sold_days": [40.0, 40.0, 2.0, np.nan]}
    )
    lately = pd.DataFrame({"item_no": [0, 1, 2], "year_sales": [260, 5, 1], "units_milli": 0})
    stock = np.array([np.nan, 3.0, 0.0, np.nan])
    assert off_shelf(stock, table, lately, RULES) == ["sold_no_more", None, "sold_out", None]
    assert off_shelf(stock, table, lately, None) == [None] * 4


def test_a_night_offers_what_is_there_where_the_customer_shops_and_can_be_proved(
    shop_after_a_night: Path, tmp_path: Path
) -> None:
    workspace = Path(shutil.copytree(shop_after_a_night, tmp_path / "workspace"))
    before = RunFolder.of(workspace, "2024-03-31.1").slot_files()
    popular = (
        pd.concat([pd.read_parquet(file) for file in before])["item_id"].value_counts().index[:2].tolist()
    )
    count = dict(zip(popular, (0, 1), strict=True))
    change(
        workspace,
        "products",
        lambda shelf: shelf.assign(stock=shelf["product_id"].map(count).astype("Int64")),
    )
    text = programme_text()
    for old, new in zip(SHIPPED, ("store_sales = 1", "store_days = 28", "unsold_days = 28 "), strict=True):
        assert text.count(old) == 1
        text = text.replace(old, new)
    run = night(workspace, SECOND_NIGHT, programme=text)
    slots = pd.concat([pd.read_parquet(file) for file in RunFolder.of(workspace, run.run_id).slot_files()])
    offered = slots["item_id"].value_counts()
    assert (popular[0] not in offered.index, offered.get(popular[1], 0) <= 3) == (True, True)
    lines = pd.read_parquet(workspace / "shop" / "purchases.parquet")
    lately = lines[lines["purchased_at"] >= pd.Timestamp("2024-03-10", tz="UTC")]
    there = set(zip(lately["store_id"], lately["product_id"], strict=True))
    shops_in = "s" + (slots["customer_id"].str[1:].astype(int) % 3).astype(str)
    assert set(zip(shops_in, slots["item_id"], strict=True)) <= there
    assert {name: run.manifest["shelf"][name] for name in ("sold_out", "scarce")} == {
        "sold_out": 1,
        "scarce": 1,
    }
    store = open_store(store_url_in(workspace))
    assert (
        verify(workspace, run.run_id, store, jobs=1, progress=silent).bundles == slots["bundle_id"].nunique()
    )
    store.close()
