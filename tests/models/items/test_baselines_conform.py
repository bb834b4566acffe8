"""What every baseline must do on a shop's purchases, whatever its rule and parameters."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.features.catalogue import build_catalogue
from models.features.feature_matrix import FeatureMatrix
from models.ground.moment import local_midnight
from models.items.baselines import NEIGHBOUR_BASELINES, RULES, TUNED, BaselineScorer
from models.neighbours import NeighbourRules
from models.scoring import bucket_features
from models.sources import Data, load, open_data
from tests.shop import write_shop
from training.fitting.examples import shops_at
from training.fitting.fit_profile import FitProfile

AS_OF = local_midnight(date(2024, 5, 1), "UTC")
LATER = pd.Timestamp("2024-05-01T00:00Z")


Change = Callable[[pd.DataFrame], pd.DataFrame]


def as_it_is(lines: pd.DataFrame) -> pd.DataFrame:
    return lines


def without_future(lines: pd.DataFrame) -> pd.DataFrame:
    return lines[lines["purchased_at"] < LATER]


def turned_around(lines: pd.DataFrame) -> pd.DataFrame:
    return lines.iloc[::-1]


def with_a_habit(lines: pd.DataFrame) -> pd.DataFrame:
    """Everybody buys p000 instead of whatever they bought first on a day; p001 was bought once, long ago."""
    first = ~lines.duplicated(["customer_id", "basket_id"])
    lines.loc[first, ["product_id", "quantity_milli", "paid", "discount"]] = ["p000", 1000, 200, 0]
    lines = lines[lines["product_id"] != "p001"]
    return pd.concat([lines, lines.head(1).assign(product_id="p001", basket_id="once")])


def with_a_newcomer(lines: pd.DataFrame) -> pd.DataFrame:
    """Somebody came once and bought one thing."""
    visit = without_future(lines).tail(1)
    return pd.concat([lines, visit.assign(customer_id="new", basket_id="first", product_id="p001")])


class Shops:
    """One small shop and what all rules say of it, changed or not; each variant is loaded once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[tuple[str, int], dict[str, pd.Series]] = {}

    def scores(self, rule: str, change: Change = as_it_is, *, buckets: int = 2) -> pd.Series:
        """P(buy) of every candidate by customer_id and item_id."""
        key = (change.__name__, buckets)
        if key not in self.known:
            self.known[key] = self._scored(self.folder / f"{key[0]}-{buckets}", change, buckets)
        return self.known[key][rule]

    def _scored(self, folder: Path, change: Change, buckets: int) -> dict[str, pd.Series]:
        write_shop(folder, customers=12, products=40, days=120, seed=5, last_day=date(2024, 5, 10))
        path = folder / "purchases.parquet"
        change(pd.read_parquet(path)).to_parquet(path, index=False)
        load(folder, folder / "workspace", buckets=buckets)
        data = open_data(folder / "workspace")
        asked = {rule: NEIGHBOUR_BASELINES.get(rule, TUNED) for rule in RULES}
        pairs = {rules: _pairs(data, rules) for rules in set(asked.values())}
        return {rule: _named(data, rule, pairs[rules]) for rule, rules in asked.items()}


def _pairs(data: Data, rules: NeighbourRules) -> list[FeatureMatrix]:
    profile = replace(FitProfile(), neighbours=rules)
    catalogue = build_catalogue(pd.read_parquet(data.products), "product")
    (shop,) = shops_at(data, catalogue, [AS_OF], profile, 1)
    return [
        bucket_features(
            data.purchases(bucket),
            data.customers(bucket),
            shop,
            profile.limits,
            56,
            lambda seen: np.full(len(seen), 7),
        ).pairs
        for bucket in range(data.buckets)
    ]


def _named(data: Data, rule: str, buckets: list[FeatureMatrix]) -> pd.Series:
    items = build_catalogue(pd.read_parquet(data.products), "product").items["item_id"].to_numpy()
    scorer, parts = BaselineScorer(rule, slope=1.5, base=-3.0), []
    for bucket, pairs in enumerate(buckets):
        ids = pd.read_parquet(data.customers(bucket)).set_index("customer_no")["customer_id"]
        index = [ids.loc[pairs.keys["customer_no"]].to_numpy(), items[pairs.keys["item_no"]]]
        parts.append(pd.Series(scorer.predict(pairs), index=index))
    return pd.concat(parts).sort_index()


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Shops:
    return Shops(tmp_path_factory.mktemp("shops"))


@pytest.fixture(params=RULES)
def rule(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_score_is_a_probability(shops: Shops, rule: str) -> None:
    p = shops.scores(rule)
    assert len(p) > 200
    assert ((p > 0) & (p < 1)).all()
    assert p.nunique() > 5


def test_what_somebody_buys_at_every_visit_comes_before_what_nobody_buys(shops: Shops, rule: str) -> None:
    p = shops.scores(rule, with_a_habit)
    customer = p.index.get_level_values(0)[0]
    assert p.loc[(customer, "p000")] == p.loc[customer].max()
    assert p.loc[(customer, "p000")] > p.xs("p001", level=1).max()


def test_what_happens_after_the_moment_changes_nothing(shops: Shops, rule: str) -> None:
    pd.testing.assert_series_equal(shops.scores(rule), shops.scores(rule, without_future), check_exact=True)


def test_scores_depend_neither_on_buckets_nor_on_the_order_of_lines(shops: Shops, rule: str) -> None:
    turned = shops.scores(rule, turned_around, buckets=3)
    pd.testing.assert_series_equal(shops.scores(rule), turned, check_exact=True)


def test_somebody_who_bought_one_thing_once_is_scored_too(shops: Shops, rule: str) -> None:
    newcomer = shops.scores(rule, with_a_newcomer).loc["new"]
    assert newcomer.notna().all()
    assert len(newcomer) > 20
