import datetime as dt
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from tests.models.sources.small import GOOD, HEADER, rows, write_small_shop

NO_LINE_NO = HEADER.replace("line_no,", "")


def quarantined(workspace: Path) -> list[tuple[object, ...]]:
    return rows(open_data(workspace).folder / "quarantine.parquet", "table_name, reason")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",,1,2024-03-01,milk,1,1,0", "null_id"),
        ("anna,,1,2024-03-01,milk,1,1,0", "null_id"),
        ("anna,b9,1,2024-03-01,,1,1,0", "null_id"),
        ("c0042\x00x,b9,1,2024-03-01,milk,1,1,0", "bad_id"),
        ("an\tna,b9,1,2024-03-01,milk,1,1,0", "bad_id"),
        ("anna/ben,b9,1,2024-03-01,milk,1,1,0", "bad_id"),
        ("..,b9,1,2024-03-01,milk,1,1,0", "bad_id"),
        (f"{'a' * 129},b9,1,2024-03-01,milk,1,1,0", "bad_id"),
        ("anna,b9,1,2024-03-01,milk\\1,1,1,0", "bad_id"),
        ("anna,b9,1,2024-13-45,milk,1,1,0", "unparsable_time"),
        ("anna,b9,1,,milk,1,1,0", "unparsable_time"),
        ("anna,b9,1,infinity,milk,1,1,0", "unparsable_time"),
        ("anna,b9,1,0024-03-01,milk,1,1,0", "unparsable_time"),
        ("anna,b9,1,2024-03-01,milk,two,1,0", "bad_number"),
        ("anna,b9,1,2024-03-01,milk,1,,0", "bad_number"),
        ("anna,b9,1,2024-03-01,milk,1,1e30,0", "bad_number"),
        ("anna,b9,1,2024-03-01,milk,1,nan,0", "bad_number"),
        ("anna,b9,1,2024-03-01,milk,1,1,x", "bad_number"),
        ("anna,b9,one,2024-03-01,milk,1,1,0", "bad_number"),
        ("anna,b9,1,2024-03-01,milk,1,1,-0.10", "negative_discount"),
        ("anna,b9,1,2024-03-01,caviar,1,1,0", "unknown_product"),
        ("anna,b9,1,2024-03-01,milk,0,0,0", "zero_quantity_without_money"),
        ("anna,b1,1,2024-03-01 10:00:00,milk,2,2.38,0", "duplicate_line"),
        ("anna,b1,1,2024-03-01 11:00:00,bread,1,2,0", "line_no_twice"),
        ("anna,b9,1,2024-03-01", "unreadable_line"),
        ("anna,b9,1,2024-03-01,milk,1,1,0,extra", "unreadable_line"),
    ],
)
def test_a_bad_line_goes_to_quarantine_with_its_reason(tmp_path: Path, line: str, reason: str) -> None:
    summary = load(write_small_shop(tmp_path / "shop", lines=(*GOOD, line)), tmp_path)
    assert quarantined(tmp_path) == [("purchases", reason)]
    assert summary.tables["purchases"].quarantined == {reason: 1}
    assert (summary.tables["purchases"].rows, summary.tables["purchases"].kept) == (4, 3)


@pytest.mark.parametrize(
    "quantity", ["-9223372036854775808", "9223372036854775807", "1000000000000000000", "100000000000001"]
)
def test_a_quantity_beyond_reason_costs_its_line_and_not_the_load(tmp_path: Path, quantity: str) -> None:
    lines = ("anna,b1,1,2024-03-01,milk,1000,1", f"anna,b2,1,2024-03-01,milk,{quantity},{quantity}")
    header = "customer_id,basket_id,line_no,purchased_at,product_id,quantity_milli,paid"
    shop = write_small_shop(tmp_path / "shop", lines=lines, header=header, quantity="milli", money="minor")
    assert load(shop, tmp_path).lines == 1
    assert quarantined(tmp_path) == [("purchases", "bad_number")]


