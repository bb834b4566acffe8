"""The lowest price at which everybody could buy an item in the last 30 days."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from models.features.catalogue import build_catalogue
from models.features.item_statistics import merge_parts
from models.features.lowest_prices import promoted_lowest
from models.ground.moment import local_midnight
from models.scoring import bucket_item_part
from tests.models.literal import Line, purchases, shelf

MILK = 0
AS_OF = local_midnight(date(2024, 3, 29), "UTC")
SHELF = build_catalogue(shelf(("milk", ("DAIRY",), 200, "")), "product")
FULL: list[Line] = [(n, MILK, "2024-03-20T10:00Z", 1, 200, 0) for n in range(4)]


def lowest(folder: Path, *buckets: list[Line]) -> float:
    files = [purchases(folder / f"{n}.parquet", lines) for n, lines in enumerate(buckets)]
    table = merge_parts(SHELF, [bucket_item_part(file, SHELF, AS_OF) for file in files])
    return float(table["lowest_price_minor"][MILK])


def test_a_lower_price_without_discount_was_everybodys(tmp_path: Path) -> None:
    assert lowest(tmp_path, [*FULL, (9, MILK, "2024-03-10T10:00Z", 2, 360, 0)]) == 180


@pytest.mark.parametrize(("day", "price"), [("2024-02-28", 180), ("2024-02-27", 200)])
def test_thirty_days_are_looked_back(tmp_path: Path, day: str, price: int) -> None:
    assert lowest(tmp_path, [*FULL, (9, MILK, f"{day}T10:00Z", 1, 180, 0)]) == price


def test_a_discount_of_one_customer_is_their_own(tmp_path: Path) -> None:
    assert lowest(tmp_path, [(9, MILK, "2024-03-10T10:00Z", 1, 150, 50)]) == 200


def test_a_discount_of_few_of_many_buyers_is_personal(tmp_path: Path) -> None:
    own: list[Line] = [(n, MILK, "2024-03-20T10:00Z", 1, 150, 50) for n in (10, 11)]
    others: list[Line] = [(n, MILK, "2024-03-21T10:00Z", 1, 200, 0) for n in range(5)]
    assert lowest(tmp_path, own, others) == 200


def test_a_discount_of_half_of_the_buyers_was_everybodys_whichever_bucket_they_are_in(
    tmp_path: Path,
) -> None:
    here: list[Line] = [*FULL[:3], (9, MILK, "2024-03-20T10:00Z", 1, 160, 40)]
    there: list[Line] = [(n, MILK, "2024-03-21T10:00Z", 1, 160, 40) for n in (8, 9)]
    assert lowest(tmp_path, here, there) == 160


def test_a_mistyped_price_is_nobodys(tmp_path: Path) -> None:
    assert lowest(tmp_path, [*FULL, (9, MILK, "2024-03-10T10:00Z", 1, 2, 0)]) == 200


def test_where_nothing_was_sold_the_price_of_today_is_the_only_one_known(tmp_path: Path) -> None:
    assert lowest(tmp_path, [(9, MILK, "2024-01-10T10:00Z", 1, 150, 0)]) == 200


def test_a_promotion_of_the_chain_counts_though_nobody_bought(tmp_path: Path) -> None:
    file = tmp_path / "promotions.parquet"
    duckdb.sql(f"""COPY (SELECT 0 AS product_no, DATE '2024-02-20' AS starts_on, DATE '2024-02-28' AS ends_on,
        NULL::BIGINT AS price_minor, 60 AS discount_minor) TO '{file}' (FORMAT parquet)""")
    known = np.array([200.0])
    assert promoted_lowest(file, SHELF, AS_OF, known, known).tolist() == [140]
    late = local_midnight(date(2024, 4, 2), "UTC")
    assert promoted_lowest(file, SHELF, late, known, known).tolist() == [200]
    assert pd.isna(promoted_lowest(file, SHELF, late, np.array([np.nan]), known)[0])


def test_what_has_no_price_has_no_lowest_one(tmp_path: Path) -> None:
    family = build_catalogue(shelf(("milk", ("DAIRY",), 200, "")), "family_1")
    part = bucket_item_part(purchases(tmp_path / "0.parquet", FULL), family, AS_OF)
    assert pd.isna(merge_parts(family, [part])["lowest_price_minor"][MILK])
