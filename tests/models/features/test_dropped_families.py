from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from models.features.bucket_history import open_history
from models.features.catalogue import build_catalogue
from models.features.dropped_families import read_dropped
from models.features.feature_matrix import customer_matrix
from models.features.recipe import CUSTOMER_FEATURES
from models.ground.moment import local_midnight
from tests.models.literal import Line, purchases, shelf

MILK, BREAD, APPLES, WATER = range(4)
SHELF = shelf(
    ("milk", ("DAIRY", "MILK"), 100, ""),
    ("bread", ("BAKERY", "BREAD"), 250, ""),
    ("apples", ("FRUIT", "APPLES"), 90, ""),
    ("water", ("DRINKS", "WATER"), 50, ""),
)
ANN, BEN = range(2)
TODAY = date(2024, 6, 3)


def bought(customer: int, product: int, days_ago: Sequence[int]) -> list[Line]:
    return [(customer, product, f"{TODAY - timedelta(days=days)}T10:00Z", 1, 100, 0) for days in days_ago]


LINES = [
    *bought(ANN, WATER, range(1, 60, 7)),  # still buys it
    *bought(ANN, MILK, range(40, 90, 7)),  # eight times, not for 40 days
    *bought(ANN, BREAD, [50, 60, 70, 80, 90]),
    *bought(ANN, APPLES, [60, 70, 80, 90]),
    *bought(BEN, MILK, [40, 50, 60]),  # was never regular
    *bought(BEN, WATER, [3, 10]),
]


def test_the_two_most_bought_of_the_dropped_families_are_named(tmp_path: Path) -> None:
    catalogue = build_catalogue(SHELF, "product")
    file = purchases(tmp_path / "lines.parquet", LINES)
    with open_history(file, catalogue, local_midnight(TODAY, "UTC")) as history:
        assert read_dropped(history, catalogue) == {ANN: ("MILK", "BREAD")}


def test_as_many_are_found_as_the_model_s_input_counts(tmp_path: Path) -> None:
    catalogue = build_catalogue(SHELF, "product")
    file = purchases(tmp_path / "lines.parquet", LINES)
    with open_history(file, catalogue, local_midnight(TODAY, "UTC")) as history:
        counted = customer_matrix(history, CUSTOMER_FEATURES).column("dropped_families").tolist()
        named = read_dropped(history, catalogue)
    assert [min(count, 2) for count in counted] == [
        len(named.get(customer, ())) for customer in range(len(counted))
    ]


def test_a_shop_without_families_has_none_to_drop(tmp_path: Path) -> None:
    catalogue = build_catalogue(shelf(("milk", (), 100, "")), "product")
    file = purchases(tmp_path / "lines.parquet", bought(ANN, MILK, range(40, 90, 7)))
    with open_history(file, catalogue, local_midnight(TODAY, "UTC")) as history:
        assert read_dropped(history, catalogue) == {}