@pytest.mark.parametrize("date", ["infinity", "-infinity", "0044-03-15 (BC)", "99999-01-01"])
def test_a_date_that_no_calendar_holds_costs_its_row_and_not_every_night(tmp_path: Path, date: str) -> None:
    products = f"product_id,name,introduced_on\nmilk,Milk,9999-12-31\nbread,Bread,\nnew,New,{date}\n"
    shop = write_small_shop(tmp_path / "shop", products=products)
    customers = f"customer_id,birth_date,joined_on\nanna,{date},\nben,,{date}\nzoe,9999-12-31,0001-01-01\n"
    (shop / "customers.csv").write_text(customers)
    load(shop, tmp_path)
    assert quarantined(tmp_path) == [
        ("customers", "unparsable_date"),
        ("customers", "unparsable_date"),
        ("products", "unparsable_date"),
    ]
    data = open_data(tmp_path)
    assert pd.read_parquet(data.products)["introduced_on"].max() == dt.date(9999, 12, 31)
    assert len(pd.read_parquet(data.customers(0))) == 3


def test_the_quarantine_shows_what_the_file_held(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop", lines=(*GOOD, "anna,b9,1,soon,milk,1,1,0")), tmp_path)
    (row,) = rows(open_data(tmp_path).folder / "quarantine.parquet", '"row"')
    assert '"purchased_at":"soon"' in str(row[0])


def test_a_line_that_is_not_utf8_is_unreadable(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    with (shop / "purchases.csv").open("ab") as file:
        file.write(b"j\xfcrgen,b9,1,2024-03-01,milk,1,1,0\n")
    load(shop, tmp_path)
    assert quarantined(tmp_path) == [("purchases", "unreadable_line")]


def test_equal_lines_of_a_receipt_without_line_no_are_all_kept(tmp_path: Path) -> None:
    line = "anna,b1,2024-03-01 10:00:00,milk,2,2.38,0"
    other = "anna,b1,2024-03-01 10:00:00,milk,1,1.19,0"
    summary = load(
        write_small_shop(tmp_path / "shop", lines=(line, other, line), header=NO_LINE_NO), tmp_path
    )
    assert (summary.lines, summary.tables["purchases"].quarantined) == (3, {})


def test_lines_whose_line_no_is_empty_are_not_duplicates_of_each_other(tmp_path: Path) -> None:
    lines = ("anna,b1,,2024-03-01,milk,1,1,0", "anna,b1,,2024-03-01,bread,1,1,0")
    assert load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path).lines == 2


def test_a_return_may_give_its_discount_back(tmp_path: Path) -> None:
    lines = (*GOOD, "anna,b9,1,2024-03-01,milk,-1,-1,-0.19")
    assert load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path).lines == 4


def test_declared_zoned_times_quarantine_a_time_without_zone(tmp_path: Path) -> None:
    lines = ("anna,b1,1,2024-03-01T10:00:00Z,milk,1,1,0", "anna,b2,1,2024-03-01T10:00:00,milk,1,1,0",
             "anna,b3,1,2024-03-01,milk,1,1,0", "anna,b4,1,2024-03-01 10:00+0100,milk,1,1,0")  # fmt: skip
    summary = load(write_small_shop(tmp_path / "shop", lines=lines, times="zoned"), tmp_path)
    assert summary.tables["purchases"].quarantined == {"time_without_zone": 2}


def test_an_unknown_unit_goes_to_quarantine(tmp_path: Path) -> None:
    lines = (*(f"{line},piece" for line in GOOD), "anna,b9,1,2024-03-01,milk,1,1,0,pound")
    summary = load(write_small_shop(tmp_path / "shop", lines=lines, header=f"{HEADER},unit"), tmp_path)
    assert summary.tables["purchases"].quarantined == {"unknown_unit": 1}


