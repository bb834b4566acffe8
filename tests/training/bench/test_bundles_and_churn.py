"""`abonement-train bench`: exactly the columns, customers and ranks that others score."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from models.customers.churn import Churn, ChurnModel
from models.ground.errors import BadInput
from models.items.affinity import PairScorer
from models.items.baselines import BaselineScorer
from tests.training.examples import SMALL
from training.bench import bundles_and_churn
from training.cli import app
from training.fitting.affinity_fit import UNFITTED_FREQUENCY, Learnt
from training.fitting.fit import Ground
from training.fitting.fit_profile import FitProfile

AS_OF = date(2024, 5, 1)


def run(grocer: Path, what: str, out: Path, *options: str) -> pd.DataFrame:
    arguments = [
        "bench",
        what,
        "--data",
        str(grocer),
        "--as-of",
        AS_OF.isoformat(),
        "--out",
        str(out),
        "--jobs",
        "1",
    ]
    result = CliRunner().invoke(app, [*arguments, *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return pd.read_parquet(out)


def visits(grocer: Path) -> pd.DataFrame:
    """Each customer's visit days before AS_OF, from the shop's own files."""
    lines = pd.read_parquet(grocer / "purchases.parquet")
    products = pd.read_parquet(grocer / "products.parquet")
    merchandise = products.loc[~products["flags"].str.contains("not_offered"), "product_id"]
    lines = lines[lines["product_id"].isin(merchandise) & (lines["quantity_milli"] > 0)]
    days = pd.DataFrame({"customer_id": lines["customer_id"], "day": lines["purchased_at"].dt.date})
    return days[days["day"] < AS_OF].drop_duplicates()


def seen_within(grocer: Path, days: int, *, min_visits: int) -> set[str]:
    known = visits(grocer).groupby("customer_id")["day"].agg(["max", "size"])
    return set(known.index[(known["max"] >= AS_OF - timedelta(days=days)) & (known["size"] >= min_visits)])


@pytest.fixture(scope="module", autouse=True)
def learnt() -> Iterator[list[object]]:
    """Fit in a moment; the models that were learnt, latest last."""
    models: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("learn_affinity", "learn_churn"):
            patch.setattr(bundles_and_churn, name, _remembering(getattr(bundles_and_churn, name), models))
        patch.setattr(bundles_and_churn, "FitProfile", lambda: SMALL)
        yield models


@pytest.fixture(scope="module")
def bundles(grocer: Path, tmp_path_factory: pytest.TempPathFactory, learnt: list[object]) -> pd.DataFrame:
    predictions = run(grocer, "bundles", tmp_path_factory.mktemp("bundles") / "out.parquet")
    assert isinstance(
        learnt[-1], BaselineScorer
    )  # so few purchases teach no more than the frequency rule knows
    return predictions


@pytest.fixture(scope="module")
def churn(grocer: Path, tmp_path_factory: pytest.TempPathFactory, learnt: list[object]) -> pd.DataFrame:
    predictions = run(grocer, "churn", tmp_path_factory.mktemp("churn") / "out.parquet", "--horizon", "14")
    assert isinstance(learnt[-1], Churn)
    assert isinstance(learnt[-1].silent[14], ChurnModel)
    return predictions


def _remembering(
    learn: Callable[[Ground], Learnt[object]], models: list[object]
) -> Callable[[Ground], Learnt[object]]:
    def remember(ground: Ground) -> Learnt[object]:
        found = learn(ground)
        models.append(found.model)
        return found

    return remember


def check_bundles(predictions: pd.DataFrame, customers: set[str], size: int) -> None:
    assert list(predictions.columns) == ["customer_id", "item_id", "rank", "p_buy"]
    assert set(predictions["customer_id"]) == customers
    for _, rows in predictions.groupby("customer_id"):
        assert rows["rank"].tolist() == list(range(1, size + 1))
        assert (np.diff(rows["p_buy"]) <= 0).all()
        assert rows["item_id"].is_unique
    assert predictions["p_buy"].between(0, 1).all()


def bought_before(grocer: Path) -> set[tuple[str, str]]:
    lines = pd.read_parquet(grocer / "purchases.parquet")
    lines = lines[(lines["purchased_at"].dt.date < AS_OF) & (lines["quantity_milli"] > 0)]
    return set(zip(lines["customer_id"], lines["product_id"], strict=True))


@pytest.mark.parametrize("options", [(), ("--rule", "popular_in_families")])
def test_novelties_are_two_items_that_the_customer_has_never_bought(
    grocer: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    new = run(grocer, "novelties", tmp_path / "new.parquet", *options)
    assert list(new.columns) == ["customer_id", "item_id", "rank", "p_buy", "p_repeat"]
    assert not set(zip(new["customer_id"], new["item_id"], strict=True)) & bought_before(grocer)
    assert not set(new["item_id"]) & {"p038", "p039"}, "fuel and coupons are no items"
    places = new.groupby("customer_id")["rank"].agg(list)
    assert set(places.map(tuple)) <= {(1,), (1, 2)}
    assert set(new["customer_id"]) <= seen_within(grocer, 56, min_visits=1)
    assert new["p_buy"].between(0, 1).all()


def test_an_unknown_rule_is_refused_in_one_sentence(grocer: Path) -> None:
    with pytest.raises(BadInput, match=r"--rule magic is not known; expected one of frequency, "):
        bundles_and_churn.bench_novelties(grocer, "2024-05-01", 7, 2, "product", "magic", 1, lambda *_: None)


def test_every_customer_seen_in_56_days_gets_six_products(grocer: Path, bundles: pd.DataFrame) -> None:
    customers = seen_within(grocer, 56, min_visits=1)
    assert 0 < len(customers) < visits(grocer)["customer_id"].nunique(), "somebody has left this shop"
    check_bundles(bundles, customers, 6)
    assert not set(bundles["item_id"]) & {"p038", "p039"}, "fuel and coupons are no items"


def test_families_are_named_as_the_products_table_names_them(grocer: Path, tmp_path: Path) -> None:
    predictions = run(
        grocer, "bundles", tmp_path / "out.parquet", "--level", "family", "--size", "4", "--days", "14"
    )
    check_bundles(predictions, seen_within(grocer, 56, min_visits=1), 4)
    assert set(predictions["item_id"]) <= set(pd.read_parquet(grocer / "products.parquet")["family_3"])


def test_what_is_likeliest_is_bought_more_often_than_what_is_less_likely(
    grocer: Path, bundles: pd.DataFrame
) -> None:
    lines = pd.read_parquet(grocer / "purchases.parquet")
    after = lines["purchased_at"].dt.date
    bought = lines[(after >= AS_OF) & (after < AS_OF + timedelta(days=7))]
    pairs = set(zip(bought["customer_id"], bought["product_id"], strict=True))
    hit = np.array([pair in pairs for pair in zip(bundles["customer_id"], bundles["item_id"], strict=True)])
    likely = (bundles["p_buy"] > bundles["p_buy"].median()).to_numpy()
    assert hit[likely].mean() > hit[~likely].mean()
    assert bundles["p_buy"].mean() == pytest.approx(hit.mean(), abs=0.1)


def test_churn_is_for_two_visits_and_one_in_the_last_84_days(grocer: Path, churn: pd.DataFrame) -> None:
    assert list(churn.columns) == ["customer_id", "p_churn"]
    assert churn["customer_id"].is_unique
    assert set(churn["customer_id"]) == seen_within(grocer, 84, min_visits=2)
    assert churn["p_churn"].between(0, 1).all()


def test_partial_defection_is_told_of_the_same_customers_and_is_likelier_than_silence(
    grocer: Path, tmp_path: Path, churn: pd.DataFrame
) -> None:
    partial = run(grocer, "churn", tmp_path / "out.parquet", "--horizon", "14", "--label", "partial")
    assert partial["customer_id"].tolist() == churn["customer_id"].tolist()
    assert partial["p_churn"].between(0, 1).all()
    assert partial["p_churn"].mean() > churn["p_churn"].mean()


def test_partial_defection_that_cannot_be_learnt_is_refused(
    grocer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles_and_churn, "FitProfile", lambda: replace(SMALL, min_silent=10**6))
    with pytest.raises(BadInput, match="too few customers spent less"):
        bundles_and_churn.bench_churn(grocer, "2024-05-01", 14, "partial", 1, lambda *_: None)


def test_the_length_of_the_window_reaches_the_model(grocer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles: list[FitProfile] = []

    def remember(ground: Ground) -> Learnt[PairScorer]:
        profiles.append(ground.profile)
        return Learnt(UNFITTED_FREQUENCY, {})

    monkeypatch.setattr(bundles_and_churn, "learn_affinity", remember)
    bundles_and_churn.bench_bundles(grocer, "2024-05-01", 9, 2, "product", 1, lambda *_: None)
    assert profiles[0].window_days == (9, 9)


def test_the_future_of_the_file_does_not_reach_the_predictions(
    grocer: Path, tmp_path: Path, bundles: pd.DataFrame, churn: pd.DataFrame
) -> None:
    known = tmp_path / "known"
    known.mkdir()
    for name in ("products.parquet", "customers.parquet", "tables.toml"):
        (known / name).write_bytes((grocer / name).read_bytes())
    lines = pd.read_parquet(grocer / "purchases.parquet")
    lines[lines["purchased_at"].dt.date < AS_OF].to_parquet(known / "purchases.parquet", index=False)
    pd.testing.assert_frame_equal(
        run(known, "bundles", tmp_path / "bundles.parquet"), bundles, check_exact=True
    )
    again = run(known, "churn", tmp_path / "churn.parquet", "--horizon", "14")
    pd.testing.assert_frame_equal(again, churn, check_exact=True)


def test_an_unknown_ending_is_refused_before_any_work(tmp_path: Path) -> None:
    arguments = [
        "bench",
        "churn",
        "--data",
        "nowhere",
        "--as-of",
        "2024-05-01",
        "--out",
        str(tmp_path / "out.xlsx"),
    ]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, BadInput)
    assert "--out to end in" in str(result.exception)
