"""Which lines are one receipt, and to which day it belongs."""

from datetime import date
from pathlib import Path

import pytest

from models.sources import load, open_data
from models.sources.loading.delivery_plan import Lacking
from tests.models.sources.small import rows, write_small_shop

HEADER = "customer_id,store_id,basket_id,line_no,purchased_at,product_id,quantity,paid"
NO_LINE_NO = HEADER.replace("line_no,", "")
FIRST, SECOND = date(2024, 3, 1), date(2024, 3, 2)


def shop(folder: Path, *lines: str, header: str = HEADER, **declared: object) -> Path:
    return write_small_shop(folder, lines=lines, header=header, **declared)  # type: ignore[arg-type]


def days(workspace: Path) -> list[date]:
    return [day for (day,) in rows(open_data(workspace).purchases(0), "local_day")]  # type: ignore[misc]


def test_numbers_that_begin_again_every_day_and_in_every_store_are_other_receipts(tmp_path: Path) -> None:
    lines = (
        "anna,1,0001,1,2024-03-01 10:00:00,milk,1,1",
        "anna,1,0001,1,2024-03-02 10:00:00,milk,1,1",
        "anna,2,0001,1,2024-03-01 10:00:00,milk,1,1",
    )
    summary = load(shop(tmp_path / "shop", *lines), tmp_path)
    assert (summary.lines, summary.tables["purchases"].quarantined) == (3, {})


def test_numbers_that_begin_again_every_day_delete_nothing_when_days_are_appended(tmp_path: Path) -> None:
    for day in range(1, 6):
        line = f"anna,1,0001,1,2024-03-{day:02d} 10:00:00,milk,1,1"
        load(shop(tmp_path / "shop", line), tmp_path / "w", append=day > 1)
    assert open_data(tmp_path / "w").lines == 5


def test_a_sale_and_its_return_under_the_same_receipt_and_line_both_stay(tmp_path: Path) -> None:
    lines = (
        "anna,1,57,1,2024-03-01 10:00:00,milk,1,1.19",
        "anna,1,57,1,2024-03-01 11:00:00,milk,-1,-1.19",
        "anna,1,57,1,2024-03-02 11:00:00,bread,-1,-2",
    )
    summary = load(shop(tmp_path / "shop", *lines), tmp_path)
    assert (summary.lines, summary.tables["purchases"].quarantined) == (3, {})


def test_two_files_of_one_day_and_two_stores_do_not_replace_each_other(tmp_path: Path) -> None:
    load(shop(tmp_path / "shop", "anna,1,1,1,2024-03-01 10:00:00,milk,1,1"), tmp_path / "w")
    for store in (1, 2):
        lines = [f"ben,{store},{n},1,2024-03-02 10:00:00,milk,1,1" for n in range(3 * store)]
        load(shop(tmp_path / "next", *lines), tmp_path / "w", append=True)
    assert open_data(tmp_path / "w").lines == 1 + 3 + 6


def test_the_same_receipt_number_in_two_stores_on_one_day_is_two_receipts(tmp_path: Path) -> None:
    load(shop(tmp_path / "shop", "anna,1,7,1,2024-03-01 10:00:00,milk,1,1"), tmp_path / "w")
    load(shop(tmp_path / "next", "anna,2,7,1,2024-03-01 10:00:00,milk,1,1"), tmp_path / "w", append=True)
    assert open_data(tmp_path / "w").lines == 2


def test_a_receipt_over_midnight_is_one_visit_of_its_first_lines_day(tmp_path: Path) -> None:
    lines = ("anna,1,7,1,2024-03-01 23:58:00,milk,1,1", "anna,1,7,2,2024-03-02 00:01:00,bread,1,1")
    summary = load(shop(tmp_path / "shop", *lines), tmp_path)
    assert days(tmp_path) == [FIRST, FIRST]
    assert summary.days == {"2024-03-01": 2}
    assert summary.local_days == (FIRST, FIRST)


