"""Amounts of two currencies are never summed."""

import re
from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.sources import load
from tests.models.sources.small import GOOD, HEADER, write_small_shop


def shop_with(folder: Path, *words: str, column: str = "currency", **declared: object) -> Path:
    lines = tuple(f"{line},{word}" for line, word in zip(GOOD, words, strict=True))
    return write_small_shop(folder, lines=lines, header=f"{HEADER},{column}", **declared)


def declare(shop: Path, text: str) -> Path:
    with (shop / "tables.toml").open("a") as file:
        file.write(f"\n{text}\n")
    return shop


def test_purchases_in_two_currencies_are_refused_with_column_words_and_what_to_do(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "shop", "EUR", "CZK", "EUR")
    said = (
        f"{shop}/purchases.csv: column currency has 2 values: 'EUR' (2 rows), 'CZK' (1 row); tables.toml declares currency ="
        ' "EUR", and amounts of two currencies cannot be summed. Load each currency into a workspace of its own, or convert'
        " the amounts; if a word means the declared currency, or its amounts are converted already, say so in [currencies] of"
        ' tables.toml: "CZK" = "EUR".'
    )
    with pytest.raises(BadInput, match=f"^{re.escape(said)}$"):
        load(shop, tmp_path)


def test_one_currency_that_is_not_the_declared_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"has 1 value: 'CZK' \(3 rows\)"):
        load(shop_with(tmp_path / "shop", "CZK", "CZK", "CZK"), tmp_path)


def test_the_declared_currency_in_any_case_or_none_is_read(tmp_path: Path) -> None:
    summary = load(shop_with(tmp_path / "shop", "EUR", " eur", ""), tmp_path)
    assert (summary.lines, summary.ignored_columns) == (3, {})


def test_a_word_that_the_shop_declares_to_be_the_currency_is_read(tmp_path: Path) -> None:
    shop = declare(shop_with(tmp_path / "shop", "€", "EUR", "CZK"), '[currencies]\n"€" = "EUR"\nCZK = "EUR"')
    assert load(shop, tmp_path).lines == 3


def test_a_word_cannot_be_declared_to_be_another_currency(tmp_path: Path) -> None:
    shop = declare(shop_with(tmp_path / "shop", "€", "EUR", "CZK"), '[currencies]\nCZK = "CZK"')
    with pytest.raises(BadInput, match=r"\[currencies\] CZK = 'CZK' is not allowed; expected one of 'EUR'"):
        load(shop, tmp_path)


def test_the_column_may_have_the_shops_own_name_and_products_have_prices_too(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "shop", "EUR", "CZK", "EUR", column="Waers")
    declare(shop, '[purchases.columns]\ncurrency = "Waers"')
    with pytest.raises(BadInput, match="column Waers has 2 values"):
        load(shop, tmp_path)
    products = "product_id,name,price,currency\nmilk,Milk,1.19,CZK\nbread,Bread,2.49,EUR\n"
    with pytest.raises(BadInput, match=r"products.csv: column currency has 2 values"):
        load(write_small_shop(tmp_path / "other", products=products), tmp_path)
