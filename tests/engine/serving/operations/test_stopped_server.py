"""`abonement stop` and `resume` at the terminal, at the health endpoint, and before a night."""

import json

import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.domain.access_keys import Scope
from engine.domain.offer_errors import OfferError
from engine.store import Store
from engine.store.access.audit import records
from models.ground.exit_codes import exit_code_of
from tests.engine.serving.conftest import Serve
from tests.engine.shop import publish_shop


def test_an_admin_stops_everything_over_http_and_lets_it_go_on(serve: Serve, embedded_store: Store) -> None:
    publish_shop(embedded_store, ["anna"])
    till, admin = serve(scopes=[Scope.TILL, Scope.APP, Scope.ANALYST]), serve(scopes=[Scope.ADMIN])
    why = {"reason": "All prices are wrong."}
    assert till.ask("POST", "/v1/stop", why).json()["key"] == "scope_missing"
    for reason in (why, {"reason": "again"}):
        answer = admin.ask("POST", "/v1/stop", reason)
        assert (answer.status_code, answer.json()["stopped"]) == (200, True), answer.text
        assert answer.json()["reason"] == why["reason"]
    assert admin.ask("POST", "/v1/stop", {"reason": "a\x00b"}).status_code == 422
    assert till.get("/v1/customers/anna/offers").json()["reason"] == "offers_stopped"
    assert admin.ask("DELETE", "/v1/stop").json() == {"stopped": False, "since": None, "reason": None}
    assert len(till.get("/v1/customers/anna/offers").json()["offers"]) == 5
    told = [act.action for act in records(embedded_store) if act.action in {"stopped", "resumed"}]
    assert told == ["stopped", "stopped", "resumed"]


def ask(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception is None or isinstance(result.exception, SystemExit):
        return result.exit_code, result.output
    return exit_code_of(result.exception, (OfferError,)), str(result.exception)


def test_a_stop_is_told_listed_audited_and_ended(
    serve: Serve, embedded_store: Store, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABONEMENT_CLOCK", "fixed:2017-12-04T09:00:00Z")
    publish_shop(embedded_store, ["anna"])
    here, browser = ("--workspace", str(tmp_path)), serve()
    assert ask("stop", *here, "--reason", "All prices are wrong.")[0] == 0
    assert json.loads(ask("stop", *here, "--reason", "again", "--json")[1])["changed"] is False
    assert "stopped since 2017-12-04 09:00:00+00:00: All prices are wrong." in ask("runs", "list", *here)[1]
    assert browser.get("/health/ready").json()["offers_stopped_since"] == "2017-12-04T09:00:00Z"
    answer = browser.get("/v1/customers/anna/offers")
    assert (answer.status_code, answer.json()["reason"]) == (200, "offers_stopped")
    assert ask("resume", *here) == (0, "Personal offers go on.\n")
    assert len(browser.get("/v1/customers/anna/offers").json()["offers"]) == 5
    told = [
        (act.actor, act.action) for act in records(embedded_store) if act.action in {"stopped", "resumed"}
    ]
    assert told == [("abonement stop", "stopped"), ("abonement resume", "resumed")]
    assert ask("stop", *here, "--reason", " ")[0] == 2
