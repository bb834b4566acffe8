from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.ground.errors import BadInput
from models.ground.moment import local_midnight
from models.ground.progress import silent
from models.response import PriceResponse
from models.sources import Data, load, open_data
from tests.shop import TABLES_TOML
from training.fitting.response.shop_response import ResponseTold
from training.fitting.response.workspace_response import learn_response

PRODUCTS, WEEKS = 12, 40


@pytest.fixture(scope="module")
def promoting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop of six families whose promotions change on Thursdays; twice as many buy at 20 % off."""
    folder = tmp_path_factory.mktemp("promoting")
    rng = np.random.default_rng(0)
    first = pd.Timestamp("2024-01-04T12:00:00Z")  # a Thursday
    promoted = rng.random((PRODUCTS, WEEKS)) < 0.3
    buyers = rng.poisson(np.where(promoted, 24, 12))
    product, week = (np.repeat(grid.ravel(), buyers.ravel()) for grid in np.indices(promoted.shape))
    off = np.where(promoted[product, week], 40, 0)
    purchases = pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in rng.integers(0, 400, len(product))],
            "product_id": [f"p{number:02}" for number in product],
            "basket_id": np.arange(len(product)).astype(str),
            "purchased_at": first + pd.to_timedelta(7 * week + rng.integers(0, 7, len(week)), unit="D"),
            "quantity_milli": 1000,
            "paid": 200 - off,
            "discount": off,
        }
    )
    products = pd.DataFrame(
        {
            "product_id": [f"p{number:02}" for number in range(PRODUCTS)],
            "name": "thing",
            "family_1": [f"family {number // 2}" for number in range(PRODUCTS)],
        }
    )
    (folder / "tables.toml").write_text(TABLES_TOML, encoding="utf-8")
    purchases.to_parquet(folder / "purchases.parquet")
    products.to_parquet(folder / "products.parquet")
    return folder


def loaded(folder: Path, workspace: Path, buckets: int) -> Data:
    load(folder, workspace, buckets=buckets)
    return open_data(workspace)


def learnt(data: Data, as_of: date = date(2024, 10, 13)) -> ResponseTold:
    return learn_response(data, local_midnight(as_of, "UTC"), 1, silent)


def test_a_shop_learns_its_response_whatever_its_buckets_and_the_day_it_asks(
    promoting: Path, tmp_path: Path
) -> None:
    told = learnt(loaded(promoting, tmp_path / "one", 1))
    again = learnt(loaded(promoting, tmp_path / "three", 3))

    assert told.products == PRODUCTS
    assert told.response.families == tuple(sorted({f"family {number}" for number in range(6)}))
    assert told.metrics["incidence_never"] == pytest.approx(np.log(2) / -np.log(0.8), abs=0.5)
    assert told.response.digest == again.response.digest


def test_nothing_after_the_moment_is_read(promoting: Path, tmp_path: Path) -> None:
    data = loaded(promoting, tmp_path, 2)
    early = learnt(data, date(2024, 3, 1))

    assert early.response == PriceResponse.prior()
    (note,) = early.notes
    assert "needs 21 weeks of purchases" in note
    assert "this shop has 8 weeks and 0 such products" in note


def test_a_shop_of_steady_prices_says_what_it_could_not_learn(grocer_data: Data) -> None:
    told = learnt(grocer_data, date(2024, 5, 10))

    assert told.notes
    assert told.response.incidence.error[0] > 0.2


def test_a_moment_before_the_first_purchase_is_refused_and_makes_no_response(grocer_data: Data) -> None:
    with pytest.raises(BadInput, match=r"^Nothing was bought before 1980-01-01.*later --as-of"):
        learnt(grocer_data, date(1980, 1, 1))
