"""A load that is refused shows a bad row of every kind: file, line, column, value, and what to do."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

from models.ground.errors import BadInput
from models.sources import load
from models.sources.loading.load_check import check
from tests.models.sources.small import GOOD, HEADER, PRODUCTS, write_small_shop


def refusal(shop: Path, workspace: Path) -> str:
    """What a load says of the shop; what --check says ends with the same sample."""
    with pytest.raises(BadInput) as refused:
        load(shop, workspace)
    said = str(refused.value)
    assert "\n" not in said
    assert not list((workspace / "data").glob("loads/*"))
    checked = check(shop)
    shown = [sample for found in checked.samples.values() for sample in found.values()]
    assert [sample for sample in shown if sample in said and sample in str(checked.refused)]
    return said


@pytest.mark.parametrize(
    ("line", "sample"),
    [
        ("anna,b9,1,2024-03-05,milk,1,€ 3.58,0", "paid is '€ 3.58'; write it without '€'"),
        ("anna,b9,1,2024-03-05,milk,1,3.58 EUR,0", "paid is '3.58 EUR'; write it without 'EUR'"),
        ("anna,b9,1,2024-03-05,milk,1,$3.58-,0", "paid is '$3.58-'; write it without '$'"),
        ("anna,b9,1,2024-03-05,milk,1,zł 3.58,0", "paid is 'zł 3.58'; write it without 'zł'"),
        (
            'anna,b9,1,2024-03-05,milk,1,"2,38",0',
            "paid is '2,38'; if all are like it, set decimal_mark = \",\"",
        ),
        (
            'anna,b9,1,2024-03-05,milk,1,"1.234,50",0',
            'set decimal_mark = "," and thousands_mark = "."',
        ),
        (
            'anna,b9,1,2024-03-05,milk,1,"1,234",0',
            'set thousands_mark = "," or decimal_mark = ","',
        ),
        (
            "anna,b9,1,2024-03-05,milk,1,1\u00a0234.50,0",
            "paid is '1\\xa0234.50'; if all are like it, set thousands_mark = \" \"",
        ),
        ("anna,b9,1,2024-03-05,milk,two,3,0", "quantity is 'two')"),
        ("anna,b9,1,2024-03-05,milk,1,,0", "paid is empty"),
        ("anna,b9,1,2024-03-05,milk,1,3,x", "discount is 'x'"),
        ("anna,b9,no,2024-03-05,milk,1,3,0", "line_no is 'no'"),
        ("anna,,1,2024-03-05,milk,1,3,0", "basket_id is empty"),
        ("anna,b9,1,2024-03-05,milk/1,1,3,0", "product_id is 'milk/1'"),
        ("anna,b9,1,2024-03-05,cheese,1,3,0", "product_id is 'cheese'"),
        ("anna,b9,1,2024-03-05,milk,1,3,-1", "discount is '-1'"),
        ("anna,b9,1,2024-03-05,milk,0,0,0", "quantity is '0'"),
        (
            "anna,b9,1,05.03.2024 10:00,milk,1,3,0",
            "purchased_at is '05.03.2024 10:00'; if all are like it, set time_format = \"%d.%m.%Y %H:%M\"",
        ),
        ("anna,b9,1,,milk,1,3,0", "purchased_at is empty"),
        (
            "anna,b9,1,2024-03-05,milk,1,3",
            "7 cells where the header names 8: 'anna,b9,1,2024-03-05,milk,1,3'",
        ),
    ],
)
def test_a_refused_load_shows_file_line_column_and_value(tmp_path: Path, line: str, sample: str) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(*GOOD, line), max_bad_share=0.01)
    said = refusal(shop, tmp_path / "w")
    assert "purchases.csv, line 5: " in said
    assert sample in said


def test_a_bad_date_of_a_customer_is_called_by_its_own_name(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", max_bad_share=0.01)
    (shop / "customers.csv").write_text("customer_id,joined_on,birth_date\nanna,2024-01-01,31.12.1990\n")
    said = refusal(shop, tmp_path / "w")
    assert "introduced_on" not in said
    assert (
        "customers.csv, line 2: birth_date is '31.12.1990'; if all are like it, set date_format = \"%d"
        in said
    )


@pytest.mark.parametrize(
    ("table", "content", "sample"),
    [
        ("products", "product_id,name,price\nmilk,Milk,£1\nbread,Bread,2\n", "line 2: price is '£1'; write it without '£'"),
        ("products", "product_id,name,cost\nmilk,Milk,1\nbread,Bread,-2\n", "line 3: cost is '-2'"),
        ("customers", "customer_id,open_complaint\nanna,peut-être\n", "line 2: open_complaint is 'peut-être'; give its word a meaning under [booleans]"),
        ("customers", "customer_id,merged_into\nanna,a/b\n", "line 2: merged_into is 'a/b'"),
        ("answers", "customer_id,answered_at,kind,score\nanna,2024-03-01,nps,good\n", "line 2: score is 'good'"),
        ("answers", "customer_id,answered_at,kind,score\nanna,2024-03-01,mood,9\n", "line 2: kind is 'mood'"),
    ],
)  # fmt: skip
def test_the_other_tables_show_theirs(tmp_path: Path, table: str, content: str, sample: str) -> None:
    shop = write_small_shop(tmp_path / "shop", max_bad_share=0.01)
    (shop / f"{table}.csv").write_text(content)
    assert f"{table}.csv, {sample}" in refusal(shop, tmp_path / "w")


def test_a_column_is_called_as_the_shop_calls_it(tmp_path: Path) -> None:
    header = HEADER.replace("paid", "Umsatz")
    shop = write_small_shop(
        tmp_path / "shop", header=header, lines=("anna,b9,1,2024-03-05,milk,1,€ 3,0",), max_bad_share=0.01
    )
    with (shop / "tables.toml").open("a") as file:
        file.write('\n[purchases.columns]\npaid = "Umsatz"\nbasket_id = ["basket_id", "line_no"]\n')
    assert "line 2: Umsatz is '€ 3'" in refusal(shop, tmp_path / "w")


def test_the_line_is_counted_over_marks_cells_of_several_lines_and_other_files(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", max_bad_share=0.01)
    (shop / "purchases.csv").unlink()
    (shop / "purchases").mkdir()
    text = "\n".join((HEADER, *GOOD)).replace(",", ";")
    (shop / "purchases" / "1.csv").write_text(text)
    broken = f'\ufeff\ufeffsep=;\n{text}\n"anna\n2";b8;1;2024-03-04;milk;1;3;0\nanna;b9;1;2024-03-05;milk;1;€ 3;0\n'
    with gzip.open(shop / "purchases" / "2.csv.gz", "wb") as file:
        file.write(broken.encode())
    said = refusal(shop, tmp_path / "w")
    assert "2.csv.gz, line 8: paid is '€ 3'" in said
    assert "2.csv.gz, line 6: customer_id is 'anna\\n2'" in said


def test_a_parquet_file_shows_column_and_value(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", max_bad_share=0.01)
    (shop / "products.csv").unlink()
    pd.DataFrame({"product_id": ["milk", "bread"], "name": "x", "price": [1.19, -2.0]}).to_parquet(
        shop / "products.parquet"
    )
    assert "is below zero; price is '-2.0')" in refusal(shop, tmp_path / "w")


def test_a_declared_format_that_does_not_fit_is_named(tmp_path: Path) -> None:
    products = PRODUCTS.replace("1.19", '"1,19"').replace("2.49", '"2,49"').replace("1.80", "2")
    shop = write_small_shop(
        tmp_path / "shop", products=products, lines=(GOOD[0],), max_bad_share=0.01, time_format="%d.%m.%Y",
        decimal_mark=",",
    )  # fmt: skip
    assert "purchased_at is '2024-03-01 10:00:00'; time_format = \"%d.%m.%Y\" does not fit it" in refusal(
        shop, tmp_path / "w"
    )


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    shop = write_small_shop(
        tmp_path / "shop", lines=(*GOOD, f"anna,b9,1,2024-03-05,{'m' * 500},1,3,0"), max_bad_share=0.01
    )
    assert f"product_id is '{'m' * 60}...'" in refusal(shop, tmp_path / "w")
