from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from models.features.catalogue import build_catalogue
from models.moment import local_midnight
from models.sources import Data
from tests.training.examples import SMALL
from training.dataset import Examples, affinity_examples, churn_examples, shops_at

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


def test_every_customer_has_a_window_of_his_own_within_the_bounds(pairs: Examples) -> None:
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


def test_examples_do_not_depend_on_the_number_of_workers(grocer_data: Data) -> None:
    alone, together = thinned(grocer_data, 0.5), thinned(grocer_data, 0.5, jobs=2)
    np.testing.assert_array_equal(alone.features.values, together.features.values)
    np.testing.assert_array_equal(alone.happened, together.happened)
    pd.testing.assert_frame_equal(alone.features.keys, together.features.keys)


def test_churn_examples_are_the_eligible_at_each_cut(grocer_data: Data) -> None:
    catalogue = build_catalogue(pd.read_parquet(grocer_data.products), "product")
    cuts = [local_midnight(date(2024, 4, 3), "UTC")]
    examples = churn_examples(grocer_data, catalogue, cuts, SMALL, 1)
    assert (examples.features.column("visits") >= 2).all()
    assert (examples.features.column("days_since_visit") <= 84).all()
    assert 0 < examples.happened.sum() < len(examples.happened)
    assert set(examples.weight) == {1.0}
