"""A shop that knows neither prices, costs, families, brands, discounts nor stores is served all the same."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.features.catalogue import build_catalogue
from models.ground.errors import BadInput
from models.ground.moment import local_midnight
from models.items.candidates import SOURCES, CandidateLimits
from models.scoring import BucketFeatures, ShopAt, bucket_features
from models.sources import Data, load, open_data
from tests.shop import write_shop
from training.bench.bundles_and_churn import bench_bundles, bench_churn
from training.fitting.examples import shops_at
from training.fitting.fit import fit
from training.fitting.fit_profile import FitProfile

AS_OF = local_midnight(date(2024, 4, 25), "UTC")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bare")
    write_shop(folder, customers=10, products=20, days=80, seed=4, last_day=date(2024, 4, 30))
    products, purchases = folder / "products.parquet", folder / "purchases.parquet"
    pd.read_parquet(products, columns=["product_id", "name"]).to_parquet(products)
    required = ["customer_id", "basket_id", "purchased_at", "product_id", "quantity_milli", "paid"]
    pd.read_parquet(purchases, columns=required).drop_duplicates().to_parquet(purchases)
    (folder / "customers.parquet").unlink()
    return folder


@pytest.fixture(scope="module")
def data(bare: Path, tmp_path_factory: pytest.TempPathFactory) -> Data:
    workspace = tmp_path_factory.mktemp("workspace")
    load(bare, workspace)
    return open_data(workspace)


@pytest.fixture(scope="module")
def shop(data: Data) -> ShopAt:
    return shops_at(
        data, build_catalogue(pd.read_parquet(data.products), "product"), [AS_OF], FitProfile(), 1
    )[0]


@pytest.fixture(scope="module")
def features(data: Data, shop: ShopAt) -> BucketFeatures:
    return bucket_features(
        data.purchases(0), data.customers(0), shop, CandidateLimits(), 56, lambda seen: np.full(len(seen), 7)
    )


def test_what_needs_families_is_missing(features: BucketFeatures) -> None:
    for name in (
        "fine_days_since_buy",
        "fine_gap_days",
        "share_of_fine",
        "coarse_days_since_buy",
        "share_of_fine_buyers",
    ):
        assert np.isnan(features.pairs.column(name)).all(), name
    assert (features.pairs.column("fine_buys") == 0).all()
    assert not (features.pairs.keys["sources"] & SOURCES["family"]).any()


def test_what_was_paid_stands_in_for_a_price(shop: ShopAt) -> None:
    sold = shop.item_table["last_sold_days"].notna()
    assert sold.any()
    assert shop.item_table.loc[sold, "price_minor"].notna().all()
    assert shop.catalogue.items[["price_minor", "cost_minor"]].isna().all(axis=None)


def test_without_discounts_their_share_is_zero(features: BucketFeatures) -> None:
    shares = features.customers.column("discount_share_84d")
    assert (shares[~np.isnan(shares)] == 0).all()


def test_what_is_known_is_still_known(features: BucketFeatures) -> None:
    assert len(features.pairs) > 0
    assert not np.isnan(features.pairs.column("demand_share_28d")).any()
    assert (features.pairs.column("buys") > 0).any()


def test_it_can_be_fitted(data: Data) -> None:
    fitted = fit(data, AS_OF, "product", FitProfile(), 1, lambda *_: None)
    assert len(fitted.manifest.notes) == 3, "affinity, churn and the worth of customers are fallbacks"


def test_it_can_be_benchmarked(bare: Path) -> None:
    bundles = bench_bundles(bare, "2024-04-25", 7, 6, "product", 1, lambda *_: None)
    assert (bundles.groupby("customer_id").size() == 6).all()
    assert bundles["p_buy"].notna().all()
    churn = bench_churn(bare, "2024-04-25", 28, "silent", 1, lambda *_: None)
    assert churn["p_churn"].between(0, 1).all()


def test_families_that_it_does_not_have_are_refused(bare: Path) -> None:
    with pytest.raises(BadInput, match=r"'family' is not filled .* expected one of product"):
        bench_bundles(bare, "2024-04-25", 7, 6, "family", 1, lambda *_: None)
