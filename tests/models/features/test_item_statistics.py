"""What all buckets together tell about each item."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.features.catalogue import Catalogue, build_catalogue
from models.features.item_statistics import SHRINKAGE_BUYERS, merge_parts
from models.ground.moment import local_midnight
from models.scoring import bucket_item_part
from tests.models.literal import Line, purchases, shelf

MILK, BREAD, JAM = range(3)
SHELF = shelf(
    ("milk", ("DAIRY",), None, ""),
    ("bread", ("BAKERY",), 250, ""),
    ("jam", ("BAKERY",), None, ""),
)
AS_OF = local_midnight(date(2024, 3, 29), "UTC")


def item_table(folder: Path, *buckets: list[Line], catalogue: Catalogue | None = None) -> pd.DataFrame:
    catalogue = build_catalogue(SHELF, "product") if catalogue is None else catalogue
    files = [purchases(folder / f"{n}.parquet", lines) for n, lines in enumerate(buckets)]
    return merge_parts(catalogue, [bucket_item_part(file, catalogue, AS_OF) for file in files])


def test_buyers_are_counted_by_age(tmp_path: Path) -> None:
    lines: list[Line] = [
        (0, MILK, "2024-03-22T10:00Z", 1, 100, 0),  # 7 days ago
        (1, MILK, "2024-03-21T10:00Z", 1, 100, 0),  # 8 days ago
        (1, MILK, "2024-02-20T10:00Z", 1, 100, 0),
        (2, MILK, "2024-02-29T10:00Z", 1, 100, 0),  # 29 days ago
        (3, MILK, "2024-01-05T10:00Z", 1, 100, 0),  # 84 days ago
        (4, MILK, "2024-01-04T10:00Z", 1, 100, 0),
        (5, MILK, "2024-03-29T00:00Z", 1, 100, 0),  # the moment itself
    ]
    milk = item_table(tmp_path, lines).loc[MILK]
    assert milk[["buyers_7d", "buyers_28d", "buyers_84d", "new_buyers_28d"]].tolist() == [1, 2, 4, 1]
    assert milk[["last_sold_days", "first_sold_days"]].tolist() == [7, 85]
    assert milk["buyers_trend"] == pytest.approx(3 / (4 / 3 + 1))


def test_demand_is_a_share_of_all_that_is_bought(tmp_path: Path) -> None:
    lines: list[Line] = [
        (0, MILK, "2024-03-22T10:00Z", 1, 100, 0),  # 7 days ago
        (1, MILK, "2024-03-21T10:00Z", 1, 100, 0),
        (1, JAM, "2024-03-21T10:00Z", 1, 100, 0),
        (2, JAM, "2024-01-05T10:00Z", 1, 100, 0),  # 84 days ago
    ]
    shares = [f"demand_share_{days}" for days in ("7d", "28d", "84d")]
    table = item_table(tmp_path, lines)
    assert table.loc[MILK, shares].tolist() == pytest.approx([1, 2 / 3, 2 / 4])
    assert table.loc[JAM, shares].tolist() == pytest.approx([0, 1 / 3, 2 / 4])


def test_shares_are_pulled_towards_the_shop(tmp_path: Path) -> None:
    twice: list[Line] = [(0, MILK, f"2024-03-{day}T10:00Z", 1, 100, 0) for day in (11, 25)]
    once: list[Line] = [(buyer, BREAD, "2024-03-11T10:00Z", 2, 500, 0) for buyer in (1, 2, 3)]
    table = item_table(tmp_path, twice + once)
    shop_share = 1 / 4
    assert table.loc[MILK, "repeat_share"] == pytest.approx(
        (1 + SHRINKAGE_BUYERS * shop_share) / (1 + SHRINKAGE_BUYERS)
    )
    assert table.loc[BREAD, "repeat_share"] == pytest.approx(
        SHRINKAGE_BUYERS * shop_share / (3 + SHRINKAGE_BUYERS)
    )
    assert table.loc[[MILK, BREAD], "usual_gap_days"].tolist() == pytest.approx(
        [14, float("nan")], nan_ok=True
    )
    assert table.loc[[MILK, BREAD], "units_a_buy"].tolist() == [1, 2]
    assert table.loc[[MILK, BREAD], "buys_a_buyer"].tolist() == [2, 1]


def test_discount_shares_look_back_seven_and_fifty_six_days(tmp_path: Path) -> None:
    lines: list[Line] = [
        (0, MILK, "2024-03-22T10:00Z", 1, 80, 20),
        (0, MILK, "2024-03-21T10:00Z", 1, 50, 50),
        (0, MILK, "2024-02-01T10:00Z", 1, 0, 100),
    ]
    milk = item_table(tmp_path, lines).loc[MILK]
    assert milk["discount_share_7d"] == pytest.approx(0.2)
    assert milk["discount_share_56d"] == pytest.approx(0.35)
    assert milk["unit_price_minor"] == 100


def test_an_item_shares_its_family_with_the_others(tmp_path: Path) -> None:
    lines: list[Line] = [(buyer, BREAD, "2024-03-11T10:00Z", 1, 250, 0) for buyer in range(3)]
    lines.append((0, JAM, "2024-03-12T10:00Z", 1, 300, 0))
    table = item_table(tmp_path, lines)
    assert table["share_of_fine_buyers"].tolist() == pytest.approx([float("nan"), 0.75, 0.25], nan_ok=True)


def test_an_item_nobody_bought_is_unknown_and_not_zero(tmp_path: Path) -> None:
    jam = item_table(tmp_path, [(0, MILK, "2024-03-11T10:00Z", 1, 100, 0)]).loc[JAM]
    unknown = [
        "repeat_share",
        "trial_repeat_share",
        "usual_gap_days",
        "units_a_buy",
        "last_sold_days",
        "price_minor",
    ]
    assert jam[unknown].isna().all()
    assert jam["buyers_28d"] == 0


def test_the_price_is_the_last_one_paid_without_discount_before_the_moment(tmp_path: Path) -> None:
    lines: list[Line] = [
        (0, MILK, "2024-03-01T10:00Z", 2, 210, 0),
        (0, MILK, "2024-03-05T10:00Z", 1, 90, 10),  # discounted
        (0, MILK, "2024-03-06T10:00Z", 1, 0, 0),  # a gift
        (0, MILK, "2024-03-07T10:00Z", -1, -99, 0),  # a return
        (0, MILK, "2024-03-29T00:00Z", 1, 130, 0),  # the moment itself
        (0, BREAD, "2024-03-01T10:00Z", 1, 199, 0),
    ]
    prices = item_table(tmp_path, lines)["price_minor"]
    assert prices[MILK] == 105
    assert prices[BREAD] == 250, "what the products table says comes first"


@pytest.mark.parametrize("other_bucket", [False, True])
def test_of_two_prices_at_the_same_moment_the_higher_counts(tmp_path: Path, other_bucket: bool) -> None:
    first: list[Line] = [(0, MILK, "2024-03-01T10:00Z", 1, 110, 0)]
    second: list[Line] = [(1, MILK, "2024-03-01T10:00Z", 1, 100, 0)]
    buckets = [first, second] if other_bucket else [first + second]
    assert item_table(tmp_path, *buckets)["price_minor"][MILK] == 110
    assert item_table(tmp_path, *buckets[::-1])["price_minor"][MILK] == 110


def test_a_family_has_no_price_of_its_own(tmp_path: Path) -> None:
    lines: list[Line] = [(0, MILK, "2024-03-01T10:00Z", 1, 110, 0)]
    table = item_table(tmp_path, lines, catalogue=build_catalogue(SHELF, "family_1"))
    assert table["price_minor"].isna().all()


def test_a_shop_without_merchandise_has_no_items(tmp_path: Path) -> None:
    petrol = build_catalogue(shelf(("petrol", ("FUEL",), 180, "fuel")), "product")
    assert item_table(tmp_path, [(0, 0, "2024-03-01T10:00Z", 1, 180, 0)], catalogue=petrol).empty


# Twelve customers on twelve days, 5.95 a piece.
USUAL: list[Line] = [(n, MILK, f"2024-03-{n + 1:02d}T10:00Z", 1, 595, 0) for n in range(12)]


@pytest.mark.parametrize("odd_price", [64950, 1])
@pytest.mark.parametrize("day", ["2024-03-01T09:00Z", "2024-03-28T10:00Z"])
@pytest.mark.parametrize("other_bucket", [False, True])
def test_one_odd_price_moves_neither_the_price_nor_the_means(
    tmp_path: Path, odd_price: int, day: str, other_bucket: bool
) -> None:
    odd: list[Line] = [(20, MILK, day, 1, odd_price, 0)]
    found = item_table(tmp_path, *([USUAL, odd] if other_bucket else [odd + USUAL])).loc[MILK]
    assert found["price_minor"] == 595
    assert found["unit_price_minor"] == pytest.approx(595, rel=0.08)
    assert found["units_a_buy"] == 1
    assert found["buyers_84d"] == 13, "the customer did buy it"


def test_one_odd_quantity_moves_no_mean(tmp_path: Path) -> None:
    odd: list[Line] = [(20, MILK, "2024-03-20T10:00Z", 5000, 595, 0)]
    found = item_table(tmp_path, USUAL + odd).loc[MILK]
    assert found["units_a_buy"] == 1
    assert found["unit_price_minor"] == 595
    assert found["price_minor"] == 595


def test_one_odd_price_leaves_the_discount_share(tmp_path: Path) -> None:
    reduced: list[Line] = [(n, MILK, f"2024-03-{n + 20:02d}T10:00Z", 1, 450, 50) for n in range(8)]
    odd: list[Line] = [(20, MILK, "2024-03-28T10:00Z", 1, 64950, 0)]
    found = item_table(tmp_path, reduced + odd).loc[MILK]
    assert found["discount_share_56d"] == pytest.approx(0.1)
    assert found["discount_share_7d"] == pytest.approx(0.1)


def test_a_price_that_really_rose_is_believed_from_its_third_line_on(tmp_path: Path) -> None:
    new: list[Line] = [(n, MILK, f"2024-03-{n + 20:02d}T10:00Z", 1, 9900, 0) for n in range(3)]
    assert item_table(tmp_path, USUAL + new[:2])["price_minor"][MILK] == 595
    assert item_table(tmp_path, USUAL + new)["price_minor"][MILK] == 9900


def test_a_price_that_doubles_is_believed_at_once(tmp_path: Path) -> None:
    new: list[Line] = [(3, MILK, "2024-03-20T10:00Z", 1, 1190, 0)]
    assert item_table(tmp_path, USUAL + new)["price_minor"][MILK] == 1190


a_line = st.tuples(
    st.integers(0, 5),
    st.integers(0, 2),
    st.integers(1, 28).map(lambda day: f"2024-03-{day:02d}T10:00Z"),
    st.integers(-1, 3),
    st.integers(0, 300),
    st.integers(0, 2).map(lambda tenths: 10 * tenths),
)


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(
    st.lists(a_line, min_size=1, max_size=20),
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.randoms(),
)
def test_merged_parts_equal_the_whole_for_any_split_and_order(
    lines: list[Line], bucket_of: list[int], order: object
) -> None:
    buckets = [[line for line in lines if bucket_of[line[0]] == bucket] for bucket in range(3)]
    order.shuffle(buckets)  # type: ignore[attr-defined]
    with TemporaryDirectory() as folder:
        whole, merged = item_table(Path(folder), lines), item_table(Path(folder), *buckets)
    pd.testing.assert_frame_equal(merged, whole, check_exact=True)


@pytest.mark.parametrize(("given", "shown"), [(64950, 595), (6, 595), (990, 990), (2900, 2900)])
def test_a_price_of_the_shop_that_its_own_sales_belie_is_not_shown(
    tmp_path: Path, given: int, shown: int
) -> None:
    priced = build_catalogue(shelf(("milk", ("DAIRY",), given, "")), "product")
    assert item_table(tmp_path, USUAL, catalogue=priced)["price_minor"][MILK] == shown


def test_a_price_of_the_shop_stands_against_two_sales(tmp_path: Path) -> None:
    priced = build_catalogue(shelf(("milk", ("DAIRY",), 64950, "")), "product")
    assert item_table(tmp_path, USUAL[:2], catalogue=priced)["price_minor"][MILK] == 64950
