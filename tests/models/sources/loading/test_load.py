from datetime import UTC, date, datetime
from hashlib import md5
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ground.errors import BadInput
from models.sources import load, open_data
from models.sources.reading.data_folder import quoted
from models.sources.reading.typed_columns import whole
from models.tables import STORED_CUSTOMERS, STORED_PRODUCTS, STORED_PURCHASES
from tests.models.sources.small import GOOD, HEADER, rows, write_small_shop
from tests.shop import write_shop


def test_a_small_csv_shop_becomes_stored_tables(tmp_path: Path) -> None:
    summary = load(write_small_shop(tmp_path / "shop"), tmp_path)
    data = open_data(tmp_path)
    assert (summary.lines, summary.customers, summary.products, data.buckets) == (3, 2, 3, 1)
    assert rows(data.products, "product_id, price_minor, flags, merchandise") == [
        ("bread", 249, "own_brand", True),
        ("milk", 119, "", True),
        ("petrol", 180, "fuel;not_offered", False),
    ]
    assert rows(data.customers(0), "customer_no, customer_id") == [(0, "anna"), (1, "ben")]
    assert rows(
        data.purchases(0), "customer_no, product_no, quantity_milli, paid_minor, discount_minor, unit"
    ) == [
        (0, 0, 1000, 229, 20, "piece"),
        (0, 1, 2000, 238, 0, "piece"),
        (1, 1, 1000, 119, 0, "piece"),
    ]


def test_stored_columns_are_those_of_the_vocabulary(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop"), tmp_path)
    data = open_data(tmp_path)
    full_names = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}
    for path, table in (
        (data.purchases(0), STORED_PURCHASES),
        (data.customers(0), STORED_CUSTOMERS),
        (data.products, STORED_PRODUCTS),
    ):
        with duckdb.connect() as con:
            found = con.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
        expected = [(column.name, column.sql_type) for column in table.columns]
        assert [(row[0], full_names.get(row[1], row[1])) for row in found] == expected


def test_times_without_zone_are_read_in_the_shop_zone_and_zoned_ones_converted(tmp_path: Path) -> None:
    lines = (
        "anna,b1,1,2024-07-01 00:30:00,milk,1,1,0",
        "anna,b2,1,2024-07-01T23:30:00Z,milk,1,1,0",
        "anna,b3,1,2024-07-05T10:00:00+09:00,milk,1,1,0",
    )
    load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path)
    stored = rows(open_data(tmp_path).purchases(0), "epoch(purchased_at), local_day")
    assert stored == [
        (datetime(2024, 6, 30, 22, 30, tzinfo=UTC).timestamp(), date(2024, 7, 1)),
        (datetime(2024, 7, 1, 23, 30, tzinfo=UTC).timestamp(), date(2024, 7, 2)),
        (datetime(2024, 7, 5, 1, 0, tzinfo=UTC).timestamp(), date(2024, 7, 5)),
    ]


def test_naive_parquet_times_mean_the_same_as_naive_text(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    load(shop, tmp_path / "csv")
    with duckdb.connect() as con:
        con.execute(f"COPY (FROM '{shop}/purchases.csv') TO '{shop}/purchases.parquet'")
    (shop / "purchases.csv").unlink()
    load(shop, tmp_path / "parquet")
    assert open_data(tmp_path / "csv").fingerprint == open_data(tmp_path / "parquet").fingerprint


def test_a_line_with_money_and_no_quantity_counts_as_one_piece(tmp_path: Path) -> None:
    lines = ("anna,b1,1,2024-03-01,milk,0,1.19,0", "anna,b1,2,2024-03-01,milk,0,-1.19,0", *GOOD[2:])
    load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path)
    stored = rows(open_data(tmp_path).purchases(0), "quantity_milli, paid_minor")
    assert sorted(stored) == [(-1000, -119), (1000, 119), (1000, 119)]


def test_minor_money_and_thousandths_are_taken_as_they_are(tmp_path: Path) -> None:
    header = HEADER.replace("quantity", "quantity_milli") + ",unit"
    lines = ("anna,b1,1,2024-03-01,milk,1500,199,0,kg", "anna,b1,2,2024-03-01,milk,1000,99,,")
    load(
        write_small_shop(tmp_path / "shop", lines=lines, header=header, money="minor", quantity="milli"),
        tmp_path,
    )
    stored = rows(open_data(tmp_path).purchases(0), "quantity_milli, unit, paid_minor, discount_minor")
    assert sorted(stored) == [(1000, "piece", 99, 0), (1500, "kg", 199, 0)]


