from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.domain.access_keys import Scope
from engine.serving.access.housekeeping import ANSWERS_KEPT, tidy
from engine.store import Store
from engine.store.access.remembered_answers import Claim, claim
from engine.store.access.server_keys import all_keys
from tests.engine.serving.conftest import Browser, Serve


def house(browser: Browser) -> None:
    tidy(browser.app.state.deployment, browser.app.state.gate)


def test_when_a_key_was_last_used_is_written_down(serve: Serve, embedded_store: Store) -> None:
    browser = serve(scopes=[Scope.APP])
    before = datetime.now(UTC)
    browser.get("/v1/customers/anna/offers")
    house(browser)
    (key,) = all_keys(embedded_store)
    assert key.last_used_at is not None
    assert key.last_used_at >= before - timedelta(milliseconds=1)


def test_an_answer_is_forgotten_once_nobody_sends_its_write_again(
    serve: Serve, embedded_store: Store
) -> None:
    now = datetime.now(UTC)
    young, old = Claim("k_1", "young", b"h"), Claim("k_1", "old", b"h")
    with embedded_store.writing() as connection:
        claim(connection, young, now=now)
        claim(connection, old, now=now - ANSWERS_KEPT - timedelta(minutes=1))
    house(serve())
    with embedded_store.writing() as connection:
        assert claim(connection, young, now=now) is not None
        assert claim(connection, old, now=now) is None


def test_a_store_that_is_away_is_told_later(serve: Serve, tmp_path: Path) -> None:
    browser = serve(workspace=tmp_path / "away")
    browser.app.state.gate.used["k_1"] = datetime.now(UTC)
    house(browser)
    assert set(browser.app.state.gate.used) == {"k_1"}
