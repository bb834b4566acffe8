"""After a night whose week is over a guard that got worse is told, and an experiment whose file says so is ended."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.commands.experiment_guards import judged_guards
from engine.domain.arms import DrawnAs
from engine.domain.bundle import OfferState
from engine.measurement.begun_experiments import statuses
from engine.measurement.judged_guards import a_week_is_over, by_the_stop_rule
from engine.settings import store_url_in
from engine.store import Store, open_store
from engine.store.nights.assigned_arms import Placed, assign_all
from engine.store.nights.kept_experiments import begin_experiment
from models import sources
from models.ground.moment import parse_moment
from tests.engine.commands.test_experiment_report import BEGAN, CUSTOMERS, HELD_OUT, write_purchases
from tests.engine.shop import publish_shop

MONDAY = datetime(2017, 12, 4, tzinfo=UTC)
DEEPER: dict[str, Any] = {
    "hypothesis": "Deeper discounts bring customers more often.",
    "weeks": 8,
    "since": "2017-12-04",
    "until": "2018-01-29",
    "ends": "2018-01-29T00:00:00+00:00",
    "metric": "visits",
    "guards": ["margin"],
    "stop": "planned_end",
    "places": [[0, 10_000]],
    "arms": [
        {"name": "control", "share": 1 / 3, "changes": {}},
        {"name": "deeper", "share": 2 / 3, "changes": {}},
    ],
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each customer of arm deeper brings 5.00 a week less than before, nearly all of it margin."""
    folder = tmp_path_factory.mktemp("guarded")
    write_purchases(folder / "shop", -500, seed=5)
    sources.load(folder / "shop", folder / "workspace", buckets=2)
    return folder / "workspace"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path}/store.db")) as opened:
        yield opened


def begin(store: Store, on_guard: str) -> None:
    publish_shop(store, ["c000"], night=BEGAN, state=OfferState.OFFERED)
    with store.writing() as connection:
        number = begin_experiment(
            connection,
            name="deeper",
            layer="offers",
            drawn_as=DrawnAs.CUSTOMER,
            salt="experiment/deeper",
            definition=DEEPER | {"on_guard": on_guard},
            started=MONDAY,
        )
    names = [f"c{one:03d}" for one in range(CUSTOMERS)]
    arms = ["control" if one < HELD_OUT else "deeper" for one in range(CUSTOMERS)]
    places = [Placed(name, name, arm) for name, arm in zip(names, arms, strict=True)]
    assign_all(store, number, places, seen=MONDAY)


def test_a_guard_that_got_worse_is_told_and_the_experiment_goes_on(workspace: Path, store: Store) -> None:
    begin(store, "tell")
    (said,) = by_the_stop_rule(store, judged_guards(workspace, store), "EUR")
    assert said.startswith("experiment deeper, arm deeper: guard margin: margin a customer -29.87 ["), said
    assert said.endswith("end it with `abonement experiment stop deeper --because ... --early`.")
    assert statuses(store)[-1].about.stopped is None


def test_an_experiment_that_says_stop_is_ended_and_keeps_why(workspace: Path, store: Store) -> None:
    begin(store, "stop")
    (said,) = by_the_stop_rule(store, judged_guards(workspace, store), "EUR")
    assert said.endswith("It has ended: the next night goes without it.")
    assert statuses(store)[-1].about.stopped_because == "early: guard margin got worse in arm deeper"
    assert by_the_stop_rule(store, judged_guards(workspace, store), "EUR") == []


def test_guards_are_judged_by_the_first_night_after_each_week(store: Store) -> None:
    begin(store, "tell")
    over = [a_week_is_over(store, parse_moment(f"2017-12-{day:02d}", "UTC")) for day in (5, 10, 11, 12)]
    assert over == [False, False, True, True]  # no night was published in between


def test_status_shows_the_guards_when_asked(workspace: Path) -> None:
    with closing(open_store(store_url_in(workspace))) as store:
        begin(store, "tell")
    asked = ["experiment", "status", "--guards", "--workspace", str(workspace)]
    said = CliRunner().invoke(app, asked).output.splitlines()[-1]
    assert said.startswith("deeper, arm deeper, guard margin: margin a customer -")
    assert said.endswith("worse since week 1")
    facts = json.loads(CliRunner().invoke(app, [*asked, "--json"]).output)
    assert [(one["name"], one["state"]) for one in facts["guards"]] == [("margin", "worse")]
