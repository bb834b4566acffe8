import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from fastapi import Response
from sqlalchemy import text

from engine.domain.access_keys import Scope
from engine.domain.offer_errors import Refused
from engine.serving.access.idempotent_writes import Write, writes
from engine.store import Store
from engine.store.access.audit import records
from engine.store.access.server_keys import all_keys, rotate_key
from tests.engine.serving.conftest import Browser, Serve

UseCase = Callable[[Store, datetime], dict[str, Any]]


def counting(browser: Browser, *, key_required: bool = False, before: UseCase | None = None) -> Browser:
    """Give the app a write that adds one to a table, and answers how many there are."""
    with browser.app.state.deployment.store.writing() as connection:
        connection.execute(text("CREATE TABLE counted (n INTEGER)"))

    def count(store: Store, now: datetime) -> dict[str, Any]:
        with store.writing() as connection:
            connection.execute(text("INSERT INTO counted VALUES (1)"))
            if before is not None:
                before(store, now)
            return {"count": connection.execute(text("SELECT count(*) FROM counted")).scalar_one()}

    @browser.app.post("/v1/counts/{customer_id}")
    def post_count(
        customer_id: str, write: Annotated[Write, writes(Scope.TILL, key_required=key_required)]
    ) -> Response:
        return write.once("counted", customer_id, count, status=201, subject="c_1")

    return browser


def test_a_retry_gets_the_same_answer_and_nothing_happens_twice(serve: Serve) -> None:
    browser = counting(serve())
    first = browser.ask("POST", "/v1/counts/anna", {"n": 1}, idempotency_key="a")
    again = browser.ask("POST", "/v1/counts/anna", {"n": 1}, idempotency_key="a")
    assert (first.status_code, first.json()) == (201, {"count": 1})
    assert (again.status_code, again.content) == (201, first.content)
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert browser.ask("POST", "/v1/counts/anna", {"n": 1}, idempotency_key="b").json() == {"count": 2}


@pytest.mark.parametrize(("path", "body"), [("/v1/counts/anna", {"n": 2}), ("/v1/counts/zoe", {"n": 1})])
def test_a_key_of_another_request_is_refused(serve: Serve, path: str, body: object) -> None:
    browser = counting(serve())
    browser.ask("POST", "/v1/counts/anna", {"n": 1}, idempotency_key="a")
    answer = browser.ask("POST", path, body, idempotency_key="a")
    assert (answer.status_code, answer.json()["key"]) == (422, "idempotency_key_reused")


def test_the_retry_of_a_till_whose_key_was_rotated_is_recognised(serve: Serve, embedded_store: Store) -> None:
    browser = counting(serve())
    browser.ask("POST", "/v1/counts/anna", idempotency_key="a")
    now = datetime.now(UTC)
    _, secret = rotate_key(
        embedded_store, all_keys(embedded_store)[0].key_id, now=now, old_ends_at=now, expires_at=None
    )
    again = browser.with_secret(secret).ask("POST", "/v1/counts/anna", idempotency_key="a")
    assert again.headers["idempotent-replayed"] == "true"


def test_the_same_write_sent_twice_at_once_is_told_to_wait(serve: Serve) -> None:
    entered, leave = threading.Event(), threading.Event()

    def wait(_store: Store, _now: datetime) -> dict[str, Any]:
        entered.set()
        leave.wait(10)
        return {}

    browser = counting(serve(), before=wait)
    answers: list[int] = []
    first = threading.Thread(
        target=lambda: answers.append(browser.ask("POST", "/v1/counts/anna", idempotency_key="a").status_code)
    )
    first.start()
    assert entered.wait(10)
    second = browser.ask("POST", "/v1/counts/anna", idempotency_key="a")
    leave.set()
    first.join()
    assert (second.status_code, second.json()["key"], answers) == (409, "write_in_flight", [201])


def test_what_was_refused_leaves_nothing_and_stays_refused(serve: Serve, embedded_store: Store) -> None:
    refusals = [Refused("not_found", "Not yet.")]

    def refuse_once(_store: Store, _now: datetime) -> dict[str, Any]:
        if refusals:
            raise refusals.pop()
        return {}

    browser = counting(serve(), before=refuse_once)
    for _ in range(2):  # a try that arrives after its caller was told no must not be granted
        answer = browser.ask("POST", "/v1/counts/anna", idempotency_key="a")
        assert (answer.status_code, answer.json()["detail"]) == (404, "Not yet.")
    assert [act.action for act in records(embedded_store)] == ["key_created"]
    assert browser.ask("POST", "/v1/counts/anna", idempotency_key="b").json() == {"count": 1}


def test_a_refusal_that_is_given_again_says_so(serve: Serve) -> None:
    def refuse(_store: Store, _now: datetime) -> dict[str, Any]:
        raise Refused("not_found", "Not yet.")

    browser = counting(serve(), before=refuse)
    answers = [browser.ask("POST", "/v1/counts/anna", {}, idempotency_key="a") for _ in range(2)]
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true"]
    first, again = (answer.json() | {"request_id": ""} for answer in answers)
    assert (again, answers[1].status_code) == (first, 404)


def test_what_could_not_be_done_for_our_sake_is_judged_anew(serve: Serve) -> None:
    refusals = [Refused("no_current_run", "No night has been published yet.")]

    def refuse_once(_store: Store, _now: datetime) -> dict[str, Any]:
        if refusals:
            raise refusals.pop()
        return {}

    browser = counting(serve(), before=refuse_once)
    answers = [browser.ask("POST", "/v1/counts/anna", idempotency_key="a").status_code for _ in range(2)]
    assert answers == [503, 201]


def test_a_defect_in_the_middle_leaves_nothing(serve: Serve, embedded_store: Store) -> None:
    def break_down(_store: Store, _now: datetime) -> dict[str, Any]:
        raise ZeroDivisionError

    browser = counting(serve(), before=break_down)
    assert browser.ask("POST", "/v1/counts/anna", idempotency_key="a").status_code == 500
    with embedded_store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM counted")).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM remembered_answers")).scalar_one() == 0


def test_every_write_is_in_the_audit_trail(serve: Serve, embedded_store: Store) -> None:
    browser = counting(serve())
    browser.ask("POST", "/v1/counts/anna", x_request_id="till-7.1")
    act = list(records(embedded_store))[-1]
    assert act[1:] == (all_keys(embedded_store)[0].key_id, "counted", "anna", "c_1", "till-7.1")


def test_a_replay_is_no_second_line_in_the_audit_trail(serve: Serve, embedded_store: Store) -> None:
    browser = counting(serve())
    for _ in range(2):
        browser.ask("POST", "/v1/counts/anna", idempotency_key="a")
    assert [act.action for act in records(embedded_store)] == ["key_created", "counted"]


def test_a_write_that_must_not_be_doubled_needs_a_key(serve: Serve) -> None:
    answer = counting(serve(), key_required=True).ask("POST", "/v1/counts/anna")
    assert (answer.status_code, answer.json()["key"]) == (400, "idempotency_key_missing")


def test_an_idempotency_key_has_at_most_255_characters(serve: Serve) -> None:
    answer = counting(serve()).ask("POST", "/v1/counts/anna", idempotency_key="a" * 256)
    assert (answer.status_code, answer.json()["key"]) == (422, "invalid_request")
