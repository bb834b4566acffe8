import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.serving.http.write_probe import WriteProbe
from engine.settings import store_url_in
from engine.store import Store
from engine.store.nights.run_records import withdraw_run
from models.ground.errors import CannotWrite
from tests.engine.bundles import MONDAY, a_night
from tests.engine.serving.conftest import Browser, Serve
from tests.engine.shop import publish_shop


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
        "model": None,
        "model_age_days": None,
        "offers_stopped_since": None,
        "model_is_old": False,
    }


@pytest.mark.parametrize(("limit", "is_old"), [(90, True), (120, False)])
def test_ready_tells_of_an_old_model(
    serve: Serve, embedded_store: Store, limit: int, *, is_old: bool
) -> None:
    publish_shop(embedded_store, ["anna"], manifest={"model": "2017-08-21-81d78b30"})
    answer = serve(model_days=limit).get("/health/ready").json()
    assert (answer["model"], answer["model_age_days"], answer["model_is_old"]) == (
        "2017-08-21-81d78b30",
        105,
        is_old,
    )


def test_without_a_published_night_it_is_not_ready(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    withdraw_run(embedded_store, "2017-12-04.1", now=MONDAY)
    answer = serve().get("/health/ready")
    assert (answer.status_code, answer.json()["key"]) == (503, "no_current_run")


def test_a_store_that_can_only_be_read_is_not_ready_until_it_can_be_written_again(
    serve: Serve, embedded_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.serving.http.write_probe._EVERY_SECONDS", 0.0)
    a_night(embedded_store, ["anna"])
    browser = serve()
    assert browser.get("/health/ready").status_code == 200
    query_only(browser, "ON")
    answer = browser.get("/health/ready")
    assert (answer.status_code, answer.json()["key"]) == (503, "store_unwritable")
    assert answer.headers["retry-after"] == "5"
    assert browser.get("/v1/customers/anna/offers").status_code == 200
    query_only(browser, "OFF")
    assert browser.get("/health/ready").status_code == 200


def query_only(browser: Browser, value: str) -> None:
    """Let the server's only connection write no more, as on a full or read-only disk."""
    with browser.app.state.deployment.store.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA query_only = {value}")


def test_what_was_tried_a_moment_ago_is_not_tried_again() -> None:
    probe, tries = WriteProbe(), []
    for _ in range(3):
        asyncio.run(probe.check(lambda: tries.append("a write")))
    assert tries == ["a write"]


def test_a_write_that_has_to_wait_leaves_the_last_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.serving.http.write_probe._EVERY_SECONDS", 0.0)
    monkeypatch.setattr("engine.serving.http.write_probe._LONGEST_SECONDS", 0.01)
    probe, turn = WriteProbe(), threading.Event()

    def fail() -> None:
        raise CannotWrite("The disk is full.")

    with pytest.raises(CannotWrite, match="full"):
        asyncio.run(wait_for(probe, fail))
    with pytest.raises(CannotWrite, match="full"):
        asyncio.run(probe.check(lambda: turn.wait() and None))
    turn.set()


async def wait_for(probe: WriteProbe, write: Callable[[], None]) -> None:
    """Ask until the probe has an answer."""
    for _ in range(1000):
        await probe.check(write)


def test_without_its_store_it_is_not_ready(serve: Serve, tmp_path: Path) -> None:
    answer = serve(workspace=tmp_path / "away").get("/health/ready")
    assert (answer.status_code, answer.json()["key"]) == (503, "store_unreachable")


def test_a_store_that_was_lost_is_503_everywhere_and_not_made_anew(
    serve: Serve, embedded_store: Store, tmp_path: Path
) -> None:
    a_night(embedded_store, ["anna"])
    browser = serve()
    assert browser.get("/health/ready").status_code == 200
    embedded_store.close()
    (tmp_path / "store.db").unlink()
    told = {"id": "a", "kind": "shown", "customer_id": "anna", "at": "2017-12-04T08:59:30Z"}
    answers = [
        browser.ask("POST", "/v1/events", {"events": [told]}),
        browser.get("/health/ready"),
        serve(workspace=tmp_path / "nobody", store_url=store_url_in(tmp_path)).get("/health/ready"),
    ]
    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert not (tmp_path / "store.db").exists()