def test_a_semicolon_file_with_byte_order_mark_and_quotes_is_read(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    text = 'product_id;name;family_1\nmilk;"Milk; ""fresh""";DAIRY\nbread;Bread;BAKERY\n'
    (shop / "products.csv").write_text("\ufeff" + text, encoding="utf-8")
    load(shop, tmp_path)
    assert rows(open_data(tmp_path).products, "name") == [("Bread",), ('Milk; "fresh"',)]


def test_a_product_without_name_is_called_by_its_id(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop", products="product_id,name\nmilk,\nbread,Bread\n"), tmp_path)
    assert rows(open_data(tmp_path).products, "name, family_1") == [("Bread", None), ("milk", None)]


def test_whole_floating_point_ids_lose_their_fraction(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "products.csv").unlink()
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT 12.0::DOUBLE AS product_id, 'x' AS name) TO '{shop}/products.parquet'")
    (shop / "purchases.csv").write_text(f"{HEADER}\nanna,b1,1,2024-03-01,12,1,1,0\n", encoding="utf-8")
    load(shop, tmp_path)
    assert rows(open_data(tmp_path).products, "product_id") == [("12",)]


def test_buckets_are_the_hash_of_the_customer_and_hold_sorted_lines(tmp_path: Path) -> None:
    write_shop(tmp_path / "shop", customers=30, products=20, days=60, seed=7, last_day=date(2024, 5, 1))
    load(tmp_path / "shop", tmp_path, buckets=4)
    data = open_data(tmp_path)
    total = 0
    for bucket in range(4):
        customers = rows(data.customers(bucket), "customer_no, customer_id")
        assert [number for number, _ in customers] == list(range(len(customers)))
        for _, customer_id in customers:
            assert int(md5(str(customer_id).encode()).hexdigest()[:8], 16) % 4 == bucket  # noqa: S324
        lines = rows(data.purchases(bucket), "customer_no, purchased_at::VARCHAR, basket_id, product_no")
        assert lines == sorted(lines)
        total += len(lines)
    assert total == data.lines


def test_the_order_of_the_input_and_a_second_load_change_nothing(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    first = load(shop, tmp_path / "one")
    assert load(shop, tmp_path / "one", threads=1).fingerprint == first.fingerprint
    load(write_small_shop(tmp_path / "shop", lines=GOOD[::-1]), tmp_path / "other")
    assert open_data(tmp_path / "other").fingerprint == first.fingerprint


def test_customers_of_the_customers_table_are_kept_without_purchases(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "customers.csv").write_text("customer_id,consent,joined_on\nzoe,true,2020-01-31\nben,false,\n")
    assert load(shop, tmp_path).customers == 3
    stored = rows(open_data(tmp_path).customers(0), "customer_id, consent, joined_on")
    assert stored == [("anna", None, None), ("ben", False, None), ("zoe", True, date(2020, 1, 31))]


def test_a_customer_whose_lines_are_all_bad_is_no_customer(tmp_path: Path) -> None:
    lines = (*GOOD, "aaron,b9,1,2024-03-01,unknown,1,1,0")
    assert load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path).customers == 2
    data = open_data(tmp_path)
    assert rows(data.customers(0), "customer_no, customer_id") == [(0, "anna"), (1, "ben")]
    assert rows(data.purchases(0), "customer_no") == [(0,), (0,), (1,)]


def test_columns_that_nobody_knows_are_named_and_not_used(tmp_path: Path) -> None:
    lines = tuple(f"{line},x" for line in GOOD)
    summary = load(write_small_shop(tmp_path / "shop", lines=lines, header=f"{HEADER},till"), tmp_path)
    assert summary.ignored_columns == {"purchases": ["till"]}


def test_opening_an_empty_workspace_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="abonement load"):
        open_data(tmp_path)


def test_a_changed_file_is_found(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop"), tmp_path)
    data = open_data(tmp_path)
    data.verify()
    data.purchases(0).write_bytes(b"tampered")
    with pytest.raises(BadInput, match="changed after the load"):
        data.verify()


@settings(deadline=None)  # the first connection of a process takes its time
@given(st.integers(min_value=-(10**8), max_value=10**8))
def test_money_is_rounded_once_half_away_from_zero(ten_thousandths: int) -> None:
    text = f"{'-' if ten_thousandths < 0 else ''}{abs(ten_thousandths) // 10**4}.{abs(ten_thousandths) % 10**4:04d}"
    with duckdb.connect() as con:
        found = con.execute(f"SELECT {whole(quoted(text), 2)}").fetchall()[0][0]
    expected = (abs(ten_thousandths) + 50) // 100
    assert found == (expected if ten_thousandths >= 0 else -expected)
