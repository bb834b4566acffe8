"""What the real days of a history's baskets tell, beside the grid of weeks."""

import pandas as pd
import pytest

from models.features.own_features import KnownTables, values_of
from models.ground.moment import parse_moment
from training.bench.real_days import REAL_DAYS

MIDNIGHT = pd.Timestamp("2199-01-01", tz="UTC")
NO_DAY = pd.Timedelta(0)


def basket(
    customer: int, place: int, day: str | None, *items: int
) -> list[tuple[int, int, pd.Timestamp, int]]:
    """Lines of the basket that many weeks before the moment, its real day told by its seconds."""
    told = NO_DAY if day is None else pd.Timedelta(seconds=(pd.Timestamp(day) - pd.Timestamp(0)).days + 1)
    return [(customer, item, MIDNIGHT - pd.Timedelta(weeks=place) + told, 7 * place) for item in items]


LINES = pd.DataFrame(
    [
        *basket(1, 4, "2024-01-01", 7),
        *basket(1, 3, "2024-01-11", 8),
        *basket(1, 2, "2024-01-15", 7, 8),
        *basket(1, 1, "2024-03-15", 8),
        *basket(2, 2, None, 7),
        *basket(2, 1, "2024-02-01", 7),
        *basket(3, 1, None, 9),
    ],
    columns=["customer_no", "item_no", "purchased_at", "age_days"],
)
NONE = pd.DataFrame({"item_no": []})
KNOWN = KnownTables(LINES, NONE, NONE, parse_moment("2199-01-01", "UTC"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("real_days_without", {(1, 7): 60, (1, 8): 0, (2, 7): 0}),
        ("real_item_gap_days", {(1, 7): 14, (1, 8): 32}),
        ("real_due_ratio", {(1, 7): 5, (1, 8): 10 / 32}),
        (
            "real_decayed_28d",
            {
                (1, 7): 2 ** (-60 / 28) + 2 ** (-74 / 28),
                (1, 8): 1 + 2 ** (-60 / 28) + 2 ** (-64 / 28),
                (2, 7): 1,
            },
        ),
    ],
)
def test_a_feature_counts_real_days_up_to_the_customers_last_one(
    name: str, expected: dict[object, float]
) -> None:
    (feature,) = [one for one in REAL_DAYS if one.name == name]
    assert values_of(feature, KNOWN).dropna().to_dict() == pytest.approx(expected, rel=1e-5)
