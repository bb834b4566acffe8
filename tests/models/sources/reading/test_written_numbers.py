"""Numbers as programs write them: what has one meaning is read, what may have two is set aside."""

from pathlib import Path

import pytest

from models.sources import load, open_data
from tests.models.sources.small import GOOD, rows, write_small_shop


def line(quantity: str, paid: str) -> str:
    return f'anna,b9,1,2024-03-05,milk,"{quantity}","{paid}",0'


def read(folder: Path, quantity: str, paid: str, **declared: str) -> list[tuple[object, ...]]:
    """What the last line of a small shop becomes."""
    lines, products = (*GOOD, line(quantity, paid)), "product_id,name\nmilk,Milk\nbread,Bread\n"
    load(write_small_shop(folder / "shop", lines=lines, products=products, **declared), folder)
    data = open_data(folder)
    found = rows(data.purchases(0), "basket_id, quantity_milli, paid_minor")
    return [row[1:] for row in found if row[0] == "b9"]


@pytest.mark.parametrize(
    ("quantity", "paid"),
    [
        ("-1", "-2.99"),
        ("1-", "2.99-"),
        ("1.000-", "2.99 -"),
        ("(1)", "(2.99)"),
        ("( 1.0 )", "( 2.99 )"),
        ("\u22121", "\u22122.99"),
        ("- 1", "- 2.99"),
        ("1-\u00a0", "\u00a02.99-"),
    ],
)
def test_a_negative_number_may_say_so_behind_the_digits_or_around_them(
    tmp_path: Path, quantity: str, paid: str
) -> None:
    assert read(tmp_path, quantity, paid) == [(-1000, -299)]


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0", "\u2007", "\u202f", " \u00a0"])
def test_blanks_around_a_number_are_no_part_of_it(tmp_path: Path, blank: str) -> None:
    assert read(tmp_path, f"{blank}2", f"2.38{blank}") == [(2000, 238)]


@pytest.mark.parametrize(
    ("mark", "written"),
    [
        (" ", "1 234,50"),
        (" ", "1\u00a0234,50"),
        (" ", "1\u202f234,50"),
        (" ", "1\u2007234,50"),
        (" ", "1\u00a0234,50\u00a0"),
        ("'", "1'234,50"),
        ("'", "1\u2019234,50"),
        (".", "1.234,50"),
    ],
)
def test_thousands_are_read_with_the_declared_mark_in_each_of_its_shapes(
    tmp_path: Path, mark: str, written: str
) -> None:
    assert read(tmp_path, "2,5", written, decimal_mark=",", thousands_mark=mark) == [(2500, 123450)]


@pytest.mark.parametrize("written", ["1.234,50-", "(1.234,50)", "-1.234,50", "1.234,50 -"])
def test_negative_numbers_are_read_with_the_declared_marks_too(tmp_path: Path, written: str) -> None:
    assert read(tmp_path, "1-", written, decimal_mark=",", thousands_mark=".") == [(-1000, -123450)]


@pytest.mark.parametrize(
    "paid", ["-2.99-", "(-2.99)", "((2.99))", "2-3", "()", "-", "€ 2.38", "2,38", "1 234"]
)
def test_what_may_mean_two_things_or_nothing_is_set_aside(tmp_path: Path, paid: str) -> None:
    assert read(tmp_path, "1", paid) == []


def test_a_return_that_a_mainframe_writes_with_trailing_minus_is_a_return(tmp_path: Path) -> None:
    returned = 'anna,b8,1,2024-03-06,milk,"1-","1.19-","0.20-"'
    summary = load(write_small_shop(tmp_path / "shop", lines=(*GOOD, returned)), tmp_path)
    assert summary.tables["purchases"].quarantined == {}
    stored = rows(open_data(tmp_path).purchases(0), "quantity_milli, paid_minor, discount_minor")
    assert (-1000, -119, -20) in stored


@pytest.mark.parametrize(
    ("currency", "paid", "paid_minor"),
    [
        ("EUR", "154", 15400),
        ("JPY", "154", 154),
        ("JPY", "154.00", 154),
        ("KRW", "1500", 1500),
        ("KWD", "1.234", 1234),
    ],
)
def test_money_has_the_digits_of_its_currency(
    tmp_path: Path, currency: str, paid: str, paid_minor: int
) -> None:
    assert read(tmp_path, "1", paid, currency=currency) == [(1000, paid_minor)]
