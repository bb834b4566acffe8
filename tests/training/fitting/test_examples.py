from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest

from models.features.catalogue import build_catalogue
from models.ground.moment import local_midnight
from models.sources import Data
from tests.models.literal import Line, purchases, shelf
from tests.training.examples import SMALL
from training.fitting.examples import (
    Examples,
    ReturnExamples,
    affinity_examples,
    example_buckets,
    return_examples,
    shops_at,
)

CUTS = [local_midnight(date(2024, 4, 22), "UTC"), local_midnight(date(2024, 4, 15), "UTC")]
EVERYTHING = replace(SMALL, negative_share=1.0)


@pytest.fixture(scope="module")
def pairs(grocer_data: Data) -> Examples:
    catalogue = build_catalogue(pd.read_parquet(grocer_data.products), "product")
    return affinity_examples(grocer_data, shops_at(grocer_data, catalogue, CUTS, SMALL, 1), EVERYTHING, 1)


def thinned(data: Data, share: float, *, jobs: int = 1) -> Examples:
    catalogue = build_catalogue(pd.read_parquet(data.products), "product")
    return affinity_examples(
        data, shops_at(data, catalogue, CUTS, SMALL, jobs), replace(SMALL, negative_share=share), jobs
    )


def test_examples_come_from_every_cut_and_bucket(pairs: Examples) -> None:
    places = pairs.features.keys[["cut", "bucket"]].drop_duplicates()
    assert len(places) == 4
    assert set(places["cut"]) == {date(2024, 4, 22), date(2024, 4, 15)}


@pytest.mark.parametrize(("customers", "buckets"), [(1, 1), (20, 1), (21, 2), (1000, 2)])
def test_a_large_shop_teaches_by_some_of_its_buckets(grocer_data: Data, customers: int, buckets: int) -> None:
    few = replace(SMALL, example_customers=customers)
    assert len(example_buckets(grocer_data, CUTS[0], few)) == buckets


def test_each_cut_of_a_large_shop_draws_its_own_buckets(grocer_data: Data) -> None:
    large = replace(grocer_data, buckets=100, customers_total=100_000)
    few = replace(SMALL, example_customers=5_000)
    first, second = (example_buckets(large, cut, few) for cut in CUTS)
    assert len(set(first)) == len(set(second)) == 5
    assert first != second
    assert first == example_buckets(large, CUTS[0], few)


def test_every_customer_has_a_window_of_their_own_within_the_bounds(pairs: Examples) -> None:
    windows = pairs.features.keys.assign(days=pairs.features.column("window_days"))
    assert set(windows["days"]) == {4, 5, 6, 7}
    assert (windows.groupby(["cut", "bucket", "customer_no"])["days"].agg(np.ptp) == 0).all()


def test_a_label_is_what_the_purchases_say(grocer_data: Data, pairs: Examples) -> None:
    catalogue = build_catalogue(pd.read_parquet(grocer_data.products), "product")
    item_of = catalogue.product_items.set_index("product_no")["item_no"]
    bought = set()
    for bucket in range(2):
        lines = pd.read_parquet(grocer_data.purchases(bucket))
        lines = lines[lines["product_no"].isin(item_of.index)]
        items = item_of.loc[lines["product_no"]]
        bought |= {
            (bucket, *line) for line in zip(lines["customer_no"], items, lines["local_day"], strict=True)
        }
    keys = pairs.features.keys
    expected = [
        any((bucket, customer, item, cut + timedelta(days=day)) in bought for day in range(int(days)))
        for bucket, customer, item, cut, days in zip(
            keys["bucket"], keys["customer_no"], keys["item_no"], keys["cut"], pairs.features.column("window_days"),
            strict=True,
        )
    ]  # fmt: skip
    assert pairs.happened.tolist() == expected
    assert 20 < sum(expected) < len(expected)


