from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from models.features.bucket_history import open_history
from models.features.catalogue import build_catalogue
from models.features.promoted_weeks import PLANNED_OFF, planned_off_minor
from tests.models.literal import purchases
from tests.models.promotions import BREAD, CREAM, GOODS, MILK, MONDAY, Promotion, april, weeks


def test_days_are_counted_in_the_coming_week_the_last_one_and_the_eight_before(tmp_path: Path) -> None:
    found = weeks(tmp_path, (MILK, "s1", april(5), april(10), 80, None, True, False)).rows.iloc[0]
    assert (found["mailer_now"], found["mailer_last"], found["mailer_before"]) == (3, 3, 3)
    assert (found["display_now"], found["off_now"], found["off_before"]) == (0, 3 * 2000, 3 * 2000)
    assert found[PLANNED_OFF] == 0  # on three days only: who comes later would find the full price


def test_two_rows_of_one_day_count_once_and_one_after_the_other_add_up(tmp_path: Path) -> None:
    found = weeks(
        tmp_path,
        (MILK, "s1", april(8), april(14), None, None, True, False),
        (MILK, "s1", april(8), april(14), None, None, True, True),
        (CREAM, "s1", april(8), april(9), None, 30, False, False),
        (CREAM, "s1", april(10), april(11), None, 30, False, False),
    ).rows.set_index("item_no")
    assert (found.loc[MILK, "mailer_now"], found.loc[MILK, "display_now"]) == (7, 7)
    assert found.loc[CREAM, PLANNED_OFF] == 30


def test_a_day_that_two_rows_are_about_is_one_day_at_the_better_price(tmp_path: Path) -> None:
    found = weeks(
        tmp_path,
        (MILK, "s1", april(8), april(9), 80, None, False, False),  # two days, written down twice
        (MILK, "s1", april(8), april(9), 70, None, False, False),
        (BREAD, "s1", april(8), april(14), None, 90, False, False),
        (BREAD, "s1", april(8), april(14), None, 10, True, False),
    ).rows.set_index("item_no")
    assert found.loc[MILK, PLANNED_OFF] == 0
    assert found.loc[BREAD, PLANNED_OFF] == 90


def test_a_price_above_the_shelfs_is_none_and_a_discount_is_the_price_at_most(tmp_path: Path) -> None:
    found = weeks(
        tmp_path,
        (MILK, "s1", april(8), april(14), 10**13, None, True, False),
        (BREAD, "s1", april(8), april(14), None, 10**13, True, False),
    ).rows.set_index("item_no")
    assert (found.loc[MILK, PLANNED_OFF], found.loc[MILK, "off_now"]) == (0, 0)
    assert found.loc[BREAD, "off_now"] == 7 * 10_000


def test_what_is_only_shown_takes_nothing_off(tmp_path: Path) -> None:
    shown = weeks(tmp_path, (MILK, "s1", april(8), april(14), None, None, True, True)).rows.iloc[0]
    assert (shown["mailer_now"], shown["display_now"]) == (7, 7)
    assert (shown[PLANNED_OFF], shown["off_now"], shown["off_before"]) == (0, 0, 0)


@pytest.mark.parametrize(
    "beyond",
    [
        (MILK, "s1", april(15), april(21), 50, None, True, True),  # begins when the planned week is over
        (BREAD, None, april(15), april(30), 50, None, True, True),
        (BREAD, None, date(2024, 1, 1), date(2024, 2, 11), 50, None, True, True),  # nine weeks ago
    ],
)
def test_what_lies_beyond_the_planned_week_or_long_ago_changes_nothing(
    tmp_path: Path, beyond: Promotion
) -> None:
    known: Promotion = (MILK, "s1", april(8), april(14), 80, None, True, False)
    pd.testing.assert_frame_equal(weeks(tmp_path, known, beyond).rows, weeks(tmp_path, known).rows)


def test_how_long_a_promotion_goes_on_after_the_planned_week_is_not_known(tmp_path: Path) -> None:
    short, long = (
        weeks(tmp_path, (MILK, "s1", april(8), end, 80, None, True, False)).rows
        for end in (april(14), april(30))
    )
    pd.testing.assert_frame_equal(short, long)


def test_a_family_has_the_days_of_its_products(tmp_path: Path) -> None:
    found = weeks(tmp_path, (MILK, "s1", april(8), april(14), None, 30, True, False), level="family_2")
    item = build_catalogue(GOODS, "family_2").items.query("item_id == 'MILK'").index[0]
    assert found.rows.set_index("item_no").loc[item, "mailer_now"] == 7
    assert found.products[item] == 2
    assert not found.rows[PLANNED_OFF].any()  # the price of one product is not that of its family


def test_what_everybody_gets_is_that_of_the_customers_usual_store(tmp_path: Path) -> None:
    promoted = weeks(
        tmp_path,
        (MILK, "s1", april(8), april(14), 80, None, True, False),
        (BREAD, None, april(8), april(14), None, 90, True, False),
    )
    file = purchases(
        tmp_path / "bucket.parquet",
        [
            (0, MILK, "2024-04-01 10:00", 1, 100, 0),  # ann, twice in s1, once in s2
            (0, MILK, "2024-04-03 10:00", 1, 100, 0),
            (0, MILK, "2024-04-05 10:00", 1, 100, 0),
            (1, MILK, "2024-04-03 10:00", 1, 100, 0),  # ben, in s2
            (2, MILK, "2024-04-03 10:00", 1, 100, 0),  # cleo, nobody knows where
        ],
    )
    pd.read_parquet(file).assign(store_id=["s1", "s1", "s2", "s2", None]).to_parquet(file, index=False)
    asked = pd.DataFrame({"customer_no": [0, 1, 2, 0], "item_no": [MILK, MILK, MILK, BREAD]})
    with open_history(file, build_catalogue(GOODS, "product"), MONDAY) as history:
        assert planned_off_minor(history, promoted, asked).tolist() == [20, 0, 0, 90]
