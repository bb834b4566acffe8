"""What has gone wrong in an experiment is caught by the report and named, one way of going wrong a test."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from engine.cli import app
from engine.measurement.compared_arms import ComparedArms
from engine.measurement.experiment_lights import Light, lights
from engine.measurement.store_weeks import silent_weeks
from engine.settings import store_url_in
from engine.store import Store, open_store
from engine.store.nights.merged_cards import take_over_card
from engine.store.schema.experiment_tables import assignments
from models import sources
from models.effects.drawn_arms import Arms
from tests.engine.commands.test_experiment_report import HELD_OUT, hold_out, write_purchases


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two stores, 300 customers with a purchase a week, of whom 100 are held out."""
    folder = tmp_path_factory.mktemp("healthy")
    write_purchases(folder / "shop", 0, seed=4)
    sources.load(folder / "shop", folder / "workspace", buckets=2)
    with closing(open_store(store_url_in(folder / "workspace"))) as store:
        hold_out(store)
    return folder


@pytest.fixture
def workspace(healthy: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(healthy / "workspace", tmp_path / "workspace"))


@contextmanager
def store_of(workspace: Path) -> Iterator[Store]:
    with closing(open_store(store_url_in(workspace))) as store:
        yield store


def report(workspace: Path) -> dict[str, Any]:
    answer = CliRunner().invoke(app, ["experiment", "report", "--json", "--workspace", str(workspace)])
    assert answer.exit_code == 0, answer.output
    facts = json.loads(answer.output)
    return {light["name"]: light for light in facts["lights"]} | {"answer": facts["answer"]}


def test_a_healthy_experiment_alarms_of_nothing(workspace: Path) -> None:
    found = report(workspace)
    assert {name for name, light in found.items() if name != "answer" and light["state"] == "bad"} == set()


def test_arms_that_somebody_redrew_midway_are_counted(workspace: Path) -> None:
    moved = [f"c{one:03d}" for one in range(HELD_OUT, HELD_OUT + 20)]
    with store_of(workspace) as store, store.writing() as connection:
        connection.execute(
            update(assignments).where(assignments.c.customer_id.in_(moved)).values(arm="holdout")
        )
    found = report(workspace)
    assert found["redrawn"]["state"] == "bad"
    assert "20 of 300 are in another arm than the frozen salt draws" in found["answer"]


def test_a_merged_card_of_the_other_arm_is_counted_and_many_are_an_alarm(workspace: Path) -> None:
    with store_of(workspace) as store:
        take_over_card(store, "c000", "c150", at=datetime(2017, 12, 11, tzinfo=UTC))
    found = report(workspace)["mixing"]
    assert found["says"].startswith("1 of 299 customers have had a card of another arm")
    with store_of(workspace) as store:
        for one in range(1, 20):
            take_over_card(store, f"c{one:03d}", f"c{one + 150}", at=datetime(2017, 12, 11, tzinfo=UTC))
    assert report(workspace)["mixing"]["state"] == "look"


def test_a_store_whose_feed_is_missing_for_a_week_is_named(healthy: Path, tmp_path: Path) -> None:
    shop = Path(shutil.copytree(healthy / "shop", tmp_path / "shop"))
    bought = pd.read_parquet(shop / "purchases.parquet")
    third = bought["purchased_at"].between("2017-12-18", "2017-12-25", inclusive="left")
    bought[~(third & (bought["store_id"] == "367"))].to_parquet(shop / "purchases.parquet", index=False)
    workspace = Path(shutil.copytree(healthy / "workspace", tmp_path / "workspace"))
    sources.load(shop, workspace, buckets=2)
    found = report(workspace)
    assert found["stores"]["state"] == "bad"
    assert "No purchases of store 367 in week 3, which usually has some: a feed is missing" in found["answer"]


