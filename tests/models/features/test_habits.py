"""What habits.sql makes of a dozen written-out lines."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.features.bucket_history import open_history
from models.features.catalogue import build_catalogue
from models.features.habits import Margins, read_habits
from models.ground.moment import local_midnight
from tests.models.literal import Line, purchases, shelf

MILK, BREAD, PETROL = range(3)
SHELF = shelf(
    ("milk", ("DAIRY", "MILK"), 100, ""),
    ("bread", ("BAKERY", "BREAD"), 250, ""),
    ("petrol", ("FUEL", "PETROL"), 180, "fuel;not_offered"),
)
ANN, BEN, CAT, DAN = range(4)
LINES: list[Line] = [
    # the period before: 29 to 56 days ago
    (ANN, MILK, "2024-02-10T10:00Z", 2, 200, 0),
    (ANN, BREAD, "2024-02-20T10:00Z", 1, 250, 0),
    # the current one: 1 to 28 days ago
    (ANN, MILK, "2024-03-20T10:00Z", 2, 160, 40),
    (ANN, BREAD, "2024-03-21T10:00Z", 1, 250, 0),
    # all on one day
    (BEN, MILK, "2024-03-10T09:00Z", 1, 100, 0),
    (BEN, MILK, "2024-03-10T10:00Z", 1, 100, 0),
    # returns only
    (CAT, MILK, "2024-03-10T10:00Z", -1, -100, 0),
    # one purchase long ago
    (DAN, BREAD, "2023-03-10T10:00Z", 1, 200, 50),
]
AS_OF = local_midnight(date(2024, 3, 29), "UTC")


@pytest.fixture
def habits(tmp_path: Path) -> pd.DataFrame:
    file = purchases(tmp_path / "purchases.parquet", LINES)
    margins = pd.DataFrame({"item_no": [MILK, BREAD], "cost_minor": [70.0, np.nan], "assumed_bp": [0, 4000]})
    with open_history(file, build_catalogue(SHELF, "product"), AS_OF) as history:
        return read_habits(history, Margins(margins, 3000, period_days=28)).set_index("customer_no")


def test_customers_with_returns_only_have_no_habits(habits: pd.DataFrame) -> None:
    assert habits.index.tolist() == [ANN, BEN, DAN]


def test_money_and_discounts_belong_to_their_period(habits: pd.DataFrame) -> None:
    found = habits.loc[ANN, ["paid_minor", "discount_minor", "paid_minor_before", "discount_minor_before"]]
    assert found.tolist() == [410.0, 40.0, 450.0, 0.0]


def test_margin_is_paid_less_cost_and_where_that_is_unknown_less_what_the_assumed_margin_leaves(
    habits: pd.DataFrame,
) -> None:
    # milk: 160 - 2 x 70; bread: 250 - 0.6 x 250
    assert habits.loc[ANN, "margin_minor"] == pytest.approx(20 + 100)
    assert not habits.loc[ANN, "cost_known"]
    assert habits.loc[BEN, "cost_known"]


def test_a_discount_comes_out_of_the_assumed_margin(habits: pd.DataFrame) -> None:
    # bread at 250, 50 off: 200 - 0.6 x 250
    assert habits.loc[DAN, "margin_minor_ever"] == pytest.approx(50)


def test_buys_are_counted_once_an_item_and_day(habits: pd.DataFrame) -> None:
    assert habits.loc[ANN, ["buys", "deal_buys", "plain_buys_before"]].tolist() == [2, 1, 2]
    assert habits.loc[BEN, "buys"] == 1


def test_a_visit_is_a_day(habits: pd.DataFrame) -> None:
    assert habits["visits_in_period"].tolist() == [2, 1, 0]


def test_the_best_earlier_period_and_its_absence(habits: pd.DataFrame) -> None:
    assert habits.loc[ANN, "best_paid_minor"] == 450
    assert np.isnan(habits.loc[BEN, "best_paid_minor"])


def test_the_longest_silence_that_ended(habits: pd.DataFrame) -> None:
    assert habits.loc[ANN, ["longest_gap_days", "returned_days_ago"]].tolist() == [29, 9]
    assert np.isnan(habits.loc[DAN, "longest_gap_days"])


def test_a_customer_long_gone_has_nothing_in_the_current_period(habits: pd.DataFrame) -> None:
    assert habits.loc[DAN, ["paid_minor", "buys", "families", "margin_minor"]].tolist() == [0, 0, 0, 0]
