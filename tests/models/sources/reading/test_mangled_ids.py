"""Ids that a spreadsheet shortened, or a float cannot tell apart, are refused: several customers would be one."""

import gzip
import re
from pathlib import Path

import pandas as pd
import pytest

from models.ground.errors import BadInput
from models.sources import load
from models.sources.loading.load_check import check
from tests.models.sources.small import GOOD, HEADER, PRODUCTS, write_small_shop

SHORTENED = "ben,b9,1,2024-03-02 23:30:00,milk,1,1.19,0"


def test_card_numbers_that_a_spreadsheet_shortened_are_refused_with_file_line_column_and_sample(
    tmp_path: Path,
) -> None:
    lines = (*GOOD, SHORTENED.replace("ben", "2.90202E+12"))
    shop = write_small_shop(tmp_path / "shop", lines=lines)
    said = (
        f"{shop}/purchases.csv, line 5: column customer_id holds '2.90202E+12'; expected an id, not a number that a"
        " spreadsheet shortened: different ids became one. Export the table anew without opening it in a spreadsheet, or"
        " format the column as text there before the numbers are put in."
    )
    with pytest.raises(BadInput, match=f"^{re.escape(said)}$"):
        load(shop, tmp_path)
    with pytest.raises(BadInput, match=f"^{re.escape(said)}$"):
        check(shop)
    assert not (tmp_path / "data" / "current").exists()


@pytest.mark.parametrize(
    ("column", "line"),
    [
        ("customer_id", SHORTENED.replace("ben", '"2,90202E+12"')),
        ("customer_id", SHORTENED.replace("ben", " 3e+12 ")),
        ("basket_id", SHORTENED.replace("b9", "1.00001E+15")),
        ("product_id", SHORTENED.replace("milk", "4.00638E+12")),
    ],
)
def test_every_column_of_ids_and_every_way_of_shortening_is_known(
    tmp_path: Path, column: str, line: str
) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(*GOOD, line))
    with pytest.raises(BadInput, match=rf"purchases.csv, line 5: column {column} holds "):
        load(shop, tmp_path)


def test_other_tables_other_names_and_packed_files_are_looked_at_too(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", products=PRODUCTS + "4.00638E+12,Butter,DAIRY,2.29,\n")
    with pytest.raises(BadInput, match=r"products.csv, line 5: column product_id holds '4.00638E\+12'"):
        load(shop, tmp_path)
    shop = write_small_shop(tmp_path / "other", header=HEADER.replace("customer_id", "Karte"))
    (shop / "customers.csv.gz").write_bytes(gzip.compress(b"Karte,merged_into\nanna,ben\nben,2.90202E+12\n"))
    with (shop / "tables.toml").open("a") as file:
        file.write(
            '\n[purchases.columns]\ncustomer_id = "Karte"\n[customers.columns]\ncustomer_id = "Karte"\n'
        )
    with pytest.raises(BadInput, match=r"customers.csv.gz, line 3: column merged_into holds '2.90202E\+12'"):
        load(shop, tmp_path)


@pytest.mark.parametrize(
    ("ids", "said"), [(["2.90202E+12"], "row 1: column customer_id holds"), ([2.0**53 + 2], "floating point")]
)
def test_parquet_files_are_looked_at_too(tmp_path: Path, ids: list[object], said: str) -> None:
    shop = write_small_shop(tmp_path / "shop")
    pd.DataFrame({"customer_id": ids}).to_parquet(shop / "customers.parquet")
    with pytest.raises(BadInput, match=said):
        load(shop, tmp_path)


def test_ids_that_only_look_a_little_like_it_are_ids(tmp_path: Path) -> None:
    lines = tuple(SHORTENED.replace("ben", name) for name in ("E+12", "A1E+12", "12E12", "1E5"))
    assert load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path).customers == 4
