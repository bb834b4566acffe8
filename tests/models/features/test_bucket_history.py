"""What customer.sql and pair.sql make of a dozen written-out lines."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from models.features.catalogue import build_catalogue
from models.features.feature_matrix import FeatureMatrix
from models.ground.moment import Moment, local_midnight
from models.items.candidates import CandidateLimits
from models.scoring import ShopAt, bucket_customers, bucket_features
from tests.models.literal import Line, named_customers, purchases, shelf, shop_at

MILK, YOGHURT, BREAD, PETROL = range(4)
SHELF = shelf(
    ("milk", ("DAIRY", "MILK"), 100, ""),
    ("yoghurt", ("DAIRY", "YOGHURT"), 90, ""),
    ("bread", ("BAKERY", "BREAD"), 250, ""),
    ("petrol", ("FUEL", "PETROL"), 180, "fuel;not_offered"),
)
ANN, BEN = 0, 1
LINES: list[Line] = [
    (ANN, MILK, "2024-03-01T10:00Z", 2, 200, 0),
    (ANN, BREAD, "2024-03-01T10:00Z", 1, 250, 0),
    (ANN, MILK, "2024-03-01T18:00Z", 1, 100, 0),
    (ANN, MILK, "2024-03-08T10:00Z", 1, 80, 20),
    (ANN, PETROL, "2024-03-08T10:05Z", 40, 7200, 0),
    (ANN, BREAD, "2024-03-15T10:00Z", 1, 250, 0),
    (ANN, MILK, "2024-03-15T10:00Z", 1, 100, 0),
    (ANN, MILK, "2024-03-15T10:05Z", -1, -100, 0),
    (ANN, PETROL, "2024-03-20T10:00Z", 40, 7200, 0),
    (ANN, MILK, "2024-03-22T10:00Z", 3, 300, 0),
    (ANN, YOGHURT, "2024-03-22T10:00Z", 1, 90, 0),
    (ANN, MILK, "2024-03-29T00:00Z", 1, 100, 0),
    (BEN, BREAD, "2024-03-28T23:59Z", 1, 200, 50),
]
AS_OF = local_midnight(date(2024, 3, 29), "UTC")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return purchases(tmp_path / "purchases.parquet", LINES)


@pytest.fixture
def customers(file: Path) -> FeatureMatrix:
    return bucket_customers(file, build_catalogue(SHELF, "product"), AS_OF)


@pytest.fixture
def pairs(file: Path) -> FeatureMatrix:
    shop = shop_at([file], build_catalogue(SHELF, "product"), AS_OF)
    return pairs_of(file, shop)


def pairs_of(file: Path, shop: ShopAt) -> FeatureMatrix:
    customers = named_customers(file.with_name("customers.parquet"), ANN, BEN)
    return bucket_features(
        file, customers, shop, CandidateLimits(), 56, lambda seen: np.full(len(seen), 7)
    ).pairs


def known(matrix: FeatureMatrix, row: int, expected: dict[str, float]) -> None:
    found = {name: float(matrix.column(name)[row]) for name in expected}
    assert found == pytest.approx(expected, rel=1e-6, nan_ok=True)


def of(pairs: FeatureMatrix, customer_no: int, item_no: int) -> int:
    keys = pairs.keys
    return int(np.flatnonzero((keys["customer_no"] == customer_no) & (keys["item_no"] == item_no))[0])


def test_a_visit_is_a_day_with_merchandise_bought(customers: FeatureMatrix) -> None:
    assert customers.keys["customer_no"].tolist() == [ANN, BEN]
    known(customers, 0, {"visits": 4, "days_since_visit": 7, "tenure_days": 28})
    known(customers, 1, {"visits": 1, "days_since_visit": 1, "tenure_days": 1})


def test_visits_are_counted_to_the_last_day_of_each_span(customers: FeatureMatrix) -> None:
    known(
        customers, 0, {"visits_7d": 1, "visits_14d": 2, "visits_28d": 4, "visits_29_56d": 0, "visits_84d": 4}
    )


def test_gaps_are_days_between_visits(customers: FeatureMatrix) -> None:
    known(
        customers,
        0,
        {
            "gap_mean_days": 7,
            "gap_median_days": 7,
            "gap_max_days": 7,
            "gap_log_mean": np.log(7),
            "gap_log_sd": 0,
            "overdue_ratio": 1,
            "overdue_p90": 1,
            "overdue_log_z": np.nan,
        },
    )


def test_one_visit_makes_no_gap(customers: FeatureMatrix) -> None:
    unknown = (
        "gap_mean_days",
        "gap_median_days",
        "gap_p90_days",
        "gap_log_mean",
        "gap_log_sd",
        "overdue_ratio",
    )
    known(customers, 1, dict.fromkeys(unknown, np.nan))


CANCELLED: list[Line] = [
    (ANN, MILK, "2024-03-20T10:00Z", 77_160, 7_716_000, 0),
    (ANN, MILK, "2024-03-20T10:16Z", -77_160, -7_716_000, 0),
    (BEN, MILK, "2024-03-20T10:00Z", 4, 400, 0),
    (BEN, BREAD, "2024-03-21T10:00Z", 1, 250, 0),
    (BEN, BREAD, "2024-03-25T10:00Z", -1, -250, 0),
    (BEN, MILK, "2024-03-25T10:00Z", -3, -300, 0),
]


def test_who_gave_everything_back_has_bought_nothing(tmp_path: Path) -> None:
    file = purchases(tmp_path / "purchases.parquet", CANCELLED)
    customers = bucket_customers(file, build_catalogue(SHELF, "product"), AS_OF)
    assert customers.keys["customer_no"].tolist() == [BEN]


def test_a_day_of_which_nothing_is_left_is_no_visit_and_money_is_of_what_is_left(tmp_path: Path) -> None:
    file = purchases(tmp_path / "purchases.parquet", CANCELLED)
    customers = bucket_customers(file, build_catalogue(SHELF, "product"), AS_OF)
    known(customers, 0, {"visits": 1, "days_since_visit": 9, "spend_minor_28d": 100, "items": 1})


def test_a_return_is_known_from_its_own_moment_on(tmp_path: Path) -> None:
    file = purchases(tmp_path / "purchases.parquet", CANCELLED)
    before = Moment(datetime(2024, 3, 25, 10, tzinfo=UTC), "UTC")
    customers = bucket_customers(file, build_catalogue(SHELF, "product"), before)
    known(customers, 0, {"visits": 2, "days_since_visit": 4, "spend_minor_28d": 650, "items": 2})


def test_what_was_given_back_entirely_is_no_candidate_of_the_own_history(tmp_path: Path) -> None:
    file = purchases(tmp_path / "purchases.parquet", CANCELLED)
    pairs = pairs_of(file, shop_at([file], build_catalogue(SHELF, "product"), AS_OF))
    assert float(pairs.column("buys").sum()) == 1  # the milk that Ben kept


def test_an_item_that_everybody_gave_back_has_no_buyer_and_no_price(tmp_path: Path) -> None:
    file = purchases(tmp_path / "purchases.parquet", CANCELLED)
    unpriced = SHELF.assign(price_minor=SHELF["price_minor"].where(SHELF["product_id"] == "milk"))
    table = shop_at([file], build_catalogue(unpriced, "product"), AS_OF).item_table
    assert table["buyers_28d"].tolist()[:3] == [1, 0, 0]
    assert np.isnan(table["price_minor"][BREAD])


def test_a_decayed_count_halves_every_half_life(customers: FeatureMatrix) -> None:
    known(customers, 0, {"visits_decayed_28d": 2**-1 + 2**-0.75 + 2**-0.5 + 2**-0.25})


def test_spend_leaves_out_fuel_and_returns(customers: FeatureMatrix) -> None:
    known(customers, 0, {"spend_minor_28d": 1270, "basket_minor": 317.5, "discount_share_84d": 20 / 1290})


def test_items_are_counted_once_a_visit(customers: FeatureMatrix) -> None:
    known(customers, 0, {"items_a_visit": 1.5, "items": 3, "items_84d": 3, "repeated_share": 2 / 3})


def test_two_lines_of_a_day_are_one_buy_and_a_returned_one_is_none(pairs: FeatureMatrix) -> None:
    known(
        pairs, of(pairs, ANN, MILK), {"buys": 3, "buys_28d": 3, "units_a_buy": 7 / 3, "item_gap_days": 10.5}
    )


def test_visits_count_back_from_the_last_one(pairs: FeatureMatrix) -> None:
    known(
        pairs,
        of(pairs, ANN, BREAD),
        {"visits_since_buy": 1, "share_of_visits": 2 / 4, "buys_last_5_visits": 2},
    )
    known(
        pairs, of(pairs, ANN, YOGHURT), {"visits_since_buy": 0, "share_of_visits": 1, "buys_last_5_visits": 1}
    )


def test_recent_buys_weigh_more(pairs: FeatureMatrix) -> None:
    known(
        pairs,
        of(pairs, ANN, MILK),
        {
            "decayed_14d": 2**-2 + 2**-1.5 + 2**-0.5,
            "decayed_42d": 2 ** (-28 / 42) + 2 ** (-21 / 42) + 2 ** (-7 / 42),
            "decayed_visits": 0.85**3 + 0.85**2 + 1,
        },
    )


def test_an_item_is_overdue_by_its_own_gap(pairs: FeatureMatrix) -> None:
    known(pairs, of(pairs, ANN, MILK), {"item_overdue_ratio": 7 / 10.5, "item_due_ratio": 14 / 10.5})
    known(pairs, of(pairs, ANN, BREAD), {"item_overdue_ratio": 1, "item_due_ratio": 21 / 14})
    known(pairs, of(pairs, ANN, YOGHURT), {"item_gap_days": np.nan, "item_overdue_ratio": np.nan})


def test_money_of_a_pair_is_at_full_price(pairs: FeatureMatrix) -> None:
    known(
        pairs,
        of(pairs, ANN, MILK),
        {"pair_discount_share": 20 / 700, "price_paid_ratio": 1, "unit_price_minor": 100},
    )


def test_families_join_what_their_items_tell(pairs: FeatureMatrix) -> None:
    milk, yoghurt = 2 ** (-28 / 42) + 2 ** (-21 / 42) + 2 ** (-7 / 42), 2 ** (-7 / 42)
    known(pairs, of(pairs, ANN, MILK), {"fine_buys": 3, "fine_gap_days": 10.5, "share_of_fine": 1})
    known(
        pairs, of(pairs, ANN, YOGHURT), {"fine_buys": 1, "fine_gap_days": np.nan, "coarse_days_since_buy": 7}
    )
    known(pairs, of(pairs, ANN, YOGHURT), {"coarse_decayed_42d": milk + yoghurt})


def test_what_was_never_bought_counts_zero_and_its_ages_are_unknown(pairs: FeatureMatrix) -> None:
    known(
        pairs,
        of(pairs, BEN, MILK),
        {
            "buys": 0,
            "decayed_42d": 0,
            "fine_buys": 0,
            "days_since_buy": np.nan,
            "share_of_visits": np.nan,
            "demand_share_28d": 1 / 4,
        },
    )


def test_days_are_local_days(tmp_path: Path) -> None:
    around_midnight: list[Line] = [
        (ANN, MILK, "2024-03-10T22:30Z", 1, 100, 0),
        (ANN, MILK, "2024-03-10T23:30Z", 1, 100, 0),
    ]
    catalogue = build_catalogue(SHELF, "product")
    visits = {}
    for zone in ("UTC", "Europe/Berlin"):
        file = purchases(tmp_path / "purchases.parquet", around_midnight, zone)
        customers = bucket_customers(file, catalogue, local_midnight(date(2024, 3, 12), zone))
        visits[zone] = [float(customers.column(name)[0]) for name in ("visits", "days_since_visit")]
    assert visits == {"UTC": [1, 2], "Europe/Berlin": [2, 1]}


def test_a_moment_counts_days_from_its_local_day(tmp_path: Path) -> None:
    file = purchases(
        tmp_path / "purchases.parquet", [(ANN, MILK, "2024-03-10T22:30Z", 1, 100, 0)], "Europe/Berlin"
    )
    late_evening = Moment(local_midnight(date(2024, 3, 11), "UTC").as_of, "Europe/Berlin")  # 01:00 in Berlin
    assert late_evening.day == date(2024, 3, 11)
    customers = bucket_customers(file, build_catalogue(SHELF, "product"), late_evening)
    assert customers.column("days_since_visit").tolist() == [1]


def test_a_visit_earlier_on_the_day_itself_is_no_day_ago(file: Path) -> None:
    noon = Moment(AS_OF.as_of.replace(hour=12), "UTC")
    customers = bucket_customers(file, build_catalogue(SHELF, "product"), noon)
    known(customers, 0, {"visits": 5, "days_since_visit": 0, "tenure_days": 28})


def test_at_family_level_a_family_is_bought_once_a_day(file: Path) -> None:
    catalogue = build_catalogue(SHELF, "family_1")
    dairy = catalogue.items["item_id"].tolist().index("DAIRY")
    shop = shop_at([file], catalogue, AS_OF)
    pairs = pairs_of(file, shop)
    known(pairs, of(pairs, ANN, dairy), {"buys": 3, "item_gap_days": 10.5, "fine_days_since_buy": np.nan})
