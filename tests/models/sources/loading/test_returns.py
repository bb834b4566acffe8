"""How a load reads returns: whatever sign the till wrote, and those that take back nothing are listed."""

from pathlib import Path

import pytest

from models.sources import load, open_data
from models.sources.loading.load_check import check
from models.sources.stored.finished_load import Returns
from models.sources.stored.load_erasure import erase_from_load
from tests.models.sources.small import GOOD, rows, write_small_shop

# Anna bought two bottles of milk and a loaf, Ben one bottle a day later.
ONE_BACK = "anna,b1,1,2024-03-04 10:00:00,milk,1,-1.19,-0.10"
THREE_BACK = "ben,r7,1,2024-03-04 11:00:00,milk,-3,-3.57,0"
LISTED = "customer_id, basket_id, product_id, quantity_milli, unmatched_milli, paid_minor"


def listed(workspace: Path) -> list[tuple[object, ...]]:
    return rows(open_data(workspace).folder / "unmatched-returns.parquet", LISTED)


def test_a_quantity_above_zero_with_money_below_zero_is_read_as_a_return_and_told(tmp_path: Path) -> None:
    summary = load(write_small_shop(tmp_path / "shop", lines=(*GOOD, ONE_BACK)), tmp_path)
    lines = rows(open_data(tmp_path).purchases(0), "basket_id, line_no, quantity_milli, paid_minor")
    assert ("b1", 1, -1000, -119) in lines
    assert ("b1", 1, 2000, 238) in lines
    assert summary.returns == Returns(lines=1, unmatched=0)
    assert summary.tables["purchases"].quarantined == {}


def test_check_tells_what_is_read_as_a_return(tmp_path: Path) -> None:
    report = check(write_small_shop(tmp_path / "shop", lines=(*GOOD, ONE_BACK)))
    assert report.remarks == [
        (
            "Read 1 line with positive quantity and negative paid, or the reverse, as returns: purchases.csv, line"
            f" {len(GOOD) + 2}: quantity 1, paid -1.19. No purchase is counted for them; if they are none, correct a sign and load"
            " again."
        )
    ]


def test_a_return_that_found_too_few_purchases_is_listed_with_what_is_left_of_it(tmp_path: Path) -> None:
    summary = load(write_small_shop(tmp_path / "shop", lines=(*GOOD, ONE_BACK, THREE_BACK)), tmp_path)
    assert summary.returns == Returns(lines=2, unmatched=1)
    assert listed(tmp_path) == [("ben", "r7", "milk", -3000, -2000, -357)]


def test_a_shop_whose_returns_all_found_their_purchases_has_no_list(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop", lines=(*GOOD, ONE_BACK)), tmp_path)
    assert not (open_data(tmp_path).folder / "unmatched-returns.parquet").exists()


def test_a_return_of_what_is_no_merchandise_is_not_listed(tmp_path: Path) -> None:
    back = "ben,r7,1,2024-03-04 11:00:00,petrol,-3,-5.40,0"
    assert load(write_small_shop(tmp_path / "shop", lines=(*GOOD, back)), tmp_path).returns.unmatched == 0


@pytest.mark.parametrize("buckets", [1, 3])
def test_the_list_is_of_the_whole_data_after_every_append(tmp_path: Path, buckets: int) -> None:
    load(write_small_shop(tmp_path / "shop", lines=(*GOOD, THREE_BACK)), tmp_path / "w", buckets=buckets)
    later = "anna,r8,1,2024-03-05 11:00:00,bread,-2,-4.58,0"
    summary = load(write_small_shop(tmp_path / "next", lines=(later,)), tmp_path / "w", append=True)
    assert summary.returns == Returns(lines=2, unmatched=2)
    load(
        write_small_shop(tmp_path / "both", lines=(*GOOD, THREE_BACK, later)), tmp_path / "o", buckets=buckets
    )
    assert listed(tmp_path / "w") == listed(tmp_path / "o")
    assert min(listed(tmp_path / "w")) == ("anna", "r8", "bread", -2000, -1000, -458)


def test_an_erased_customer_is_gone_from_the_list(tmp_path: Path) -> None:
    later = "anna,r8,1,2024-03-05 11:00:00,bread,-2,-4.58,0"
    load(write_small_shop(tmp_path / "shop", lines=(*GOOD, THREE_BACK, later)), tmp_path)
    erase_from_load(tmp_path, ["ben"])
    assert [line[0] for line in listed(tmp_path)] == ["anna"]
