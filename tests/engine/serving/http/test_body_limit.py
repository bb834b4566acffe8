import asyncio
from typing import Any

import pytest

from engine.serving.http.body_limit import BodyLimit
from tests.engine.serving.conftest import Serve


def test_a_body_that_says_it_is_too_large_is_refused(serve: Serve) -> None:
    answer = serve().ask("POST", "/v1/tokens", b" " * 262_145)
    assert (answer.status_code, answer.json()["key"]) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"


def test_a_refused_body_has_a_request_id_as_every_answer(serve: Serve) -> None:
    answer = serve().ask("POST", "/v1/tokens", b" " * 262_145, x_request_id="till-1")
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "till-1"


def ask(
    parts: list[dict[str, Any]], headers: list[tuple[bytes, bytes]] | None = None
) -> tuple[list[Any], bytes]:
    """What a layer with room for 10 bytes answers to a body that arrives in parts, and what it lets through."""
    sent: list[Any] = []
    passed: list[bytes] = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        passed.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Any:
        return parts.pop(0) if parts else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers or []}
    asyncio.run(BodyLimit(app, largest_bytes=10)(scope, receive, send))
    return [message["status"] for message in sent if "status" in message], b"".join(passed)


def part(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_of_the_largest_size_goes_through_in_one_piece() -> None:
    assert ask([part(b"12345", more=True), part(b"67890", more=False)]) == ([200], b"1234567890")


def test_a_body_that_does_not_say_how_long_it_is_is_counted() -> None:
    assert ask([part(b"123456", more=True), part(b"789012", more=True)]) == ([413], b"")


def test_a_length_that_is_no_number_is_refused() -> None:
    assert ask([part(b"", more=False)], [(b"content-length", b"-1")]) == ([413], b"")


def test_a_body_that_does_not_arrive_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.serving.http.body_limit.SLOWEST_BODY_SECONDS", 0.0)
    assert ask([part(b"1", more=True)]) == ([408], b"")


def test_a_client_that_hangs_up_half_way_reaches_no_route() -> None:
    assert ask([part(b"1", more=True), {"type": "http.disconnect"}]) == ([], b"")
