"""What real shops deliver, one test for each oddity."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from models.features.catalogue import build_catalogue
from models.ground.errors import BadInput
from models.sources import load, open_data
from tests.models.sources.small import GOOD, HEADER, PRODUCTS, rows, write_small_shop


def parquet(path: Path, select: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")


def utc(stored: Path) -> list[datetime]:
    return [datetime.fromtimestamp(float(str(e)), UTC) for (e,) in rows(stored, "epoch(purchased_at)")]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_of_any_kind_and_a_byte_order_mark_are_read(tmp_path: Path, end: str, mark: str) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "purchases.csv").write_bytes((mark + end.join((HEADER, *GOOD)) + end).encode())
    summary = load(shop, tmp_path)
    assert (summary.lines, summary.ignored_columns) == (3, {})


def test_a_last_line_without_its_end_is_read(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "purchases.csv").write_text("\n".join((HEADER, *GOOD)))
    assert load(shop, tmp_path).lines == 3


def test_times_of_several_zones_in_one_column_are_one_time_line(tmp_path: Path) -> None:
    lines = (
        "anna,b1,1,2024-07-01T12:00:00+02:00,milk,1,1,0",
        "anna,b2,1,2024-07-01T11:00:00Z,milk,1,1,0",
        "anna,b3,1,2024-07-01 14:00:00,milk,1,1,0",
        "anna,b4,1,2024-07-01 09:00:00 America/New_York,milk,1,1,0",
    )
    load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path)
    assert [moment.hour for moment in utc(open_data(tmp_path).purchases(0))] == [10, 11, 12, 13]


def test_the_hour_that_the_autumn_repeats_is_the_later_one_and_the_skipped_one_the_next(
    tmp_path: Path,
) -> None:
    lines = ("anna,b1,1,2024-10-27 02:30:00,milk,1,1,0", "anna,b2,1,2024-03-31 02:30:00,milk,1,1,0")
    load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path)
    assert utc(open_data(tmp_path).purchases(0)) == [
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC),
        datetime(2024, 10, 27, 1, 30, tzinfo=UTC),
    ]


def test_two_baskets_of_the_repeated_hour_stay_two_and_keep_their_day(tmp_path: Path) -> None:
    lines = (
        "anna,b1,1,2024-10-27T02:30:00+02:00,milk,1,1,0",
        "anna,b2,1,2024-10-27T02:30:00+01:00,milk,1,1,0",
    )
    load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path)
    stored = rows(open_data(tmp_path).purchases(0), "basket_id, local_day")
    assert stored == [("b1", date(2024, 10, 27)), ("b2", date(2024, 10, 27))]


def test_ids_that_are_numbers_in_one_file_and_text_in_another_are_the_same(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=("7,b1,1,2024-03-01,42,1,1,0",))
    (shop / "products.csv").unlink()
    parquet(shop / "products.parquet", "SELECT 42::BIGINT AS product_id, 'Milk' AS name")
    parquet(shop / "customers.parquet", "SELECT 7::DECIMAL(20,0) AS customer_id, true AS consent")
    assert load(shop, tmp_path).customers == 1
    assert rows(open_data(tmp_path).customers(0), "customer_id, consent") == [("7", True)]


def test_ids_that_are_numbers_in_one_part_of_a_data_set_and_text_in_another_are_the_same(
    tmp_path: Path,
) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "purchases.csv").unlink()
    rest = "TIMESTAMP '2024-03-01 10:00:00' AS purchased_at, 'milk' AS product_id, 1 AS quantity, 1.0 AS paid"
    parquet(shop / "purchases" / "1.parquet", f"SELECT 7 AS customer_id, 1 AS basket_id, {rest}")
    parquet(shop / "purchases" / "2.parquet", f"SELECT '7' AS customer_id, 'b2' AS basket_id, {rest}")
    summary = load(shop, tmp_path)
    assert (summary.lines, summary.customers) == (2, 1)


def test_a_product_that_changed_its_family_has_its_whole_history_in_the_new_one(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop"), tmp_path)
    later = write_small_shop(
        tmp_path / "later",
        lines=("anna,b9,1,2024-03-05,milk,1,1,0",),
        products="product_id,name,family_1,price,flags\nmilk,Milk 1 l,CHILLED,1.19,\n",
    )
    load(later, tmp_path, append=True)
    data = open_data(tmp_path)
    assert rows(data.products, "product_id, family_1")[1] == ("milk", "CHILLED")
    assert data.lines == 4


def test_merged_cards_are_one_customer_however_long_the_chain(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(*GOOD, "cleo,b3,1,2024-03-03,milk,1,1,0"))
    (shop / "customers.csv").write_text("customer_id,merged_into\nanna,ben\nben,cleo\ncleo,\n")
    assert load(shop, tmp_path).customers == 1
    data = open_data(tmp_path)
    assert rows(data.customers(0), "customer_id") == [("cleo",)]
    assert rows(data.purchases(0), "basket_id") == [("b1",), ("b1",), ("b2",), ("b3",)]


def test_cards_merged_in_a_circle_are_refused(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "customers.csv").write_text("customer_id,merged_into\nanna,ben\nben,anna\n")
    with pytest.raises(BadInput, match="customer anna is merged into others who are merged into them again"):
        load(shop, tmp_path)


def test_a_price_of_zero_is_an_unknown_price_and_a_free_line_is_a_purchase(tmp_path: Path) -> None:
    products = "product_id,name,price,cost\nmilk,Milk,0,0.00\nbread,Bread,1.00,0.50\n"
    shop = write_small_shop(
        tmp_path / "shop", products=products, lines=(*GOOD, "anna,b9,1,2024-03-05,milk,1,0,1.19")
    )
    assert load(shop, tmp_path).lines == 4
    assert rows(open_data(tmp_path).products, "price_minor, cost_minor") == [(100, 50), (None, None)]


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def scrambled(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4:120] = bytes(116)
    path.write_bytes(content)


@pytest.mark.parametrize("broken", [truncated, scrambled])
def test_a_damaged_parquet_file_is_one_sentence_that_names_it(
    tmp_path: Path, broken: Callable[[Path], None]
) -> None:
    shop = write_small_shop(tmp_path / "shop")
    for part in "12":
        parquet(shop / "purchases" / f"part-{part}.parquet", f"FROM '{shop}/purchases.csv'")
    (shop / "purchases.csv").unlink()
    broken(shop / "purchases" / "part-2.parquet")
    with pytest.raises(BadInput) as refusal:
        load(shop, tmp_path)
    assert "purchases" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_wrong_encoding_costs_the_lines_it_garbles_and_no_more(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "products.csv").write_bytes((PRODUCTS + "kaese,Käse,DAIRY,1,\n").encode("latin-1"))
    summary = load(shop, tmp_path)
    assert (summary.products, summary.tables["products"].quarantined) == (3, {"unreadable_line": 1})


def test_a_delisted_product_is_no_item_and_its_lines_still_count(tmp_path: Path) -> None:
    products = "product_id,name,family_1,flags\nmilk,Milk,DAIRY,delisted\nbread,Bread,BAKERY,\ncheese,Cheese,DAIRY,\n"
    load(write_small_shop(tmp_path / "shop", products=products), tmp_path)
    stored = pd.read_parquet(open_data(tmp_path).products)
    catalogue = build_catalogue(stored, "product")
    assert catalogue.items["item_id"].tolist() == ["bread", "cheese"]
    assert catalogue.product_items["item_no"].astype("float").fillna(-1).tolist() == [0, 1, -1]
    families = build_catalogue(stored, "family_1")
    assert families.items[["item_id", "flags"]].to_numpy().tolist() == [["BAKERY", ""], ["DAIRY", ""]]
    assert len(families.product_items) == 3


def test_a_data_set_partitioned_by_day_is_read_and_files_of_the_writer_are_not(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    for day in ("2024-03-01", "2024-03-02"):
        where = f"FROM '{shop}/purchases.csv' WHERE purchased_at::DATE = '{day}'"
        parquet(shop / "purchases" / f"day={day}" / "part-0.parquet", where)
    (shop / "purchases" / "_SUCCESS").write_text("")
    (shop / "purchases" / "_temporary").mkdir()
    (shop / "purchases" / "_temporary" / "half.parquet").write_bytes(b"half")
    (shop / "purchases.csv").unlink()
    summary = load(shop, tmp_path)
    assert (summary.lines, summary.days, summary.ignored_columns) == (
        3,
        {"2024-03-01": 2, "2024-03-02": 1},
        {"purchases": ["day"]},
    )


def test_a_partition_may_be_the_only_place_of_a_column(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    select = f"SELECT * EXCLUDE (purchased_at) FROM '{shop}/purchases.csv'"
    parquet(shop / "sales" / "day=2024-03-09" / "part.parquet", select)
    (shop / "purchases.csv").unlink()
    with (shop / "tables.toml").open("a") as file:
        file.write('\n[purchases]\nfiles = "sales/*/*.parquet"\n[purchases.columns]\npurchased_at = "day"\n')
    load(shop, tmp_path)
    assert set(rows(open_data(tmp_path).purchases(0), "local_day")) == {(date(2024, 3, 9),)}


def test_many_csv_files_are_one_table_and_each_may_be_missing_a_column(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "purchases").mkdir()
    (shop / "purchases" / "1.csv").write_text("\n".join((HEADER, *GOOD[:2])))
    (shop / "purchases" / "2.csv").write_text(
        "customer_id;basket_id;purchased_at;product_id;quantity;paid\nben;b2;2024-03-02 23:30:00;milk;1;1.19\n"
    )
    (shop / "purchases.csv").unlink()
    assert load(shop, tmp_path).lines == 3


def test_parquet_and_csv_in_one_data_set_are_refused(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    parquet(shop / "sales" / "1.parquet", f"FROM '{shop}/purchases.csv'")
    (shop / "purchases.csv").rename(shop / "sales" / "2.csv")
    (shop / "tables.toml").write_text((shop / "tables.toml").read_text() + '\n[purchases]\nfiles = "sales"\n')
    with pytest.raises(BadInput, match="expected only Parquet files"):
        load(shop, tmp_path)


@pytest.mark.parametrize("pattern", ["/etc/*", "../*.csv", "nothing/*.parquet"])
def test_a_pattern_that_leads_out_or_nowhere_is_refused(tmp_path: Path, pattern: str) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "tables.toml").write_text(
        (shop / "tables.toml").read_text() + f'\n[purchases]\nfiles = "{pattern}"\n'
    )
    with pytest.raises(BadInput, match=r"leads out of|holds nothing for"):
        load(shop, tmp_path)


def test_a_load_of_a_version_that_knew_no_barcodes_is_added_to(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    load(write_small_shop(tmp_path / "shop"), workspace)
    stored = open_data(workspace).products
    former = pd.read_parquet(stored).drop(columns=["unit", "barcode", "image"])
    former.to_parquet(stored, index=False)
    goods = "product_id,name,family_1,price,flags,barcode\nmilk,Milk 1 l,DAIRY,1.19,,4000417025005\n"
    late = ("ben,b3,1,2024-03-03 10:00:00,milk,1,1.19,0",)
    load(write_small_shop(tmp_path / "next", lines=late, products=goods), workspace, append=True)
    assert rows(open_data(workspace).products, "product_id, barcode") == [
        ("bread", None),
        ("milk", "4000417025005"),
        ("petrol", None),
    ]
