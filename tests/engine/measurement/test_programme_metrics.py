"""Metrics of a written-out shop, from its stored lines."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.measurement.period_totals import MeasuredPeriod, answers_in, customers_in, totals_of
from models.features.catalogue import build_catalogue
from models.features.habits import Margins
from models.ground.moment import local_midnight
from tests.models.literal import Line, purchases, shelf

MILK, CREAM, BREAD = range(3)
SHELF = shelf(
    ("milk", ("DAIRY", "MILK"), 100, ""),
    ("rich milk", ("DAIRY", "MILK"), 150, ""),
    ("bread", ("BAKERY", "BREAD"), 250, ""),
)
KEPT, LEFT, NEW, BACK, GONE = range(5)
# The period is March; customers are those of the 28 days before a moment.
LINES: list[Line] = [
    (KEPT, MILK, "2024-02-20T10:00Z", 1, 100, 0),
    (KEPT, CREAM, "2024-03-10T10:00Z", 1, 120, 30),  # dearer milk, at a discount
    (KEPT, BREAD, "2024-03-10T10:00Z", 1, 250, 0),
    (KEPT, BREAD, "2024-03-20T10:00Z", 1, 250, 0),
    (LEFT, MILK, "2024-02-20T10:00Z", 1, 100, 0),
    (LEFT, MILK, "2024-03-02T10:00Z", 2, 200, 0),
    (NEW, BREAD, "2024-03-30T10:00Z", 1, 250, 0),
    (BACK, MILK, "2023-11-01T10:00Z", 1, 100, 0),
    (BACK, MILK, "2024-03-25T10:00Z", 1, 100, 0),
    (GONE, MILK, "2023-11-01T10:00Z", 1, 100, 0),
    (NEW, BREAD, "2024-04-02T10:00Z", 1, 250, 0),  # after the period
]
MARCH = MeasuredPeriod(local_midnight(date(2024, 3, 1), "UTC"), local_midnight(date(2024, 4, 1), "UTC"), 28)
NO_ANSWERS = answers_in(None, MARCH)


@pytest.fixture
def march(tmp_path: Path) -> pd.DataFrame:
    items = pd.DataFrame(
        {"item_no": [MILK, CREAM, BREAD], "cost_minor": [70.0, np.nan, 200.0], "assumed_bp": [0, 4000, 0]}
    )
    file = purchases(tmp_path / "purchases.parquet", LINES)
    return customers_in(file, build_catalogue(SHELF, "product"), Margins(items, 3000, 84), MARCH)


def test_customers_at_start_and_end_are_those_of_the_active_days(march: pd.DataFrame) -> None:
    totals = totals_of(march, NO_ANSWERS)
    # at the start KEPT and LEFT; at the end KEPT, NEW and BACK, of whom only KEPT was there
    assert (totals.at_start, totals.at_end, totals.joined) == (2, 3, 2)


def test_visits_and_money_are_those_of_the_period(march: pd.DataFrame) -> None:
    totals = totals_of(march, NO_ANSWERS)
    assert (totals.came, totals.came_again, totals.visits) == (4, 1, 5)
    assert totals.paid_minor == 120 + 250 + 250 + 200 + 250 + 100
    assert sorted(totals.spends_minor.tolist()) == [100, 200, 250, 620]


def test_margin_is_above_cost_or_what_the_owner_assumes(march: pd.DataFrame) -> None:
    margin = march.set_index("customer_no")["margin_minor"]
    # cream: 120 - 0.6 x 150, bread 2 x (250 - 200)
    assert margin[KEPT] == pytest.approx(30 + 100)
    assert margin[LEFT] == pytest.approx(200 - 2 * 70)


def test_a_dearer_unit_of_the_same_family_is_an_upsell_whatever_the_discount(march: pd.DataFrame) -> None:
    dearness = march.set_index("customer_no")["dearness"]
    assert dearness[KEPT] == pytest.approx(1.5)
    assert dearness[LEFT] == pytest.approx(1.0)
    assert np.isnan(dearness[NEW])


def test_the_last_answer_in_the_period_counts() -> None:
    answers = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b", "c"],
            "answered_at": pd.to_datetime(
                ["2024-03-02T00:00Z", "2024-03-20T00:00Z", "2024-03-03T00:00Z", "2024-04-01T00:00Z"], utc=True
            ),
            "kind": ["nps", "nps", "csi", "nps"],
            "score": [2, 9, 4, 1],
        }
    )
    totals = totals_of(pd.DataFrame(columns=["at_start"]).assign(**_nobody()), answers_in(answers, MARCH))
    assert (totals.promoters, totals.detractors, totals.nps_answers) == (1, 0, 1)
    assert (totals.csi_sum, totals.csi_answers) == (4, 1)


def _nobody() -> dict[str, pd.Series]:
    flags = {name: pd.Series(dtype="bool") for name in ("at_start", "at_end")}
    numbers = ("visits", "paid_minor", "margin_minor", "families", "dearness")
    return flags | {name: pd.Series(dtype="float64") for name in numbers}
