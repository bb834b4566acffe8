"""Lines whose signs, price or quantity are odd are kept and named: file, line, value."""

import re
from pathlib import Path

import pytest

from models.sources import load, open_data
from models.sources.loading.load_check import check
from tests.models.sources.small import GOOD, rows, write_small_shop

USUAL = tuple(f"c{n},r{n},1,2024-03-{n + 1:02} 10:00:00,milk,2,2.38,0" for n in range(20))
STORED = "basket_id, quantity_milli, paid_minor, discount_minor"


@pytest.mark.parametrize("signs", ["1,-2.29,-0.20", "1,-2.29,0.20", "-1,2.29,0.20"])
def test_a_line_with_one_negative_sign_is_a_return_and_is_named(tmp_path: Path, signs: str) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(*GOOD, f"anna,b3,1,2024-03-03 10:00:00,bread,{signs}"))
    summary = load(shop, tmp_path / "w")
    stored = [
        row
        for b in range(open_data(tmp_path / "w").buckets)
        for row in rows(open_data(tmp_path / "w").purchases(b), STORED)
    ]
    assert ("b3", -1000, -229, -20) in stored
    (said,) = summary.findings
    quantity, paid, _ = signs.split(",")
    assert said.startswith(
        "Read 1 line with positive quantity and negative paid, or the reverse, as returns: "
    )
    assert f"purchases.csv, line 5: quantity {quantity}, paid {paid}" in said
    assert summary.tables["purchases"].quarantined == {}


def test_an_odd_line_below_one_much_like_it_is_named_and_not_the_other(tmp_path: Path) -> None:
    alike = ("anna,b3,1,2024-03-03 10:00:00,bread,1,-2.29,0", "anna,b3,2,2024-03-03 10:00:00,bread,1,-2.2,0")
    shop = write_small_shop(tmp_path / "shop", lines=(*alike, *GOOD))
    file = shop / "purchases.csv"
    file.write_text("sep=,\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    (said,) = load(shop, tmp_path / "w").findings
    assert (
        "purchases.csv, line 3: quantity 1, paid -2.29; purchases.csv, line 4: quantity 1, paid -2.2." in said
    )


def test_a_return_with_both_signs_is_no_contradiction(tmp_path: Path) -> None:
    shop = write_small_shop(
        tmp_path / "shop", lines=(*GOOD, "anna,b3,1,2024-03-03 10:00:00,bread,-1,-2.29,0")
    )
    assert load(shop, tmp_path / "w").findings == ()


def test_of_many_odd_lines_five_are_named_and_all_are_counted(tmp_path: Path) -> None:
    back = tuple(f"c{n},back{n},1,2024-04-01 10:00:00,milk,1,-1.19,0" for n in range(8))
    (said,) = load(write_small_shop(tmp_path / "shop", lines=(*USUAL, *back)), tmp_path / "w").findings
    assert said.startswith("Read 8 lines")
    assert said.count("purchases.csv, line ") == 5
    assert "; and 3 more." in said


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "c1,odd,1,2024-03-09 11:00:00,milk,1,119.00,0",
            "price is far .*line 22: 119.00 where about 1.1[0-9] is usual .milk",
        ),
        ("c1,odd,1,2024-03-09 11:00:00,milk,100,1.19,0", "price is far .*line 22: 0.01 where"),
        (
            "c1,odd,1,2024-03-09 11:00:00,milk,5000,5950.00,0",
            "quantity is far .*line 22: 5000 where about 2 is usual .milk",
        ),
    ],
)
def test_a_value_far_from_the_products_own_is_kept_and_named(tmp_path: Path, line: str, says: str) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(*USUAL, line))
    summary = load(shop, tmp_path / "w")
    assert summary.lines == 21
    assert any(re.search(says, said) for said in summary.findings)
    assert check(shop).remarks == list(summary.findings)


def test_an_appended_price_is_judged_by_the_whole_history(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop", lines=USUAL), tmp_path / "w")
    new = write_small_shop(tmp_path / "new", lines=("c1,odd,1,2024-03-29 11:00:00,milk,1,119.00,0",))
    (said,) = load(new, tmp_path / "w", append=True).findings
    assert "Kept 1 line whose price is far" in said
    assert "purchases.csv, line 2: 119.00 where" in said


@pytest.mark.parametrize(
    "prices",
    [
        pytest.param(["1.19"] * 12 + ["0.99"] * 6 + ["0.60"], id="reduced to the half"),
        pytest.param(["1.19"] * 3 + ["119.00"], id="too few lines to know"),
        pytest.param(
            ["1.00", "2.50", "6.00", "15.00", "40.00", "90.00"] * 5, id="a gift card has every price"
        ),
        pytest.param(["1.19"] * 20 + ["2.38"] * 20, id="a price that doubled"),
    ],
)
def test_prices_that_a_shop_may_ask_are_not_named(tmp_path: Path, prices: list[str]) -> None:
    lines = tuple(f"c{n},r{n},1,2024-03-01 10:00:00,milk,1,{price},0" for n, price in enumerate(prices))
    found = load(write_small_shop(tmp_path / "shop", lines=lines), tmp_path / "w").findings
    assert [said for said in found if "looks like no merchandise" not in said] == []
