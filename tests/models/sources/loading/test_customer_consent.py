"""Whose consent cannot be read has refused, however the customers table came to be unreadable."""

from pathlib import Path

import pandas as pd
import pytest

from models.sources import load, open_data
from models.sources.loading.load_check import check
from tests.models.sources.small import GOOD, rows, write_small_shop


def shop_with(folder: Path, customers: str, lines: tuple[str, ...] = GOOD, **declared: object) -> Path:
    shop = write_small_shop(folder, lines=lines, **declared)
    (shop / "customers.csv").write_text(customers, encoding="utf-8")
    return shop


def consents(workspace: Path) -> dict[object, object]:
    return dict(rows(open_data(workspace).customers(0), "customer_id, consent"))  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["nein", "opt-out", "non", "нет", "2", "?", "  -  "])
def test_a_consent_that_cannot_be_read_is_a_refusal(tmp_path: Path, word: str) -> None:
    load(shop_with(tmp_path / "shop", f"customer_id,consent\nanna,{word}\nben,true\n"), tmp_path)
    assert consents(tmp_path) == {"anna": False, "ben": True}


def test_the_load_names_the_column_each_word_and_how_often_it_came(tmp_path: Path) -> None:
    customers = "customer_id,consent\nanna,nein\nben,true\nzoe,nein\nkim,opt-out\n"
    shop = shop_with(tmp_path / "shop", customers)
    told = (
        "Column consent of customers has 2 words that are neither true nor false: 'nein' (2 rows), 'opt-out' (1 row)."
        " These customers count as having refused and get no offers; say what each word means in [booleans] of"
        " tables.toml."
    )
    assert told in check(shop).hints
    summary = load(shop, tmp_path)
    assert summary.findings == (told,)
    assert summary.tables["customers"].quarantined == {}


def test_a_word_that_the_shop_explains_is_read(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "shop", "customer_id,consent\nanna,Ja\nben,nein\n")
    with (shop / "tables.toml").open("a") as file:
        file.write("\n[booleans]\nja = true\nnein = false\n")
    assert load(shop, tmp_path).findings == ()
    assert consents(tmp_path) == {"anna": True, "ben": False}


def test_a_number_other_than_nought_and_one_is_no_consent(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop")
    pd.DataFrame({"customer_id": ["anna", "ben"], "consent": [2, 1]}).to_parquet(shop / "customers.parquet")
    load(shop, tmp_path)
    assert consents(tmp_path) == {"anna": False, "ben": True}


@pytest.mark.parametrize(
    "bad_row",
    ["anna,true,yesterday", "anna,true,2023-01-01,one too many", "anna"],
)
def test_a_customer_whose_row_is_bad_gets_no_offers_until_it_is_mended(tmp_path: Path, bad_row: str) -> None:
    customers = f"customer_id,consent,joined_on\n{bad_row}\nben,true,2023-05-01\n"
    summary = load(shop_with(tmp_path / "shop", customers), tmp_path)
    assert sum(summary.tables["customers"].quarantined.values()) == 1
    assert consents(tmp_path) == {"anna": False, "ben": True}


@pytest.mark.parametrize(
    ("before", "bad_row", "after"),
    [
        ("true", "anna,true,yesterday", True),
        ("true", "anna,,yesterday", True),
        ("true", "anna,false,yesterday", False),
        ("true", "anna,nein,yesterday", False),
        ("false", "anna,true,yesterday", False),
        ("", "anna,,yesterday", None),
        ("true", "anna,nein,2023-05-01", False),
    ],
)
def test_in_a_delivery_a_bad_row_leaves_the_former_consent_and_can_only_take_it_away(
    tmp_path: Path, before: str, bad_row: str, after: bool | None
) -> None:
    head = "customer_id,consent,joined_on\n"
    load(shop_with(tmp_path / "first", f"{head}anna,{before},2023-05-01\n"), tmp_path)
    late = ("ben,b3,1,2024-03-03 10:00:00,milk,1,1.19,0",)
    load(shop_with(tmp_path / "second", f"{head}{bad_row}\nben,true,\n", late), tmp_path, append=True)
    assert consents(tmp_path) == {"anna": after, "ben": True}


def test_a_bad_row_of_a_complete_customers_table_erases_nobody(tmp_path: Path) -> None:
    head, complete = "customer_id,consent,joined_on\n", "\n[customers]\ncomplete = true\n"
    for name, day in (("first", "2023-05-01"), ("second", "yesterday")):
        shop = shop_with(tmp_path / name, f"{head}anna,true,{day}\nben,true,2023-05-01\n")
        (shop / "tables.toml").write_text((shop / "tables.toml").read_text() + complete)
        summary = load(shop, tmp_path)
    assert (summary.erased, summary.lines) == (0, 3)
    assert consents(tmp_path) == {"anna": False, "ben": True}


def test_a_refusal_goes_with_the_card_to_a_customer_who_never_said_anything(tmp_path: Path) -> None:
    customers = "customer_id,consent,merged_into\nanna,nein,new\nben,true,new\n"
    load(shop_with(tmp_path / "shop", customers), tmp_path)
    assert consents(tmp_path) == {"new": False}


def test_what_the_new_card_says_itself_counts(tmp_path: Path) -> None:
    customers = "customer_id,consent,merged_into\nanna,false,new\nnew,true,\n"
    load(shop_with(tmp_path / "shop", customers), tmp_path)
    assert consents(tmp_path) == {"ben": None, "new": True}


def test_a_refusal_of_a_former_load_goes_with_the_card_too(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "first", "customer_id,consent\nanna,false\n"), tmp_path)
    late = ("ben,b3,1,2024-03-03 10:00:00,milk,1,1.19,0",)
    shop = shop_with(tmp_path / "second", "customer_id,consent,merged_into\nanna,,new\n", late)
    load(shop, tmp_path, append=True)
    assert consents(tmp_path) == {"ben": None, "new": False}


LATE = ("new,b3,1,2024-03-03 10:00:00,milk,1,1.19,0",)
CARDS = "customer_id,consent,merged_into\n"


def test_a_refusal_that_came_with_a_card_stays_when_the_table_names_the_card_no_more(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "first", f"{CARDS}anna,no,new\nnew,,\n"), tmp_path)
    for name in ("second", "third"):
        load(shop_with(tmp_path / name, f"{CARDS}new,,\n", LATE), tmp_path, append=True)
        assert consents(tmp_path)["new"] is False
    load(shop_with(tmp_path / "fourth", f"{CARDS}new,yes,\n", LATE), tmp_path, append=True)
    assert consents(tmp_path)["new"] is True


def test_a_card_that_was_merged_by_a_later_load_keeps_its_refusal_in_every_one_after(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "first", f"{CARDS}anna,no,\n"), tmp_path)
    for name in ("second", "third"):
        load(shop_with(tmp_path / name, f"{CARDS}anna,,new\nnew,,\n", LATE), tmp_path, append=True)
        assert consents(tmp_path)["new"] is False


def test_a_refusal_stays_with_its_card_where_deliveries_bring_no_customers_at_all(tmp_path: Path) -> None:
    load(shop_with(tmp_path / "first", f"{CARDS}anna,no,new\nnew,,\n"), tmp_path)
    load(write_small_shop(tmp_path / "second", lines=LATE), tmp_path, append=True)
    load(shop_with(tmp_path / "third", f"{CARDS}new,,\n", LATE), tmp_path, append=True)
    assert consents(tmp_path)["new"] is False
