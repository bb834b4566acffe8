"""`abonement-train bench next-basket`: k ranked products for every customer, from the history alone."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits
from typer.testing import CliRunner

from models.ground.errors import BadInput
from models.items.affinity import AffinityModel
from models.sources.loading import dictionaries
from tests.training.examples import SMALL
from training.bench import next_basket
from training.bench.next_basket import PROFILE, best_sellers, cuts_for, fill_up
from training.cli import app
from training.fitting.affinity_fit import Learnt
from training.fitting.fit import Ground

STAPLES = ["milk", "bread", "eggs"]


def history_of(customers: int, seed: int) -> pd.DataFrame:
    """Everybody buys their own staple in nearly every basket, and two of twenty other products."""
    rng = np.random.default_rng(seed)
    lines = []
    for customer in range(customers):
        for basket in range(1, int(rng.integers(1, 9)) + 1):
            staple = [STAPLES[customer % len(STAPLES)]] if rng.random() < 0.9 else []
            others = [f"p{n}" for n in rng.choice(20, size=2, replace=False)]
            lines += [(customer, basket, product) for product in [*staple, *others]]
    return pd.DataFrame(lines, columns=["customer_id", "basket_no", "product_id"])


def many_products(customers: int, seed: int) -> pd.DataFrame:
    """Six baskets of four of three hundred products each, a few of them bought far more often than the others."""
    rng = np.random.default_rng(seed)
    rows = customers * 6 * 4
    return pd.DataFrame(
        {
            "customer_id": np.repeat(np.arange(customers), 24),
            "basket_no": np.tile(np.repeat(np.arange(6), 4), customers),
            "product_id": [f"p{n}" for n in (300 * rng.random(rows) ** 3).astype(int)],
        }
    )


def rice_after_a_pause(customers: int, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """A history on both clocks, and who buys rice next: whoever came back after a month without it, else bread."""
    rng = np.random.default_rng(seed)
    lines, due = [], {}
    for customer in range(customers):
        day, without = pd.Timestamp("2024-01-01"), 0
        for basket in range(1, 11):
            gap, bought = 30 if rng.random() < 0.3 else 1, "rice" if without >= 30 else "bread"
            day, without = day + pd.Timedelta(days=gap), 0 if bought == "rice" else without + gap
            lines += [(customer, basket, day, product) for product in (bought, f"p{rng.integers(3)}")]
        due[customer] = without >= 30
    columns = ["customer_id", "basket_no", "purchased_at", "product_id"]
    return pd.DataFrame(lines, columns=columns), pd.Series(due)


def run(history: Path, out: Path, *options: str) -> pd.DataFrame:
    arguments = [
        "bench",
        "next-basket",
        "--history",
        str(history),
        "--out",
        str(out),
        "--k",
        "5",
        "--jobs",
        "1",
    ]
    result = CliRunner().invoke(app, [*arguments, *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return pd.read_parquet(out)


@pytest.fixture(scope="module", autouse=True)
def small_profile() -> object:
    """Learn in a moment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            next_basket,
            "PROFILE",
            replace(PROFILE, min_positives=40, affinity_lightgbm=SMALL.affinity_lightgbm),
        )
        patch.setattr(next_basket, "cuts_for", lambda _customers: 3)
        yield


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "history.parquet"
    history_of(120, seed=5).to_parquet(path, index=False)
    return path


