"""Nothing at or after the moment can change what is known just before it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.features.catalogue import Catalogue, build_catalogue
from models.features.item_statistics import merge_parts
from models.ground.moment import Moment
from models.items.candidates import CandidateLimits
from models.neighbours import NeighbourRules, Neighbours, Reference, TifuKnn, merge_references
from models.scoring import BucketFeatures, ShopAt, bucket_features, bucket_item_part, bucket_reference
from models.sources import Data, load, open_data
from tests.models.promotions import BREAD, CREAM, MILK, MONDAY, Promotion, april, weeks
from tests.shop import write_shop

NOON = Moment(datetime(2024, 4, 20, 12, tzinfo=UTC), "UTC")
MIDNIGHT = Moment(datetime(2024, 4, 20, tzinfo=UTC), "UTC")
LIMITS = CandidateLimits(own_history=8, family=6, family_items=3, popular=5, neighbour=4)
RULES = NeighbourRules(TifuKnn(neighbours=3), customers=10)
SEEN_DAYS = 56
FIRST_SOLD_LATER = (0, 1)  # products that nobody bought before the moment


@dataclass(frozen=True)
class Known:
    """Everything that scoring reads at a moment: item table, prices, reference customers, every bucket's features."""

    item_table: pd.DataFrame
    reference: Reference
    buckets: list[BucketFeatures]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("shop")
    write_shop(folder / "shop", customers=14, products=40, days=120, seed=5, last_day=date(2024, 5, 20))
    products = folder / "shop" / "products.parquet"
    pd.read_parquet(products).drop(columns="price").to_parquet(products)  # prices come from purchases
    load(folder / "shop", folder, buckets=2)
    return open_data(folder)


@pytest.fixture(scope="module")
def as_it_was(data: Data) -> dict[Moment, Known]:
    return {
        moment: known_of(with_future(data, moment, lambda _, later: later), data, moment)
        for moment in (NOON, MIDNIGHT)
    }


def known_at(files: list[tuple[Path, Path]], catalogue: Catalogue, moment: Moment) -> Known:
    item_table = merge_parts(
        catalogue, [bucket_item_part(purchases, catalogue, moment) for purchases, _ in files]
    )
    parts = [
        bucket_reference(purchases, customers, catalogue, moment, SEEN_DAYS, RULES.customers, 1)
        for purchases, customers in files
    ]
    reference = merge_references(parts, RULES.customers, RULES.items)
    everything = np.ones(len(catalogue), dtype=bool)
    shop = ShopAt(moment, catalogue, item_table, everything, Neighbours(reference, RULES))
    return Known(
        item_table,
        reference,
        [
            bucket_features(purchases, customers, shop, LIMITS, SEEN_DAYS, lambda seen: np.full(len(seen), 7))
            for purchases, customers in files
        ],
    )


def with_future(
    data: Data, moment: Moment, change: Callable[[int, pd.DataFrame], pd.DataFrame]
) -> list[pd.DataFrame]:
    """Every bucket's purchases before the moment, followed by what `change` makes of the later ones."""
    frames = []
    for bucket in range(data.buckets):
        lines = pd.read_parquet(data.purchases(bucket))
        later = lines["purchased_at"] >= moment.as_of
        before = lines[~later & ~lines["product_no"].isin(FIRST_SOLD_LATER)]
        frames.append(pd.concat([before, change(bucket, lines[later])]))
    return frames


def known_of(frames: list[pd.DataFrame], data: Data, moment: Moment) -> Known:
    catalogue = build_catalogue(pd.read_parquet(data.products), "product")
    with TemporaryDirectory() as folder:
        files = [
            (Path(folder) / f"{bucket}.parquet", data.customers(bucket)) for bucket in range(len(frames))
        ]
        for frame, (file, _) in zip(frames, files, strict=True):
            frame.to_parquet(file, index=False)
        return known_at(files, catalogue, moment)


def assert_same(found: Known, expected: Known) -> None:
    pd.testing.assert_frame_equal(found.item_table, expected.item_table, check_exact=True)
    np.testing.assert_array_equal(found.reference.keys, expected.reference.keys)
    for name, triples in vars(expected.reference.baskets).items():
        np.testing.assert_array_equal(getattr(found.reference.baskets, name), triples)
    for one, other in zip(found.buckets, expected.buckets, strict=True):
        np.testing.assert_array_equal(one.seen, other.seen)
        for matrix, reference in ((one.customers, other.customers), (one.pairs, other.pairs)):
            pd.testing.assert_frame_equal(matrix.keys, reference.keys)
            np.testing.assert_array_equal(matrix.values, reference.values)


# (bucket, customer, product, microseconds after the moment, pieces, paid, discount)
a_purchase = st.tuples(
    st.integers(0, 1),
    st.integers(0, 6),
    st.integers(0, 39),
    st.one_of(
        st.sampled_from([0, 1, 60_000_000]),  # exactly then, just after, a minute later on the same local day
        st.integers(0, 90 * 86_400 * 10**6),
    ),
    st.integers(-2, 5),
    st.integers(0, 100_000),
    st.integers(0, 500),
)


