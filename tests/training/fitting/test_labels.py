from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.features.catalogue import build_catalogue
from models.ground.moment import Moment, local_midnight
from tests.models.literal import Line, purchases, shelf
from training.fitting.labels import back_after, bought_after, bought_labels, visits_after

MILK, BREAD, LOOSE, PETROL = range(4)
SHELF = shelf(
    ("milk", ("DAIRY",), 100, ""),
    ("bread", ("BAKERY",), 250, ""),
    ("loose", (), 50, ""),
    ("petrol", ("FUEL",), 180, "fuel"),
)
ANN, BEN, CAT, DAN = range(4)
CUT = local_midnight(date(2024, 3, 30), "Europe/Berlin")  # on the 31st the clocks go forward


def bought(
    folder: Path, lines: list[Line], *, days: int = 2, level: str = "product", cut: Moment = CUT
) -> pd.DataFrame:
    file = purchases(folder / "purchases.parquet", lines, "Europe/Berlin")
    return bought_after(file, build_catalogue(SHELF, level), cut, days)


@pytest.mark.parametrize(
    ("moment", "days_after"),
    [
        ("2024-03-29T22:59:59.999999Z", None),  # the last moment before the cut
        ("2024-03-29T23:00:00Z", 0),  # the cut itself
        ("2024-03-30T22:59:59Z", 0),
        ("2024-03-30T23:00:00Z", 1),
        ("2024-03-31T21:59:59.999999Z", 1),  # the last moment of the second day, an hour earlier by UTC
        ("2024-03-31T22:00:00Z", None),  # its end
    ],
)
def test_a_window_is_half_open_in_local_days(tmp_path: Path, moment: str, days_after: int | None) -> None:
    found = bought(tmp_path, [(ANN, MILK, moment, 1, 100, 0)])
    assert found["days_after"].tolist() == ([] if days_after is None else [days_after])


def test_the_first_purchase_of_a_pair_counts(tmp_path: Path) -> None:
    found = bought(
        tmp_path,
        [
            (ANN, MILK, "2024-03-29T10:00Z", 1, 100, 0),
            (ANN, MILK, "2024-04-02T10:00Z", 1, 100, 0),
            (ANN, MILK, "2024-04-01T10:00Z", 1, 100, 0),
            (BEN, MILK, "2024-03-30T10:00Z", -1, -100, 0),
            (BEN, PETROL, "2024-03-30T10:00Z", 30, 5000, 0),
        ],
        days=7,
    )
    assert found.values.tolist() == [[ANN, MILK, 2]]


def test_what_was_bought_earlier_on_the_day_of_a_cut_at_noon_does_not_count(tmp_path: Path) -> None:
    noon = Moment(CUT.as_of.replace(hour=12), "Europe/Berlin")
    lines: list[Line] = [
        (ANN, MILK, "2024-03-30T10:59Z", 1, 100, 0),
        (BEN, MILK, "2024-03-30T11:00Z", 1, 100, 0),
    ]
    assert bought(tmp_path, lines, cut=noon)["customer_no"].tolist() == [BEN]


def test_a_pair_is_bought_if_its_first_purchase_lies_within_its_own_window() -> None:
    pairs = pd.DataFrame({"customer_no": [BEN, ANN, ANN, CAT, ANN], "item_no": [0, 1, 0, 0, 1]})
    after = pd.DataFrame(
        {
            "customer_no": [ANN, ANN, BEN],
            "item_no": pd.array([0, 1, None], dtype="Int32"),
            "days_after": [3, 4, 0],
        }
    )
    labels = bought_labels(pairs, np.array([7, 4, 4, 7, 5]), after)
    assert labels.tolist() == [False, False, True, False, True]


def back(folder: Path, lines: list[Line], *, longest_days: int, spend_days: int) -> list[list[int]]:
    file = purchases(folder / "purchases.parquet", lines, "Europe/Berlin")
    catalogue = build_catalogue(SHELF, "family_1")
    return [
        list(row) for row in back_after(file, catalogue, CUT, longest_days, spend_days).to_numpy().tolist()
    ]


def test_only_merchandise_bought_after_the_cut_brings_a_customer_back(tmp_path: Path) -> None:
    lines: list[Line] = [
        (ANN, LOOSE, "2024-03-31T10:00Z", 1, 50, 0),  # no family, yet a visit
        (BEN, PETROL, "2024-03-31T10:00Z", 30, 5000, 0),
        (CAT, MILK, "2024-03-31T10:00Z", -1, -100, 0),
        (DAN, MILK, "2024-03-29T10:00Z", 1, 100, 0),
    ]
    assert back(tmp_path, lines, longest_days=7, spend_days=7) == [[ANN, 1, 50]]


def test_the_first_visit_counts_and_spend_ends_with_its_own_horizon(tmp_path: Path) -> None:
    lines: list[Line] = [
        (ANN, MILK, "2024-04-01T10:00Z", 1, 100, 0),
        (ANN, BREAD, "2024-03-30T10:00Z", 1, 250, 0),
        (ANN, MILK, "2024-04-02T10:00Z", 1, 100, 0),  # the fourth day
        (BEN, MILK, "2024-04-05T10:00Z", 1, 100, 0),  # the seventh
        (CAT, MILK, "2024-04-06T10:00Z", 1, 100, 0),  # the eighth
    ]
    assert back(tmp_path, lines, longest_days=7, spend_days=3) == [[ANN, 0, 350], [BEN, 6, 0]]


def test_what_a_receipt_of_the_evening_before_got_after_the_cut_is_no_visit(tmp_path: Path) -> None:
    file = purchases(tmp_path / "purchases.parquet", [(ANN, MILK, "2024-03-29T23:01Z", 1, 100, 0)])
    catalogue = build_catalogue(SHELF, "product")
    assert bought_after(file, catalogue, CUT, 7).empty
    assert back_after(file, catalogue, CUT, 7, 7).empty
    assert visits_after(file, catalogue, CUT, 7).empty


RETURNED: list[Line] = [
    (ANN, BREAD, "2024-03-25T10:00Z", 1, 250, 0),
    (ANN, MILK, "2024-03-30T10:00Z", 2, 200, 0),
    (ANN, MILK, "2024-03-31T10:00Z", -2, -200, 0),
    (ANN, BREAD, "2024-04-01T10:00Z", -1, -250, 0),
    (BEN, MILK, "2024-03-30T10:00Z", 3, 300, 0),
    (BEN, BREAD, "2024-03-31T10:00Z", 1, 250, 0),
    (BEN, MILK, "2024-04-01T10:00Z", -1, -100, 0),
    (BEN, BREAD, "2024-04-03T10:00Z", -1, -250, 0),
]


def test_what_is_returned_within_the_window_was_not_bought_in_it(tmp_path: Path) -> None:
    found = bought(tmp_path, RETURNED, days=4)
    assert found.values.tolist() == [[BEN, MILK, 0], [BEN, BREAD, 1]]


def test_what_is_returned_after_the_window_was(tmp_path: Path) -> None:
    found = bought(tmp_path, RETURNED, days=1)
    assert found.values.tolist() == [[ANN, MILK, 0], [BEN, MILK, 0]]


def test_who_gave_everything_back_did_not_come_back_and_spent_what_they_kept(tmp_path: Path) -> None:
    file = purchases(tmp_path / "purchases.parquet", RETURNED, "Europe/Berlin")
    catalogue = build_catalogue(SHELF, "product")
    assert back_after(file, catalogue, CUT, 14, 14).values.tolist() == [[BEN, 0, 200]]
    assert visits_after(file, catalogue, CUT, 14).values.tolist() == [[BEN, 1]]
