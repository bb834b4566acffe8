import codecs
import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from models.sources.reading.declaration import check_declaration
from tests.models.sources.small import DECLARATION, GOOD, HEADER, rows, write_small_shop


def declare(shop: Path, text: str) -> Path:
    with (shop / "tables.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + text)
    return shop


def test_the_shops_column_names_are_read_as_ours(tmp_path: Path) -> None:
    header = "Karte,Bon,line_no,Zeit,Artikel,Menge,Umsatz,Rabatt"
    shop = write_small_shop(tmp_path / "shop", header=header)
    declare(
        shop,
        '[purchases.columns]\ncustomer_id = "Karte"\nbasket_id = "Bon"\npurchased_at = "Zeit"\n'
        'product_id = "Artikel"\nquantity = "menge"\npaid = "Umsatz"\ndiscount = "Rabatt"\n',
    )
    assert load(shop, tmp_path).lines == 3


def test_our_column_names_are_found_in_any_case(tmp_path: Path) -> None:
    assert load(write_small_shop(tmp_path / "shop", header=HEADER.upper()), tmp_path).lines == 3


def test_a_declared_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    shop = declare(write_small_shop(tmp_path / "shop"), '[purchases.columns]\npaid = "Umsatz"\n')
    with pytest.raises(
        BadInput, match=r"no column 'Umsatz', which tables\.toml names for paid; it has customer_id"
    ):
        load(shop, tmp_path)


def test_a_shop_column_given_to_one_of_ours_is_not_another_one_by_its_name(tmp_path: Path) -> None:
    products = "product_id,name,ean\nx,Milk,milk\ny,Bread,bread\n"
    shop = write_small_shop(tmp_path / "shop", products=products)
    declare(shop, '[products.columns]\nproduct_id = "ean"\n')
    assert load(shop, tmp_path).lines == 3
    assert rows(open_data(tmp_path).products, "product_id") == [("bread",), ("milk",)]


def test_decimal_commas_and_thousands_points_are_read(tmp_path: Path) -> None:
    lines = ("anna,b1,1,2024-03-01,milk,1,'1.234,56',0", "anna,b1,2,2024-03-01,milk,'0,5','12,3',0")
    text = tuple(line.replace("'", '"') for line in lines)
    shop = write_small_shop(
        tmp_path / "shop",
        lines=text,
        products="product_id,name\nmilk,Milk\n",
        decimal_mark=",",
        thousands_mark=".",
    )
    load(shop, tmp_path)
    stored = rows(open_data(tmp_path).purchases(0), "quantity_milli, paid_minor")
    assert sorted(stored) == [(500, 1230), (1000, 123456)]


@pytest.mark.parametrize("paid", ["1.5", "1,234.5", "12.34.567", "1,2,3", "", ",", "--1"])
def test_a_number_with_the_other_marks_is_bad_and_never_guessed(tmp_path: Path, paid: str) -> None:
    line = f'anna,b9,1,2024-03-01,milk,1,"{paid}",0'
    shop = write_small_shop(tmp_path / "shop", lines=(*GOOD[2:], line), decimal_mark=",", thousands_mark=".")
    good_line = 'ben,b2,1,2024-03-02 23:30:00,milk,1,"1,19",0'
    (shop / "purchases.csv").write_text(f"{HEADER}\n{good_line}\n{line}\n")
    (shop / "products.csv").write_text("product_id,name\nmilk,Milk\n")
    assert load(shop, tmp_path).tables["purchases"].quarantined == {"bad_number": 1}


def test_thousands_spaces_that_do_not_break_are_spaces(tmp_path: Path) -> None:
    line = "anna,b9,1,2024-03-01,milk,1,1\u202f234.50,0"
    load(write_small_shop(tmp_path / "shop", lines=(line,), thousands_mark=" "), tmp_path)
    assert rows(open_data(tmp_path).purchases(0), "paid_minor") == [(123450,)]


def test_undeclared_thousands_marks_make_a_number_bad(tmp_path: Path) -> None:
    lines = (*GOOD, 'anna,b9,1,2024-03-01,milk,1,"1,234.50",0')
    summary = load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path)
    assert summary.tables["purchases"].quarantined == {"bad_number": 1}


def test_the_shops_units_are_translated_and_grams_become_kilograms(tmp_path: Path) -> None:
    units = ("ST", "kg", "G", "", "stk")
    lines = tuple(f"anna,b1,{n},2024-03-0{n},milk,250,1,0,{unit}" for n, unit in enumerate(units, start=1))
    shop = write_small_shop(tmp_path / "shop", lines=lines, header=f"{HEADER},unit")
    declare(shop, '[units]\nST = "piece"\nStk = "piece"\n')
    load(shop, tmp_path)
    assert rows(open_data(tmp_path).purchases(0), "quantity_milli, unit") == [
        (250000, "piece"),
        (250000, "kg"),
        (250, "kg"),
        (250000, "piece"),
        (250000, "piece"),
    ]