@pytest.mark.parametrize("moment", [NOON, MIDNIGHT], ids=["noon", "midnight"])
@settings(max_examples=10, deadline=None)
@given(purchases=st.lists(a_purchase, max_size=30))
def test_no_later_purchase_changes_a_feature_an_item_a_candidate_a_price_or_a_neighbour(
    data: Data, as_it_was: dict[Moment, Known], moment: Moment, purchases: list[tuple[int, ...]]
) -> None:
    def other_future(bucket: int, later: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(
            [_stored(line, moment) for line in purchases if line[0] == bucket], columns=later.columns
        ).astype(later.dtypes.to_dict())

    assert_same(known_of(with_future(data, moment, other_future), data, moment), as_it_was[moment])


def _stored(line: tuple[int, ...], moment: Moment) -> dict[str, object]:
    _, customer_no, product_no, microseconds, pieces, paid, discount = line
    at = moment.as_of + timedelta(microseconds=microseconds)
    return {
        "customer_no": customer_no,
        "product_no": product_no,
        "basket_id": "later",
        "line_no": 1,
        "purchased_at": at,
        "local_day": at.date(),
        "quantity_milli": pieces * 1000,
        "unit": "piece",
        "paid_minor": paid,
        "discount_minor": discount,
        "store_id": "s0",
    }


def test_a_purchase_one_microsecond_earlier_does_count(data: Data) -> None:
    def just_before(bucket: int, later: pd.DataFrame) -> pd.DataFrame:
        line = (bucket, 0, 0, -1, 1, 77_777, 0)
        return pd.DataFrame([_stored(line, NOON)], columns=later.columns).astype(later.dtypes.to_dict())

    known = known_of(with_future(data, NOON, just_before), data, NOON)
    assert known.item_table["price_minor"][0] == 77_777
    assert known.item_table["last_sold_days"][0] == 0
    assert known.buckets[0].customers.column("days_since_visit")[0] == 0


def test_a_return_one_microsecond_earlier_does_count(data: Data) -> None:
    def and_back(bucket: int, later: pd.DataFrame) -> pd.DataFrame:
        lines = [(bucket, 0, 0, -60_000_000, 1, 77_777, 0), (bucket, 0, 0, -1, -1, -77_777, 0)]
        return pd.DataFrame([_stored(line, NOON) for line in lines], columns=later.columns).astype(
            later.dtypes.to_dict()
        )

    known = known_of(with_future(data, NOON, and_back), data, NOON)
    assert np.isnan(known.item_table["price_minor"][0])
    assert known.buckets[0].customers.column("days_since_visit")[0] > 0


PLANNED: list[Promotion] = [
    (MILK, "s1", april(1), april(10), 80, None, True, False),
    (MILK, "s1", april(14), april(14), None, None, False, True),
    (BREAD, None, april(12), april(20), None, 90, True, False),
]
# (product, store, days after the moment on which it begins, days it lasts, price, in the mailer)
a_promotion = st.tuples(
    st.sampled_from([MILK, CREAM, BREAD]),
    st.sampled_from(["s1", "s2", None]),
    st.integers(7, 400),
    st.integers(0, 400),
    st.integers(0, 300),
    st.booleans(),
)


@settings(max_examples=15, deadline=None)
@given(later=st.lists(a_promotion, max_size=6), longer=st.lists(st.integers(0, 400), min_size=3, max_size=3))
def test_of_what_is_planned_nothing_counts_that_lies_more_than_a_week_ahead(
    later: list[tuple[int, str | None, int, int, int, bool]], longer: list[int]
) -> None:
    ahead: list[Promotion] = [
        (product, store, day, day + timedelta(days=lasts), price, None, mailer, mailer)
        for product, store, begins, lasts, price, mailer in later
        for day in [MONDAY.day + timedelta(days=begins)]
    ]
    # what goes on when the week is over may as well go on for a year
    gone_on = [
        (*row[:3], row[3] + timedelta(days=days) if row[3] >= april(14) else row[3], *row[4:])
        for row, days in zip(PLANNED, longer, strict=True)
    ]
    with TemporaryDirectory() as folder:
        expected = weeks(Path(folder), *PLANNED).rows
        found = weeks(Path(folder), *gone_on, *ahead).rows
    pd.testing.assert_frame_equal(found, expected, check_categorical=False, check_dtype=False)


def test_what_is_planned_for_the_last_day_of_the_coming_week_does_count(tmp_path: Path) -> None:
    without = weeks(tmp_path, *PLANNED[:1], *PLANNED[2:]).rows
    assert weeks(tmp_path, *PLANNED).rows["display_now"].sum() == without["display_now"].sum() + 1