@pytest.mark.parametrize("last", ["appended", "first"])
def test_a_receipt_that_midnight_cuts_into_two_deliveries_is_one_visit(tmp_path: Path, last: str) -> None:
    evening = ("anna,1,7,1,2024-03-01 23:58:00,milk,1,1", "ben,1,6,1,2024-03-01 12:00:00,milk,1,1")
    morning = ("anna,1,7,2,2024-03-02 00:01:00,bread,1,1", "ben,1,1,1,2024-03-02 12:00:00,milk,1,1")
    parts = (evening, morning) if last == "appended" else (morning, evening)
    load(shop(tmp_path / "shop", *parts[0]), tmp_path / "w", buckets=1)
    for _ in range(2):
        load(shop(tmp_path / "next", *parts[1]), tmp_path / "w", append=True)
    assert days(tmp_path / "w") == [FIRST, FIRST, FIRST, SECOND]


def test_a_number_that_comes_again_hours_after_midnight_is_another_receipt(tmp_path: Path) -> None:
    lines = ("anna,1,7,1,2024-03-01 23:58:00,milk,1,1", "anna,1,7,1,2024-03-02 08:00:00,milk,1,1")
    load(shop(tmp_path / "shop", *lines), tmp_path)
    assert days(tmp_path) == [FIRST, SECOND]


def test_the_night_belongs_to_the_day_before_where_the_day_starts_later(tmp_path: Path) -> None:
    lines = (
        "anna,1,1,1,2024-03-02 03:59:00,milk,1,1",
        "anna,1,2,1,2024-03-02 04:00:00,milk,1,1",
        "ben,1,3,1,2024-03-02 03:58:00,milk,1,1",
        "ben,1,3,2,2024-03-02 04:01:00,bread,1,1",
    )
    load(shop(tmp_path / "shop", *lines, day_starts_at="04:00"), tmp_path)
    assert days(tmp_path) == [FIRST, SECOND, FIRST, FIRST]
    assert open_data(tmp_path).day_starts_at == "04:00"


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        ("2024-03-30T23:58:00+01:00", "2024-03-31T03:30:00+02:00"),
        ("2024-03-31T23:58:00+02:00", "2024-04-01T00:01:00+02:00"),
        ("2024-10-26T23:58:00+02:00", "2024-10-27T02:30:00+01:00"),
        ("2024-10-27T23:58:00+01:00", "2024-10-28T00:01:00+01:00"),
    ],
)
def test_clocks_that_change_during_a_receipt_leave_it_one(tmp_path: Path, evening: str, morning: str) -> None:
    lines = (f"anna,1,7,1,{evening},milk,1,1", f"anna,1,7,2,{morning},bread,1,1")
    summary = load(shop(tmp_path / "shop", *lines), tmp_path)
    assert summary.days == {evening[:10]: 2}


def in_two_files(folder: Path, one: tuple[str, ...], two: tuple[str, ...], header: str) -> Path:
    shop(folder, *one, header=header, max_bad_share=0.0)
    (folder / "purchases").mkdir()
    (folder / "purchases.csv").rename(folder / "purchases" / "one.csv")
    (folder / "purchases" / "two.csv").write_text("\n".join((header, *two)) + "\n", encoding="utf-8")
    return folder


def test_a_receipt_that_two_files_repeat_counts_once_and_is_no_bad_row(tmp_path: Path) -> None:
    milk, bread = "anna,1,7,2024-03-01 10:00:00,milk,1,1", "anna,1,7,2024-03-01 10:00:00,bread,1,1"
    folder = in_two_files(tmp_path / "shop", (milk, milk, bread), (milk, milk), NO_LINE_NO)
    summary = load(folder, tmp_path)
    assert (summary.lines, summary.tables["purchases"].quarantined) == (3, {"repeated_line": 2})
    numbered = "anna,1,7,1,2024-03-01 10:00:00,milk,1,1"
    summary = load(in_two_files(tmp_path / "other", (numbered,), (numbered,), HEADER), tmp_path)
    assert (summary.lines, summary.tables["purchases"].quarantined) == (1, {"repeated_line": 1})


