"""A delivery that lacks a column which the load in use has values of is refused, not taken for a change of mind."""

from pathlib import Path

import pandas as pd
import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from models.sources.loading.load_check import check
from tests.models.sources.small import GOOD, HEADER, PRODUCTS, rows, write_small_shop

STORES = HEADER.replace("customer_id", "customer_id,store_id")
IN_STORE_1 = tuple(line.replace(",", ",1,", 1) for line in GOOD)
LATER = ("ben,b3,1,2024-03-03 10:00:00,milk,1,1.19,0",)
TOBACCO = "product_id,name,price,flags\nmilk,Milk,1.19,\nbread,Bread,2,\ncigars,Cigars,8,tobacco\n"


def shop_with(
    folder: Path, customers: str = "", lines: tuple[str, ...] = GOOD, **more: str | float | None
) -> Path:
    shop = write_small_shop(folder, lines=lines, **more)  # type: ignore[arg-type]
    if customers:
        (shop / "customers.csv").write_text(customers, encoding="utf-8")
    return shop


@pytest.mark.parametrize("former", ["anna,no", "anna,yes\nben,no"])
def test_a_delivery_of_customers_whose_column_of_consent_was_renamed_takes_no_refusal_away(
    tmp_path: Path, former: str
) -> None:
    load(shop_with(tmp_path / "first", f"customer_id,consent\n{former}\n"), tmp_path / "w")
    before = open_data(tmp_path / "w")
    renamed = shop_with(tmp_path / "next", "customer_id,may_mail\nanna,no\n", LATER)
    told = (
        r"customers\.csv lacks the column consent \(not read: may_mail\), of which the load in use has values"
    )
    with pytest.raises(BadInput, match=told):
        load(renamed, tmp_path / "w", append=True)
    with pytest.raises(BadInput, match=told):
        check(renamed, tmp_path / "w", append=True)
    assert open_data(tmp_path / "w") == before


def test_a_delivery_of_products_without_flags_does_not_make_tobacco_an_offer(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "first", products=TOBACCO), tmp_path / "w")
    bare = shop_with(tmp_path / "next", lines=LATER, products="product_id,name\ncigars,Cigars\n")
    with pytest.raises(BadInput, match=r"products\.csv lacks the columns price and flags, of which the load"):
        load(bare, tmp_path / "w", append=True)


def test_a_stores_day_that_comes_again_without_its_store_is_not_counted_twice(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "first", lines=IN_STORE_1, header=STORES), tmp_path / "w")
    renamed = shop_with(tmp_path / "next", lines=IN_STORE_1, header=STORES.replace("store_id", "filiale"))
    with pytest.raises(BadInput, match=r"lacks the column store_id.*\(not read: filiale\)"):
        load(renamed, tmp_path / "w", append=True)


def test_a_column_that_is_delivered_empty_is_meant(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "first", "customer_id,consent\nanna,no\n"), tmp_path / "w")
    load(shop_with(tmp_path / "next", "customer_id,consent\nanna,\n", LATER), tmp_path / "w", append=True)
    assert rows(open_data(tmp_path / "w").customers(0), "customer_id, consent") == [
        ("anna", None),
        ("ben", None),
    ]


def test_a_column_that_never_had_a_value_may_stay_away(tmp_path: Path) -> None:
    first = "customer_id,consent,joined_on,household_id\nanna,,2023-01-01,\nben,,yesterday,\n"
    load(shop_with(tmp_path / "first", first), tmp_path / "w")
    second = shop_with(tmp_path / "next", "customer_id,joined_on\nanna,2023-02-01\n", LATER)
    assert load(second, tmp_path / "w", append=True).lines == 4


def test_a_delivery_without_the_table_lacks_no_column(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "first", "customer_id,consent\nanna,no\n"), tmp_path / "w")
    assert load(shop_with(tmp_path / "next", lines=LATER), tmp_path / "w", append=True).lines == 4


def test_cards_that_were_merged_are_not_parted_by_a_table_without_the_column(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "first", "customer_id,merged_into\nanna,ben\n"), tmp_path / "w")
    second = shop_with(tmp_path / "next", "customer_id,consent\nanna,yes\n", LATER)
    with pytest.raises(BadInput, match="lacks the column merged_into"):
        load(second, tmp_path / "w", append=True)


def test_a_load_of_everything_says_what_is_not_known_any_more(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "first", "customer_id,consent\nanna,no\n"), tmp_path / "w")
    again = shop_with(tmp_path / "next", "customer_id,opt_in\nanna,no\n", products=PRODUCTS)
    told = (
        f"{again}/customers.csv lacks the column consent (not read: opt_in), of which the load in use has values: from now"
        " on nothing of it is known. If it has another name now, say so in tables.toml under [customers.columns] and"
        " load again."
    )
    assert told in check(again, tmp_path / "w").remarks
    assert load(again, tmp_path / "w").findings == (told,)


def test_one_of_several_files_without_the_column_of_consent_is_refused(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "shop")
    (shop / "customers").mkdir()
    (shop / "customers" / "north.csv").write_text("customer_id,Consent\nanna,no\n")
    (shop / "customers" / "south.csv").write_text("customer_id,opt_in\nben,no\n")
    told = r"south\.csv lacks the column consent, which .*north\.csv has.* deliver it empty"
    with pytest.raises(BadInput, match=told):
        load(shop, tmp_path / "w")
    (shop / "customers" / "south.csv").write_text("customer_id,consent\nben,no\n")
    assert load(shop, tmp_path / "w").findings == ()


def test_one_of_several_parquet_files_without_flags_is_refused(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "shop")
    (shop / "products.csv").unlink()
    (shop / "products").mkdir()
    food = pd.DataFrame({"product_id": ["milk", "bread"], "name": ["Milk", "Bread"], "flags": ["", ""]})
    food.to_parquet(shop / "products" / "food.parquet")
    food.drop(columns="flags").assign(product_id=["wine", "beer"]).to_parquet(
        shop / "products" / "wine.parquet"
    )
    with pytest.raises(BadInput, match=r"wine\.parquet lacks the column flags, which .*food\.parquet has"):
        load(shop, tmp_path / "w")


def test_files_of_purchases_of_other_years_may_have_other_columns_and_are_named(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "shop")
    (shop / "purchases").mkdir()
    (shop / "purchases.csv").rename(shop / "purchases" / "2024.csv")
    old = "customer_id,basket_id,purchased_at,product_id,quantity,paid\nanna,b0,2023-09-01,milk,1,1.09\n"
    (shop / "purchases" / "2023.csv").write_text(old)
    told = (
        f"{shop}/purchases/2023.csv lacks the columns line_no and discount, which {shop}/purchases/2024.csv has: its rows have"
        " no such value. If they have another name there, give all files the same header."
    )
    assert load(shop, tmp_path / "w").findings == (told,)