def test_bad_rows_of_the_other_tables_are_counted_too(tmp_path: Path) -> None:
    products = (
        "product_id,name,price\nmilk,Milk,1.19\nbread,Bread,2\n,Nameless,1\negg,Egg,cheap\nsalt,Salt,-1\n"
    )
    shop = write_small_shop(tmp_path / "shop", products=products)
    (shop / "customers.csv").write_text(
        "customer_id,birth_date,open_complaint\nanna,1990-02-30,true\nben,,perhaps\nzoe,,\n"
    )
    (shop / "answers.csv").write_text(
        "customer_id,answered_at,kind,score\nanna,2024-03-05,nps,9\nben,2024-03-05,mood,9\n"
    )
    summary = load(shop, tmp_path)
    assert {name: table.quarantined for name, table in summary.tables.items()} == {
        "purchases": {},
        "products": {"bad_number": 1, "negative_price": 1, "null_id": 1},
        "customers": {"bad_boolean": 1, "unparsable_date": 1},
        "answers": {"unknown_kind": 1},
    }


def test_a_product_or_customer_that_no_path_can_name_is_set_aside_with_all_its_lines(tmp_path: Path) -> None:
    products = f"product_id,name\nmilk,Milk\nbread,Bread\nmilk/1,Milk\n{'m' * 129},Milk\n"
    lines = (*GOOD, "a/b,b8,1,2024-03-01,milk,1,1,0", "anna,b9,1,2024-03-01,milk/1,1,1,0")
    shop = write_small_shop(tmp_path / "shop", products=products, lines=lines, max_bad_share=1.0)
    (shop / "customers.csv").write_text("customer_id,merged_into\na/b,\nanna,\nben,x/y\nzoe,\n")
    (shop / "answers.csv").write_text("customer_id,answered_at,kind,score\na/b,2024-03-05,nps,9\n")
    summary = load(shop, tmp_path)
    assert {name: table.quarantined for name, table in summary.tables.items()} == {
        "purchases": {"bad_id": 2},
        "products": {"bad_id": 2},
        "customers": {"bad_id": 2},
        "answers": {"bad_id": 1},
    }
    people = rows(open_data(tmp_path).customers(0), "customer_id")
    assert sorted(people) == [("anna",), ("ben",), ("zoe",)]


def test_too_many_bad_rows_stop_the_load_and_leave_the_rows_to_look_at(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop"), tmp_path)
    before = open_data(tmp_path)
    lines = (*GOOD, "anna,b9,1,2024-03-01,caviar,1,1,0")
    shop = write_small_shop(tmp_path / "shop", lines=lines, max_bad_share=0.2)
    with pytest.raises(
        BadInput, match=r"1 of 4 rows are bad .* 1 unknown_product .*quarantine-rejected\.parquet"
    ):
        load(shop, tmp_path)
    assert rows(tmp_path / "data" / "quarantine-rejected.parquet", "reason") == [("unknown_product",)]
    assert open_data(tmp_path) == before


def test_exactly_the_declared_share_is_allowed(tmp_path: Path) -> None:
    lines = (*GOOD, "anna,b9,1,2024-03-01,caviar,1,1,0")
    assert load(write_small_shop(tmp_path / "shop", lines=lines, max_bad_share=0.25), tmp_path).lines == 3


def test_a_shop_of_bad_lines_only_is_refused_whatever_the_share(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=("anna,b9,1,soon,milk,1,1,0",), max_bad_share=1.0)
    with pytest.raises(BadInput, match="1 of 1 rows are bad"):
        load(shop, tmp_path)


def test_a_parquet_column_without_any_value_is_null_and_not_a_wrong_type(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "products.csv").unlink()
    with duckdb.connect() as con:
        con.execute(
            "COPY (SELECT unnest(['milk', 'bread']) AS product_id, 'x' AS name, NULL AS price)"
            f" TO '{shop}/products.parquet'"
        )
    assert load(shop, tmp_path).products == 2