def test_a_receipt_without_line_no_that_is_added_again_counts_once(tmp_path: Path) -> None:
    milk = "anna,1,7,2024-03-01 10:00:00,milk,1,1"
    load(shop(tmp_path / "shop", milk, milk, header=NO_LINE_NO), tmp_path / "w")
    for times, lines in ((2, 2), (1, 2), (3, 3)):
        delivery = shop(tmp_path / "next", *[milk] * times, header=NO_LINE_NO)
        summary = load(delivery, tmp_path / "w", append=True, lacking=Lacking.ADD)
        assert summary.lines == lines


def test_a_receipt_whose_lines_are_numbered_in_part_keeps_them_all(tmp_path: Path) -> None:
    lines = (
        "anna,1,7,1,2024-03-01 10:00:00,milk,1,1",
        "anna,1,7,,2024-03-01 10:00:00,milk,1,1",
        "anna,1,7,,2024-03-01 10:00:00,milk,1,1",
    )
    assert load(shop(tmp_path / "shop", *lines), tmp_path).lines == 3


def test_a_number_that_comes_again_at_midnight_with_its_first_line_is_another_receipt(tmp_path: Path) -> None:
    lines = ("anna,1,1,1,2024-03-01 23:58:00,milk,1,1", "anna,1,1,1,2024-03-02 00:01:00,milk,1,1")
    summary = load(shop(tmp_path / "shop", *lines), tmp_path)
    assert (days(tmp_path), summary.tables["purchases"].quarantined) == ([FIRST, SECOND], {})


def test_bad_rows_of_another_store_stay_where_a_day_of_one_is_replaced(tmp_path: Path) -> None:
    good, bad = "anna,1,7,1,2024-03-01 10:00:00,milk,1,1", "ben,{},8,1,2024-03-01 10:00:00,caviar,1,1"
    load(shop(tmp_path / "shop", good, bad.format(1), bad.format(2)), tmp_path / "w")
    summary = load(shop(tmp_path / "next", good), tmp_path / "w", append=True)
    assert summary.tables["purchases"].quarantined == {"unknown_product": 1}
    (row,) = rows(open_data(tmp_path / "w").folder / "quarantine.parquet", '"row"')
    assert '"store_id":"2"' in str(row[0])


def test_cards_that_are_merged_later_are_told_apart_as_in_one_load(tmp_path: Path) -> None:
    lines = ("anna,1,7,1,2024-03-01 10:00:00,milk,1,1", "ben,1,7,1,2024-03-01 10:05:00,bread,1,2")
    next_day = "ben,1,9,1,2024-03-02 10:05:00,bread,1,2"
    load(shop(tmp_path / "shop", *lines), tmp_path / "w")
    merged = "customer_id,merged_into\nanna,ben\nben,\n"
    (shop(tmp_path / "next", next_day) / "customers.csv").write_text(merged)
    (shop(tmp_path / "whole", *lines, next_day) / "customers.csv").write_text(merged)
    summary = load(tmp_path / "next", tmp_path / "w", append=True)
    assert summary.fingerprint == load(tmp_path / "whole", tmp_path / "w-whole").fingerprint
    assert summary.tables["purchases"].quarantined == {"line_no_twice": 1}


def test_what_a_receipt_got_after_midnight_is_not_lacking_in_a_file_that_midnight_cuts(
    tmp_path: Path,
) -> None:
    evening = "anna,1,7,1,2024-03-01 23:58:00,milk,1,1"
    morning = "anna,1,7,2,2024-03-02 00:01:00,milk,-1,-1"
    load(shop(tmp_path / "shop", evening, morning), tmp_path / "w")
    summary = load(shop(tmp_path / "next", evening), tmp_path / "w", append=True)
    assert summary.appended
    assert (summary.lines, summary.appended.replaced_lines, days(tmp_path / "w")) == (2, 0, [FIRST, FIRST])
