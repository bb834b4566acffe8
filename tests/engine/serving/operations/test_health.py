from pathlib import Path

from engine.store import Store
from engine.store.nights.run_records import withdraw_run
from tests.engine.bundles import MONDAY, a_night
from tests.engine.serving.conftest import Serve


def test_a_process_that_answers_is_live_whatever_its_store_does(serve: Serve, tmp_path: Path) -> None:
    answer = serve(workspace=tmp_path / "away").get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


def test_ready_names_the_current_run_and_its_age(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    answer = serve().get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "run_id": "2017-12-04.1",
        "as_of": "2017-12-04T00:00:00Z",
        "age_seconds": 32400,
    }


def test_without_a_published_night_it_is_not_ready(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    withdraw_run(embedded_store, "2017-12-04.1", now=MONDAY)
    answer = serve().get("/health/ready")
    assert (answer.status_code, answer.json()["key"]) == (503, "no_current_run")


def test_without_its_store_it_is_not_ready(serve: Serve, tmp_path: Path) -> None:
    answer = serve(workspace=tmp_path / "away").get("/health/ready")
    assert (answer.status_code, answer.json()["key"]) == (503, "store_unreachable")
