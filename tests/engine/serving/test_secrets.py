"""Nothing that belongs to a customer or opens a door is in a log, in the store's keys, or in how nothing looks."""

import sqlite3
from pathlib import Path

import pytest

from engine.domain.access_keys import Scope
from engine.domain.arms import Arm, arm_of, salt_of
from engine.store import Store
from tests.engine.bundles import a_night
from tests.engine.serving.access.test_token_endpoint import phone
from tests.engine.serving.conftest import Browser, Serve

ANNA = "anna-4711-planted"


def a_day(browser: Browser) -> list[str]:
    """Ask for all kinds of things, right and wrong; returns the secrets that were sent."""
    held = phone(browser, ANNA)
    event = {"id": "1", "kind": "shown", "customer_id": ANNA, "at": "2017-12-04T09:00:00Z"}
    for one in (browser, held, browser.with_secret("abk_planted-and-unknown"), browser.with_secret(ANNA)):
        one.get(f"/v1/customers/{ANNA}/offers")
        one.get(f"/v1/customers/{ANNA}/nothing?customer={ANNA}")
        one.ask("POST", "/v1/events", {"events": [event, event | {"at": ANNA}]}, idempotency_key=ANNA)
        one.ask("POST", "/v1/events", {"events": [event]}, idempotency_key="planted-idempotency")
        one.ask("POST", "/v1/events", f"{{{ANNA}".encode())
        one.get(f"/v1/customers/{ANNA}/export")
    browser.ask("DELETE", f"/v1/customers/{ANNA}/data")
    return [str(browser.secret), str(held.secret), "abk_planted-and-unknown"]


def test_no_log_line_holds_a_key_a_token_or_a_customer(
    serve: Serve, embedded_store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    a_night(embedded_store, [ANNA])
    secrets = a_day(serve())
    logged = "".join(capsys.readouterr())
    assert logged.count("\n") > 20
    assert [word for word in (*secrets, ANNA, "planted-idempotency") if word in logged] == []


def test_no_dump_of_the_store_holds_a_key_or_a_token(
    serve: Serve, embedded_store: Store, tmp_path: Path
) -> None:
    a_night(embedded_store, [ANNA])
    secrets = a_day(serve())
    with sqlite3.connect(tmp_path / "store.db") as connection:
        dump = "\n".join(connection.iterdump())
    connection.close()
    assert "access_keys" in dump
    assert [secret for secret in secrets if secret in dump or secret.encode().hex().upper() in dump] == []


def test_a_held_out_customer_a_stranger_and_one_without_a_bundle_look_alike(
    serve: Serve, embedded_store: Store
) -> None:
    salt = salt_of(17, "arms")
    held_out = next(f"c{n:03d}" for n in range(999) if arm_of(f"c{n:03d}", salt, 0.1) is Arm.HOLDOUT)
    treated = next(f"c{n:03d}" for n in range(999) if arm_of(f"c{n:03d}", salt, 0.1) is Arm.TREATED)
    a_night(embedded_store, [treated])
    browser = serve(scopes=[Scope.APP])
    looks = []
    for name in (held_out, "x999", "c998" if treated != "c998" else "c997"):
        answer = browser.get(f"/v1/customers/{name}/offers", x_request_id="same")
        shape = {key: value for key, value in answer.headers.items() if key != "etag"}
        looks.append((answer.status_code, answer.text.replace(name, "____"), shape))
    assert looks[0] == looks[1] == looks[2]
    assert browser.get(f"/v1/customers/{treated}/offers").json()["bundle"] is not None