@pytest.fixture(scope="module")
def predictions(history: Path, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return run(history, tmp_path_factory.mktemp("predictions") / "out.parquet")


def test_every_customer_gets_k_distinct_products_in_order(history: Path, predictions: pd.DataFrame) -> None:
    assert list(predictions.columns) == ["customer_id", "product_id", "rank", "score"]
    assert predictions["customer_id"].dtype == np.int64
    assert set(predictions["customer_id"]) == set(pd.read_parquet(history)["customer_id"])
    for _, rows in predictions.groupby("customer_id"):
        assert rows["rank"].tolist() == [1, 2, 3, 4, 5]
        assert rows["product_id"].is_unique
        assert (np.diff(rows["score"]) <= 0).all()


def test_what_somebody_buys_nearly_always_comes_first(history: Path, predictions: pd.DataFrame) -> None:
    baskets = pd.read_parquet(history).groupby("customer_id")["basket_no"].max()
    known = predictions[predictions["customer_id"].map(baskets) >= 4]
    first = known[known["rank"] == 1]
    own = first["customer_id"].map(lambda customer: STAPLES[customer % len(STAPLES)])
    assert (first["product_id"] == own).mean() > 0.95


def test_a_model_is_learnt_and_judged_on_everybodys_last_basket(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[tuple[Ground, Learnt[object]]] = []
    learn = next_basket.learn_affinity

    def remember(ground: Ground) -> Learnt[object]:
        learnt.append((ground, learn(ground)))
        return learnt[-1][1]

    monkeypatch.setattr(next_basket, "learn_affinity", remember)
    run(history, tmp_path / "out.parquet")
    ((ground, found),) = learnt
    assert isinstance(found.model, AffinityModel)
    assert [cut.day.isoformat() for cut in ground.affinity_cuts][:2] == ["2198-12-25", "2198-12-18"]
    assert found.metrics["repeats_auc"] > 0.6
    assert 0 < found.metrics["new_rate"] < found.metrics["repeats_rate"]
    two_or_more = (pd.read_parquet(history).groupby("customer_id")["basket_no"].max() >= 2).sum()
    assert found.metrics["rows"] <= two_or_more * (20 + len(STAPLES))


@pytest.mark.long
def test_the_same_seed_gives_the_same_file_for_any_number_of_jobs(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dictionaries, "CUSTOMERS_PER_BUCKET", 40)
    one = run(history, tmp_path / "one.parquet")
    two = run(history, tmp_path / "two.parquet", "--jobs", "2")
    pd.testing.assert_frame_equal(one, two, check_exact=True)


@pytest.mark.long
def test_any_number_of_threads_gives_the_same_file(tmp_path: Path) -> None:
    history = tmp_path / "history.parquet"
    many_products(customers=250, seed=9).to_parquet(history, index=False)
    with threadpool_limits(limits=1, user_api="blas"):
        alone = run(history, tmp_path / "alone.parquet")
    with threadpool_limits(limits=2, user_api="blas"):
        together = run(history, tmp_path / "together.parquet")
    pd.testing.assert_frame_equal(alone, together, check_exact=True)


def test_the_order_of_the_rows_does_not_matter(
    history: Path, predictions: pd.DataFrame, tmp_path: Path
) -> None:
    shuffled = tmp_path / "shuffled.parquet"
    pd.read_parquet(history).sample(frac=1, random_state=1).to_parquet(shuffled, index=False)
    pd.testing.assert_frame_equal(run(shuffled, tmp_path / "out.parquet"), predictions, check_exact=True)


def test_a_shop_with_fewer_products_than_places_gives_all_of_them(tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text("customer_id,basket_no,product_id\n1,1,7\n1,2,7\n2,1,9\n")
    predictions = run(history, tmp_path / "out.parquet")
    assert predictions[["customer_id", "product_id", "rank"]].to_numpy().tolist() == [
        [1, 7, 1],
        [1, 9, 2],
        [2, 9, 1],
        [2, 7, 2],
    ]


def test_cost_bad_rows_and_notes_are_said(tmp_path: Path) -> None:
    history, out = tmp_path / "history.csv", tmp_path / "out.csv"
    lines = [f"{n},1,p{n % 3}" for n in range(200)]
    history.write_text("\n".join(["customer_id,basket_no,product_id", *lines, "1,2,", ""]))
    arguments = ["bench", "next-basket", "--history", str(history), "--out", str(out), "--jobs", "1"]
    said = CliRunner().invoke(app, arguments, catch_exceptions=False).output
    assert "Quarantined 1 of 201 purchases: null_id (customer, basket or product is empty)." in said
    assert "Affinity is the frequency rule" in said
    assert (
        f"Wrote 600 products for 200 customers to {out}, 200 of them bought before and 400 new to their customer; it took "
        in said
    )
    facts = json.loads(CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False).output)
    assert (facts["customers"], facts["repeats"], facts["new"]) == (200, 200, 400)
    assert facts["peak_bytes"] > 10**8
    assert facts["wall_seconds"] > 0


@pytest.mark.long
def test_what_the_grid_of_baskets_hides_is_learnt_from_the_real_days(tmp_path: Path) -> None:
    lines, due = rice_after_a_pause(customers=200, seed=2)
    right = {}
    for name, columns in (("two", lines), ("one", lines.drop(columns="purchased_at"))):
        history = tmp_path / f"{name}.parquet"
        columns.to_parquet(history, index=False)
        found = run(history, tmp_path / f"{name}-out.parquet").set_index("customer_id")
        score = found.loc[found["product_id"] == "rice", "score"]
        right[name] = np.greater.outer(score[due].to_numpy(), score[~due].to_numpy()).mean()
    assert right["two"] > 0.95
    assert right["one"] < 0.85


def test_too_many_bad_lines_are_refused_in_the_name_of_the_history(tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text("customer_id,basket_no,product_id\n1,1,tea\n1,2,\n")
    arguments = ["bench", "next-basket", "--history", str(history), "--out", str(tmp_path / "out.csv")]
    refused = CliRunner().invoke(app, arguments).exception
    assert isinstance(refused, BadInput)
    assert str(refused) == (
        f"{history}: 1 of 2 rows are bad (50.00%), more than max_bad_share = 0.01 allows: 1 null_id (customer, basket"
        " or product is empty; product_id is empty)."
    )


def test_a_customer_whose_lines_are_all_bad_gets_the_best_sellers(tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    lines = [f"{n},1,tea\n{n},2,{'tea' if n % 2 else 'jam'}" for n in range(100)]
    history.write_text("\n".join(["customer_id,basket_no,product_id", *lines, "777,1,", ""]))
    predictions = run(history, tmp_path / "out.parquet")
    rows = predictions[predictions["customer_id"] == 777]
    assert rows["product_id"].tolist() == ["tea", "jam"]
    assert rows["score"].tolist() == [0.0, 0.0]


def test_places_left_are_filled_with_best_sellers_that_are_not_listed_yet() -> None:
    tops = pd.DataFrame({"customer_no": [4, 4, 5], "item_no": [8, 1, 2], "p_buy": [0.2, 0.5, 0.1]})
    filled = fill_up(tops, np.array([4, 5, 6]), np.array([2, 8, 9]), 3)
    assert filled[["customer_no", "item_no", "rank"]].to_numpy().tolist() == [
        [4, 1, 1],
        [4, 8, 2],
        [4, 2, 3],
        [5, 2, 1],
        [5, 8, 2],
        [5, 9, 3],
        [6, 2, 1],
        [6, 8, 2],
        [6, 9, 3],
    ]


@pytest.mark.parametrize(
    ("customers", "cuts"), [(1, 24), (2_000, 24), (2_500, 20), (5_000, 10), (13_858, 6), (10**6, 6)]
)
def test_the_fewer_customers_the_more_of_their_baskets_teach(customers: int, cuts: int) -> None:
    assert cuts_for(customers) == cuts


def test_best_sellers_sell_now_before_they_ever_sold() -> None:
    table = pd.DataFrame({"buyers_28d": [1.0, 9.0, 9.0, 0.0], "buyers_84d": [50.0, 9.0, 10.0, 99.0]})
    assert best_sellers(table, 3).tolist() == [2, 1, 0]
