"""Experiments that begin at once, on each database."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from engine.domain.offer_errors import BadProgramme
from engine.measurement.begun_experiments import start_experiment, statuses
from engine.programme.experiment_file import ExperimentPlan, load_experiment
from engine.store import Store
from models.ground.moment import parse_moment
from tests.engine.programme.test_experiment_file import PLAN
from tests.engine.shop import publish_shop

TOMORROW = parse_moment("2017-12-05", "UTC")


def plan(folder: Path, name: str) -> ExperimentPlan:
    file = folder / f"{name}.toml"
    file.write_text(PLAN.replace('"deeper"', f'"{name}"'), encoding="utf-8")
    return load_experiment(file)


def at_once(store: Store, plans: list[ExperimentPlan]) -> list[str]:
    """What each start said, in the order of the plans; empty for one that began."""
    gate = Barrier(len(plans))

    def start(one: ExperimentPlan) -> str:
        gate.wait()
        try:
            start_experiment(store, one, TOMORROW)
        except BadProgramme as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(len(plans)) as pool:
        return list(pool.map(start, plans))


def test_two_experiments_that_begin_at_once_share_nobody(store: Store, tmp_path: Path) -> None:
    publish_shop(store, ["c1"])
    said = at_once(store, [plan(tmp_path, "first"), plan(tmp_path, "second")])
    assert sorted(map(bool, said)) == [False, True]
    assert "which has 40% left beside" in max(said)
    (begun,) = statuses(store)
    assert begun.about.definition["places"] == [[0, 6000]]
    assert begun.customers == {"control": 0, "quarter": 0}


def test_one_experiment_that_is_started_twice_at_once_begins_once(store: Store, tmp_path: Path) -> None:
    publish_shop(store, ["c1"])
    said = at_once(store, [plan(tmp_path, "deeper")] * 2)
    assert sorted(map(bool, said)) == [False, True]
    assert "There is an experiment deeper already" in max(said)