def test_left_out_are_unbought_pairs_only_and_the_rest_stand_for_them(
    grocer_data: Data, pairs: Examples
) -> None:
    some = thinned(grocer_data, 0.25)
    assert some.happened.sum() == pairs.happened.sum()
    assert set(some.weight[some.happened]) == {1.0}
    assert set(some.weight[~some.happened]) == {4.0}
    unbought = (~pairs.happened).sum()
    assert (~some.happened).sum() == pytest.approx(unbought / 4, rel=0.15)
    assert some.weight.sum() == pytest.approx(len(pairs.weight), rel=0.15)


@pytest.mark.long
def test_examples_do_not_depend_on_the_number_of_workers(grocer_data: Data) -> None:
    alone, together = thinned(grocer_data, 0.5), thinned(grocer_data, 0.5, jobs=2)
    np.testing.assert_array_equal(alone.features.values, together.features.values)
    np.testing.assert_array_equal(alone.happened, together.happened)
    pd.testing.assert_frame_equal(alone.features.keys, together.features.keys)


@pytest.fixture(scope="module")
def returns(grocer_data: Data) -> ReturnExamples:
    catalogue = build_catalogue(pd.read_parquet(grocer_data.products), "product")
    cuts = [local_midnight(date(2024, 4, 3), "UTC"), local_midnight(date(2024, 3, 6), "UTC")]
    profile = replace(SMALL, churn_horizon_days=7, churn_longer_days=(28,))
    return return_examples(grocer_data, catalogue, cuts, profile, 1)


def test_return_examples_are_the_eligible_at_each_cut(returns: ReturnExamples) -> None:
    assert (returns.features.column("visits") >= 2).all()
    assert (returns.features.column("days_since_visit") <= 84).all()
    assert set(returns.features.keys["cut"]) == {date(2024, 4, 3), date(2024, 3, 6)}


def test_who_is_silent_for_longer_is_silent_for_shorter_too(returns: ReturnExamples) -> None:
    shorter, longer = (returns.silent(days, date(2024, 5, 1)) for days in (7, 28))
    assert set(shorter.weight) == {1.0}
    assert (shorter.happened >= longer.happened).all()
    assert 0 < longer.happened.sum() < shorter.happened.sum() < len(shorter.happened)


def test_a_cut_whose_horizon_has_not_ended_teaches_nothing_of_it(returns: ReturnExamples) -> None:
    assert set(returns.silent(28, date(2024, 4, 30)).features.keys["cut"]) == {date(2024, 3, 6)}
    assert set(returns.partial(date(2024, 4, 9)).features.keys["cut"]) == {date(2024, 3, 6)}


def test_the_silent_spend_less_than_half_and_some_others_do(returns: ReturnExamples) -> None:
    partial, silent = returns.partial(date(2024, 5, 1)), returns.silent(7, date(2024, 5, 1))
    assert (partial.happened >= silent.happened).all()
    assert silent.happened.sum() < partial.happened.sum() < len(partial.happened)


def test_spend_is_measured_by_the_own_rate_of_the_last_84_days(tmp_path: Path) -> None:
    cut = date(2024, 4, 3)
    lines: list[Line] = [
        (0, 0, f"{cut - timedelta(days=days)}T10:00Z", 1, 100, 0) for days in (84, 70, 56, 42, 28, 14)
    ]
    lines += [
        (0, 0, f"{cut}T10:00Z", 1, 60, 0),
        (0, 0, f"{cut + timedelta(days=14)}T10:00Z", 1, 999, 0),
    ]
    data = SimpleNamespace(buckets=1, purchases=lambda _: purchases(tmp_path / "lines.parquet", lines))
    items = build_catalogue(shelf(("milk", ("DAIRY",), 100, "")), "product")
    profile = replace(SMALL, churn_horizon_days=14)
    found = return_examples(cast("Data", data), items, [local_midnight(cut, "UTC")], profile, 1)
    assert found.spend_share.tolist() == [pytest.approx(0.6)]
    assert found.days_after.tolist() == [0.0]
