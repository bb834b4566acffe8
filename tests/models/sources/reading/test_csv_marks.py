"""Marks that programs leave in CSV files: each is read, or refused in one sentence that says where and what to do."""

import gzip
from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from tests.models.sources.small import GOOD, HEADER, PRODUCTS, rows, write_small_shop


def rewrite(shop: Path, table: str, content: bytes) -> None:
    (shop / f"{table}.csv").write_bytes(content)


def semicolons(*lines: str) -> str:
    return "\n".join(line.replace(",", ";") for line in lines) + "\n"


def unreadable(workspace: Path) -> list[tuple[object, ...]]:
    return rows(
        open_data(workspace).folder / "quarantine.parquet",
        """"row" ->> 'line', "row" ->> 'text', "row" ->> 'why'""",
    )


@pytest.mark.parametrize("marks", [1, 2, 3])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_byte_order_marks_are_no_part_of_a_columns_name_however_many_there_are(
    tmp_path: Path, marks: int, end: str
) -> None:
    shop = write_small_shop(tmp_path / "shop")
    rewrite(shop, "purchases", ("\ufeff" * marks + end.join((HEADER, *GOOD)) + end).encode())
    rewrite(shop, "products", ("\ufeff" * marks + '"product_id","name"\nmilk,Milk\nbread,Bread\n').encode())
    summary = load(shop, tmp_path)
    assert (summary.lines, summary.products, summary.ignored_columns) == (3, 2, {})
    assert rows(open_data(tmp_path).products, "product_id") == [("bread",), ("milk",)]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "\ufeffsep=;"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_excels_line_above_the_header_names_the_separator(tmp_path: Path, first: str, end: str) -> None:
    shop = write_small_shop(tmp_path / "shop")
    rewrite(shop, "purchases", f"{first}\n{semicolons(HEADER, *GOOD)}".replace("\n", end).encode())
    assert load(shop, tmp_path).lines == 3


def test_the_line_above_the_header_decides_where_the_header_holds_more_of_another_mark(
    tmp_path: Path,
) -> None:
    shop = write_small_shop(tmp_path / "shop")
    rewrite(shop, "products", b"sep=;\nproduct_id;name;a, b, c, d\nmilk;Milk;1\nbread;Bread;2\n")
    assert load(shop, tmp_path).products == 2


@pytest.mark.parametrize("header_too", [True, False])
def test_a_separator_at_the_end_of_every_line_is_no_column(tmp_path: Path, header_too: bool) -> None:
    shop = write_small_shop(tmp_path / "shop")
    lines = (HEADER + "," * header_too, *(f"{line}," for line in GOOD))
    rewrite(shop, "purchases", semicolons(*lines).encode())
    summary = load(shop, tmp_path)
    assert (summary.lines, summary.tables["purchases"].quarantined, summary.ignored_columns) == (3, {}, {})