def test_the_shops_flags_are_translated_whatever_separates_them(tmp_path: Path) -> None:
    products = 'product_id,name,flags\nmilk,Milk,"ALK, Bio"\nbread,Bread,tobacco|ALK\n'
    shop = declare(
        write_small_shop(tmp_path / "shop", products=products), '[flags]\nALK = "alcohol"\nbio = ""\n'
    )
    load(shop, tmp_path)
    assert rows(open_data(tmp_path).products, "product_id, flags") == [
        ("bread", "tobacco;alcohol"),
        ("milk", "alcohol"),
    ]


def test_the_shops_yes_and_no_are_translated(tmp_path: Path) -> None:
    shop = declare(write_small_shop(tmp_path / "shop"), "[booleans]\nJ = true\nN = false\n")
    (shop / "customers.csv").write_text("customer_id,consent\nanna,J\nben,n\n")
    load(shop, tmp_path)
    assert rows(open_data(tmp_path).customers(0), "consent") == [(True,), (False,)]


def test_times_and_dates_in_the_shops_own_form_are_read(tmp_path: Path) -> None:
    lines = ("anna,b1,1,01.03.2024 23:30,milk,1,1,0",)
    shop = write_small_shop(
        tmp_path / "shop", lines=lines, time_format="%d.%m.%Y %H:%M", date_format="%d.%m.%y"
    )
    (shop / "customers.csv").write_text("customer_id,joined_on\nanna,31.12.19\n")
    load(shop, tmp_path)
    assert rows(open_data(tmp_path).purchases(0), "epoch(purchased_at), local_day") == [
        (datetime(2024, 3, 1, 22, 30, tzinfo=UTC).timestamp(), date(2024, 3, 1))
    ]
    assert rows(open_data(tmp_path).customers(0), "joined_on") == [(date(2019, 12, 31),)]


def test_a_warehouse_may_write_utc_while_the_shop_lives_elsewhere(tmp_path: Path) -> None:
    lines = ("anna,b1,1,2024-07-01 23:30:00,milk,1,1,0", "anna,b2,1,2024-07-01T23:30:00+02:00,milk,1,1,0")
    load(write_small_shop(tmp_path / "shop", lines=lines, times_zone="UTC"), tmp_path)
    stored = rows(open_data(tmp_path).purchases(0), "basket_id, local_day")
    assert stored == [("b2", date(2024, 7, 1)), ("b1", date(2024, 7, 2))]


def test_ids_declared_as_numbers_match_whatever_form_they_have(tmp_path: Path) -> None:
    lines = (
        "007,b1,1,2024-03-01,0042,1,1,0",
        "7.0,b2,1,2024-03-02,42,1,1,0",
        "a7,b3,1,2024-03-03,042.00,1,1,0",
    )
    shop = write_small_shop(
        tmp_path / "shop", lines=lines, products="product_id,name\n42,Milk\n", ids="numbers"
    )
    assert load(shop, tmp_path).lines == 3
    assert rows(open_data(tmp_path).customers(0), "customer_id") == [("7",), ("a7",)]


