from engine.store import Store
from tests.engine.bundles import a_night
from tests.engine.serving.conftest import Serve


def test_runs_are_listed_newest_first_with_the_current_one(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    a_night(embedded_store, ["anna", "zoe"], attempt=2)
    answer = serve().get("/v1/runs").json()
    assert answer["current"] == "2017-12-04.2"
    assert [(run["run_id"], run["state"], run["bundles"]) for run in answer["runs"]] == [
        ("2017-12-04.2", "published", 2),
        ("2017-12-04.1", "superseded", 1),
    ]


def test_before_the_first_night_there_is_none(serve: Serve) -> None:
    assert serve().get("/v1/runs").json() == {"current": None, "runs": []}
