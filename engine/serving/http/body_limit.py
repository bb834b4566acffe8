"""How large a body may be and how long it may take to arrive: a plain ASGI layer in front of every route."""

import asyncio

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.serving.http.json_once import can_be_read_otherwise
from engine.serving.http.problems import problem

# 500 lines of a basket, or 200 events, with ids of 128 ASCII characters each, written with all spaces.
LARGEST_BODY_BYTES = 262_144
SLOWEST_BODY_SECONDS = 10.0
_ONCE = "Expected JSON in UTF-8 that names each key of an object once."
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


class _Gone(Exception):
    """The client hung up before its body was whole."""


class BodyLimit:
    """Reads the body of a write before any route does, and refuses one that is too large, too slow, or ambiguous."""

    def __init__(self, app: ASGIApp, *, largest_bytes: int = LARGEST_BODY_BYTES) -> None:
        self.app = app
        self.largest_bytes = largest_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY:
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(SLOWEST_BODY_SECONDS):
                body = await self._whole(scope, receive)
        except TimeoutError:
            await _refused(scope, "body_too_slow")(scope, receive, send)
            return
        except _Gone:
            return
        if body is None:
            await _refused(scope, "body_too_large")(scope, receive, send)
            return
        if can_be_read_otherwise(body):
            await problem(Request(scope), "bad_request", _ONCE)(scope, receive, send)
            return
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return waiting.pop() if waiting else await receive()

        await self.app(scope, replay, send)

    async def _whole(self, scope: Scope, receive: Receive) -> bytes | None:
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self.largest_bytes:
            return None
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self.largest_bytes:
                return None
            if not message.get("more_body", False):
                return b"".join(parts)


def _refused(scope: Scope, key: str) -> Response:
    # The rest of the body is not read, so the connection cannot be used again.
    return problem(Request(scope), key, headers={"Connection": "close"})