def test_a_declared_encoding_is_read(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", encoding="cp1252")
    (shop / "products.csv").write_bytes("product_id,name\nmilk,Käse für 2 €\nbread,x\n".encode("cp1252"))
    load(shop, tmp_path)
    assert rows(open_data(tmp_path).products, "name") == [("x",), ("Käse für 2 €",)]


def test_utf_16_with_its_mark_is_read(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", encoding="utf-16")
    for name in ("products.csv", "purchases.csv"):
        (shop / name).write_bytes((shop / name).read_text().encode("utf-16"))
    assert load(shop, tmp_path).lines == 3


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "purchases.csv.gz").write_bytes(gzip.compress((shop / "purchases.csv").read_bytes()))
    (shop / "purchases.csv").unlink()
    assert load(shop, tmp_path).lines == 3


@pytest.mark.parametrize("content", [codecs.BOM_UTF16_LE + HEADER.encode("utf-16-le"), b"\xff\xfe\x00"])
def test_an_undeclared_encoding_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "purchases.csv").write_bytes(content)
    with pytest.raises(BadInput, match=r"is not UTF-8: line 1 .* declare its encoding in tables\.toml"):
        load(shop, tmp_path)


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ({"purchases": {"colums": {}}}, r"unknown key \[purchases\] colums"),
        ({"purchases": {"columns": {"customer": "x"}}}, "'customer', which is no column of ours"),
        ({"purchases": {"columns": {"paid": 3}}}, "paid = 3 is not allowed"),
        ({"purchases": {"table": "a", "query": "b"}}, "both a table and a query"),
        ({"purchases": {"complete": True}}, r"unknown key \[purchases\] complete"),
        ({"customers": {"complete": "yes"}}, "expected true or false"),
        ({"products": {"files": ""}}, "expected text"),
        ({"units": {"ST": "stone"}}, r"\[units\] ST = 'stone' is not allowed; expected one of 'piece'"),
        ({"flags": {"ALK": "alc"}}, r"\[flags\] ALK = 'alc' is not allowed"),
        ({"booleans": {"J": "true"}}, r"\[booleans\] J = 'true' is not allowed"),
        ({"units": "ST"}, r"expected a section \[units\]"),
        ({"encoding": "klingon"}, "an encoding of text"),
        ({"encoding": "hex"}, "an encoding of text"),
        ({"time_format": "DD.MM.YYYY"}, "strptime letters"),
        ({"decimal_mark": ",", "thousands_mark": ","}, "both ','"),
    ],
)
def test_a_wrong_section_is_refused_by_name(section: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        check_declaration({**DECLARATION, **section})


TILLS = "customer_id,till,receipt,purchased_at,product_id,quantity,paid"


def test_a_receipt_may_be_named_by_several_columns(tmp_path: Path) -> None:
    lines = ("anna,1,007,2024-03-01 10:00:00,milk,1,1", "anna,2,007,2024-03-01 10:00:00,milk,1,1")
    shop = write_small_shop(tmp_path / "shop", lines=lines, header=TILLS)
    declare(shop, '[purchases.columns]\nbasket_id = ["till", "receipt"]\n')
    summary = load(shop, tmp_path)
    assert rows(open_data(tmp_path).purchases(0), "basket_id") == [("1/007",), ("2/007",)]
    assert summary.ignored_columns == {}


def test_a_column_may_be_part_of_the_receipt_and_stand_for_itself(tmp_path: Path) -> None:
    lines = ("anna,north,7,2024-03-01 10:00:00,milk,1,1",)
    shop = write_small_shop(tmp_path / "shop", lines=lines, header=TILLS.replace("till", "store_id"))
    declare(shop, '[purchases.columns]\nbasket_id = ["store_id", "receipt"]\n')
    load(shop, tmp_path)
    assert rows(open_data(tmp_path).purchases(0), "basket_id, store_id") == [("north/7", "north")]


def test_a_receipt_without_one_of_its_columns_has_no_name(tmp_path: Path) -> None:
    lines = ("anna,1,007,2024-03-01 10:00:00,milk,1,1", "anna,,007,2024-03-01 10:00:00,milk,1,1")
    shop = write_small_shop(tmp_path / "shop", lines=lines, header=TILLS)
    declare(shop, '[purchases.columns]\nbasket_id = ["till", "receipt"]\n')
    assert load(shop, tmp_path).tables["purchases"].quarantined == {"null_id": 1}


def test_ids_that_are_numbers_are_numbers_in_every_part_of_a_receipt(tmp_path: Path) -> None:
    lines = ("anna,01,007,2024-03-01 10:00:00,42,1,1",)
    products = "product_id,name\n42,Milk\n"
    shop = write_small_shop(tmp_path / "shop", lines=lines, header=TILLS, products=products, ids="numbers")
    declare(shop, '[purchases.columns]\nbasket_id = ["till", "receipt"]\n')
    load(shop, tmp_path)
    assert rows(open_data(tmp_path).purchases(0), "basket_id") == [("1/7",)]


@pytest.mark.parametrize(
    "names", ["[]", '["till", "till"]', '["till", "TILL"]', '["till", 3]', '["till", ""]', "7"]
)
def test_columns_of_a_receipt_that_are_none_are_refused(tmp_path: Path, names: str) -> None:
    shop = write_small_shop(tmp_path / "shop")
    declare(shop, f"[purchases.columns]\nbasket_id = {names}\n")
    with pytest.raises(BadInput, match="expected text, or a list of different column names"):
        load(shop, tmp_path)


def test_only_a_receipt_is_named_by_several_columns(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    declare(shop, '[purchases.columns]\ncustomer_id = ["a", "b"]\n')
    with pytest.raises(BadInput, match=r"customer_id = .* is not allowed; expected text\."):
        load(shop, tmp_path)


def test_a_column_of_a_receipt_that_is_not_there_is_named(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    declare(shop, '[purchases.columns]\nbasket_id = ["till", "basket_id"]\n')
    with pytest.raises(BadInput, match=r"has no column 'till', which tables\.toml names for basket_id"):
        load(shop, tmp_path)