def test_a_column_without_a_name_that_holds_something_is_told(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    rewrite(shop, "products", b",product_id,name\n0,milk,Milk\n1,bread,Bread\n")
    summary = load(shop, tmp_path)
    assert (summary.products, summary.ignored_columns) == (2, {"products": ["column 1 (without a name)"]})


def test_a_line_with_too_few_or_too_many_cells_says_which_and_how_many(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    rewrite(
        shop,
        "products",
        (PRODUCTS + 'egg,"Egg,\n10 pieces",FRESH,1.99,\n').encode() + b"salt,Salt\ntea,Tea,HOT,1,,7\n",
    )
    load(shop, tmp_path)
    assert unreadable(tmp_path) == [
        ("7", "salt,Salt", "2 cells where the header names 5"),
        ("8", "tea,Tea,HOT,1,,7", "more cells than the 5 that the header names"),
    ]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_line_that_a_stray_quotation_mark_swallows_is_set_aside(tmp_path: Path, mark: str) -> None:
    stray = (
        'anna,b7,1,2024-03-03,"milk,1,1,0',
        "anna,b8,1,2024-03-04,milk,1,1,0",
        'anna,b9,1,2024-03-05,"milk",1,1,0',
    )
    shop = write_small_shop(tmp_path / "shop", lines=(*GOOD, *stray, "ben,b6,1,2024-03-06,milk,1,1,0"))
    rewrite(shop, "purchases", (mark + (shop / "purchases.csv").read_text()).encode())
    summary = load(shop, tmp_path)
    assert (summary.lines, summary.tables["purchases"].rows) == (4, 7)
    assert [row[0] for row in unreadable(tmp_path)] == ["5", "6", "7"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_quotation_mark_that_swallows_the_rest_of_the_file_stops_the_load(tmp_path: Path, end: str) -> None:
    many = [f"anna,c{n},1,2024-03-03,milk,1,1,0" for n in range(1000)]
    shop = write_small_shop(tmp_path / "shop")
    lines = (HEADER, *GOOD, 'anna,b7,1,2024-03-03,"milk,1,1,0', *many)
    rewrite(shop, "purchases", end.join(lines).encode())
    with pytest.raises(
        BadInput, match=r"purchases\.csv: a quotation mark in line 5 opens a cell and does not close"
    ):
        load(shop, tmp_path)


@pytest.mark.parametrize("ends", [("\r\n", "\n"), ("\n", "\r\n"), ("\r", "\n"), ("\r", "\r"), ("\n", "\n\r")])
def test_files_put_together_with_different_line_ends_are_read(tmp_path: Path, ends: tuple[str, str]) -> None:
    shop = write_small_shop(tmp_path / "shop")
    rewrite(shop, "purchases", (HEADER + ends[0] + "".join(line + ends[1] for line in GOOD)).encode())
    summary = load(shop, tmp_path)
    assert (summary.lines, summary.tables["purchases"].rows) == (3, 3)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"PK\x03\x04 and more",
            r"products\.csv is no CSV file but an Excel workbook .*save each sheet as CSV UTF-8",
        ),
        (b"\xd0\xcf\x11\xe0 and more", "an Excel workbook of the old kind: save each sheet as CSV UTF-8"),
        (b"PAR1 and more", r"a Parquet file: let its name end in \.parquet"),
        (gzip.compress(PRODUCTS.encode()), r"let its name end in \.csv\.gz"),
        (
            PRODUCTS.encode("utf-16"),
            r'line 1 begins with the bytes 0xFF 0xFE, .* UTF-16; .*encoding = "utf-16"',
        ),
        (PRODUCTS.encode("utf-16-le"), r'NUL bytes; if it is UTF-16, set encoding = "utf-16-le"'),
        ("product_id,Größe\nmilk,1\n".encode("cp1252"), r'line 1 holds the bytes 0xF6 0xDF.*encoding = "cp'),
    ],
)
def test_a_file_that_is_no_csv_in_utf_8_says_what_it_is_and_what_to_do(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    shop = write_small_shop(tmp_path / "shop")
    rewrite(shop, "products", content)
    with pytest.raises(BadInput, match=sentence):
        load(shop, tmp_path)


def test_a_mark_of_utf_8_contradicts_another_declared_encoding(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", encoding="cp1252")
    rewrite(shop, "products", b"\xef\xbb\xbf" + PRODUCTS.encode())
    with pytest.raises(BadInput, match=r'products\.csv is not cp1252: .* encoding = "utf-8"'):
        load(shop, tmp_path)


@pytest.mark.parametrize(("name", "encoding"), [("Молоко", "cp1251"), ("Käse", "cp1252")])
def test_lines_in_an_undeclared_encoding_say_their_bytes_and_the_key(
    tmp_path: Path, name: str, encoding: str
) -> None:
    shop = write_small_shop(tmp_path / "shop")
    rewrite(shop, "products", PRODUCTS.encode() + f"x1,{name},FRESH,1,\n".encode(encoding))
    load(shop, tmp_path)
    ((line, _, why),) = unreadable(tmp_path)
    assert line == "5"
    assert f'set encoding = "{encoding}"' in str(why)


def test_a_declared_encoding_that_does_not_fit_names_the_line(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", encoding="cp1252")
    rewrite(shop, "products", PRODUCTS.encode() + b"x1,\x81,FRESH,1,\n")
    with pytest.raises(BadInput, match=r"products\.csv is not cp1252: line 5 holds the byte 0x81"):
        load(shop, tmp_path)


@pytest.mark.parametrize("name", ["products.xlsx", "Article master.XLS", "products.ods"])
def test_a_workbook_in_place_of_a_table_is_named_with_what_to_do(tmp_path: Path, name: str) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "products.csv").rename(shop / name)
    with pytest.raises(BadInput, match=rf"holds {name}, a workbook, .*as products\.csv \(CSV UTF-8\)"):
        load(shop, tmp_path)


def test_a_workbook_that_tables_toml_names_is_refused_too(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "products.csv").rename(shop / "items.xlsx")
    with (shop / "tables.toml").open("a") as file:
        file.write('\n[products]\nfiles = "items.xlsx"\n')
    with pytest.raises(BadInput, match=r"holds items\.xlsx, a workbook; save its sheet as a \.csv file"):
        load(shop, tmp_path)


def test_a_declared_utf_16_without_its_mark_says_so(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", encoding="utf-16")
    with pytest.raises(BadInput, match=r"products\.csv is not utf-16: .*byte order mark; .* \"utf-16-le\""):
        load(shop, tmp_path)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_a_line_that_is_set_aside_has_its_number_whatever_ends_the_lines(tmp_path: Path, end: str) -> None:
    shop = write_small_shop(tmp_path / "shop")
    lines = (
        HEADER,
        *GOOD,
        "anna,b9",
        GOOD[2].replace("b2", "b3"),
        'anna,"b8',
        "anna,b7",
        'anna,b6"',
        "anna,b5",
    )
    rewrite(shop, "purchases", (end.join(lines) + end).encode())
    summary = load(shop, tmp_path)
    assert sorted(row[:2] for row in unreadable(tmp_path)) == [
        ("10", "anna,b5"),
        ("5", "anna,b9"),
        ("7", 'anna,"b8'),
        ("8", "anna,b7"),
        ("9", 'anna,b6"'),
    ]
    assert (summary.lines, summary.tables["purchases"].rows) == (4, 9)


@pytest.mark.parametrize("above", ["\n", "\r\n\r\n", "  \n", "\ufeff\n", "\nsep=,\n", "\r\r"])
def test_empty_lines_above_the_header_are_no_header(tmp_path: Path, above: str) -> None:
    shop = write_small_shop(tmp_path / "shop")
    end = "\r" if above.endswith("\r") else "\n"
    rewrite(shop, "purchases", (above + end.join((HEADER, *GOOD, "anna,b9")) + end).encode())
    summary = load(shop, tmp_path)
    assert (summary.lines, summary.tables["purchases"].quarantined) == (3, {"unreadable_line": 1})
    assert [row[1] for row in unreadable(tmp_path)] == ["anna,b9"]


@pytest.mark.parametrize(
    "below", ["\n\n", "\r\n\r\n", "   \n\t\n", ",,,,,,,\n,,,,,,,\n", '"","",,,,,,\n', "\x1a"]
)
def test_empty_rows_below_a_table_are_no_rows(tmp_path: Path, below: str) -> None:
    shop = write_small_shop(tmp_path / "shop")
    rewrite(shop, "purchases", ("\n".join((HEADER, *GOOD)) + "\n" + below).encode())
    summary = load(shop, tmp_path)
    assert (summary.lines, summary.tables["purchases"].rows) == (3, 3)


@pytest.mark.parametrize("twice", ["paid", "Paid", " paid "])
def test_a_column_that_is_named_twice_is_refused_with_the_line(tmp_path: Path, twice: str) -> None:
    shop = write_small_shop(tmp_path / "shop")
    rewrite(shop, "purchases", ("sep=,\n" + "\n".join((HEADER.replace("discount", twice), *GOOD))).encode())
    with pytest.raises(BadInput, match=r"names a column twice: .*paid'; give each its own name in line 2\."):
        load(shop, tmp_path)


def test_names_of_columns_are_read_in_any_case_with_blanks_around_and_quoted_numbers_are_numbers(
    tmp_path: Path,
) -> None:
    header = ' Customer_ID ,BASKET_ID,"Line_No", purchased_at,Product_Id ,\u00a0Quantity,"PAID",discount'
    lines = [line.replace(",2.38,", ',"2.38",').replace(",1,0", ',"1",0') for line in GOOD]
    shop = write_small_shop(tmp_path / "shop")
    rewrite(shop, "purchases", "\r\n".join((header, *lines)).encode())
    summary = load(shop, tmp_path)
    assert (summary.lines, summary.tables["purchases"].quarantined, summary.ignored_columns) == (3, {}, {})
