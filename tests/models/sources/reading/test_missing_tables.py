"""A table that may be left out, and one that is only under a name that nobody reads."""

import os
from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from tests.models.sources.small import GOOD, rows, write_small_shop

NEXT_DAY = ("anna,b6,1,2024-03-05 09:00:00,milk,1,1.19,0",)


def delivery(folder: Path, declared: str = "") -> Path:
    """A day without products, with more in its tables.toml."""
    shop = write_small_shop(folder / "delivery", lines=NEXT_DAY)
    (shop / "products.csv").unlink()
    (shop / "tables.toml").write_text((shop / "tables.toml").read_text() + declared)
    return shop


def loaded(folder: Path) -> Path:
    load(write_small_shop(folder / "shop"), folder / "w")
    return folder / "w"


@pytest.mark.parametrize(
    "declared",
    ["", "\n[products]\ncomplete = true\n", '\n[products.columns]\nname = "Bezeichnung"\nprice = "Preis"\n'],
)
def test_a_delivery_without_products_keeps_those_that_are_known(tmp_path: Path, declared: str) -> None:
    workspace = loaded(tmp_path)
    before = rows(open_data(workspace).products, "*")
    load(delivery(tmp_path, declared), workspace, append=True)
    assert rows(open_data(workspace).products, "*") == before
    assert open_data(workspace).lines == len(GOOD) + 1


def test_a_delivery_without_the_products_file_that_it_names_is_refused(tmp_path: Path) -> None:
    workspace = loaded(tmp_path)
    shop = delivery(tmp_path, '\n[products]\nfiles = "master/items.csv"\n')
    with pytest.raises(
        BadInput,
        match=r"holds nothing for master/items\.csv, which tables\.toml names for products; .*what is known stays",
    ):
        load(shop, workspace, append=True)
    assert open_data(workspace).lines == len(GOOD)


def test_a_first_load_without_products_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"neither products\.parquet nor products\.csv nor products/; one is needed"
    ):
        load(delivery(tmp_path), tmp_path / "w")


@pytest.mark.parametrize(
    "name", ["Customers.csv", "customers.CSV", "customers.txt", "customers.csv.zip", "customers.json"]
)
def test_an_optional_table_under_a_name_that_is_not_read_is_not_passed_over(
    tmp_path: Path, name: str
) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / name).write_text("customer_id,consent\nanna,false\n")
    with pytest.raises(
        BadInput, match=rf"holds {name}, which is not read, .*call it customers\.csv if it is CSV"
    ):
        load(shop, tmp_path / "w")


def test_an_optional_table_in_a_workbook_is_not_passed_over(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "customers.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(
        BadInput, match=r"holds customers\.xlsx, a workbook, .*as customers\.csv \(CSV UTF-8\)"
    ):
        load(shop, tmp_path / "w")


def test_other_files_beside_the_tables_are_nobodys_business(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    for name in ("README.txt", "customer list.csv", "notes.xlsx", "purchases.csv.md5"):
        (shop / name).write_text("x")
    assert load(shop, tmp_path / "w").lines == len(GOOD)


def test_a_pipe_in_the_place_of_a_file_is_refused_and_nobody_waits_for_it(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    (shop / "purchases.csv").unlink()
    os.mkfifo(shop / "purchases.csv")
    with pytest.raises(BadInput, match="is no file"):
        load(shop, tmp_path / "w")
    assert not (tmp_path / "w" / "data" / "current").exists()