def test_a_small_store_whose_few_customers_fill_large_baskets_has_lost_no_feed(tmp_path: Path) -> None:
    write_purchases(tmp_path / "shop", 0, seed=4)
    bought = pd.read_parquet(tmp_path / "shop" / "purchases.parquet")
    kiosk = bought[bought["customer_id"] == "c001"].assign(store_id="kiosk")
    kiosk = kiosk[~kiosk["purchased_at"].between("2017-12-18", "2017-12-25", inclusive="left")]
    lines = [kiosk.assign(line_no=line) for line in range(1, 31)]
    everything = pd.concat([bought[bought["customer_id"] != "c001"], *lines]).sort_values("purchased_at")
    everything.to_parquet(tmp_path / "shop" / "purchases.parquet", index=False)
    sources.load(tmp_path / "shop", tmp_path / "workspace", buckets=1)
    with store_of(tmp_path / "workspace") as store:
        hold_out(store)
    assert report(tmp_path / "workspace")["stores"]["state"] == "ok"


def test_a_store_that_opened_later_or_sells_little_has_lost_no_feed() -> None:
    weeks = pd.DataFrame(
        [("old", week, 300) for week in range(-8, 6) if week != 4]
        + [("new", week, 300) for week in range(3, 6)]
        + [("kiosk", week, 2) for week in range(-8, 6, 2)],
        columns=["store_id", "week", "customers"],
    )
    assert silent_weeks([weeks.iloc[:10], weeks.iloc[10:]], weeks=6) == {"old": [4]}


def compared(margin: np.ndarray[Any, np.dtype[np.float64]]) -> ComparedArms:
    people = len(margin)
    treated, nobody = np.arange(people) % 2 == 0, np.zeros(people)
    return ComparedArms(
        customer_id=np.array([f"c{one}" for one in range(people)]),
        arms=Arms.of(treated),
        seen_week=np.zeros(people, dtype=np.int64),
        margin=margin,
        spend=margin.sum(axis=1),
        visits=nobody,
        active=np.ones((people, margin.shape[1]), dtype=bool),
        figures=None,
        before=np.zeros((people, 0)),
        discount=nobody,
        funded=nobody,
        redemptions=nobody,
        served=treated,
        reached=treated,
        own_discount=np.zeros((people, 2)),
        complained=np.zeros(margin.shape, dtype=bool),
        nps=np.full(margin.shape, np.nan),
        crossed=0,
        torn=0,
        silent_stores={},
    )


def lit(arms: ComparedArms, treated: int = 50, holdout: int = 50) -> dict[str, Light]:
    units, shares = {"holdout": holdout, "treated": treated}, {"holdout": 0.5, "treated": 0.5}
    return {one.name: one for one in lights(arms, ("treated", "holdout"), units, shares, None, (6, 6))}


def test_a_store_that_closed_before_the_experiment_forbids_no_answer() -> None:
    margin = np.random.default_rng(1).integers(100, 9_000, (100, 4)).astype(np.float64)
    closed, lost = (
        replace(compared(margin), silent_stores={"361": weeks}) for weeks in ([-2, -1, 0, 1, 2, 3], [2, 3])
    )
    assert lit(closed)["stores"].state == "look"
    assert lit(closed)["stores"].says.startswith(
        "No purchases of store 361 in week 1, 2, 3, 4, which usually"
    )
    assert lit(lost)["stores"].state == "bad"


def test_customers_who_are_in_the_data_twice_are_named() -> None:
    margin = np.random.default_rng(1).integers(100, 9_000, (100, 6)).astype(np.float64)
    assert lit(compared(margin))["doubles"].state == "ok"
    margin[[50, 51, 52]] = margin[[10, 11, 12]]
    found = lit(compared(margin))["doubles"]
    assert found.state == "bad"
    assert found.says.startswith(
        "6 of 100 customers brought exactly what another one did in every week, such"
    )


def test_three_percent_of_an_arm_that_never_arrived_are_an_alarm() -> None:
    arms = compared(np.ones((100, 6)))
    assert lit(arms, treated=150_000, holdout=150_000)["sample_ratio"].state == "ok"
    lost = lit(arms, treated=150_000, holdout=145_500)["sample_ratio"]
    assert lost.state == "bad"
    assert lost.says.startswith("holdout 145,500, treated 150,000 drawn, 50.0%, 50.0% were meant; chance")
