"""Structured logs without customer data: one JSON line per request, with the route and never the path.

A path holds a customer's id, so uvicorn's own access log is switched off and the route's template is logged. What an
exception says may hold one too, so of a defect the log has its kind and where in the code it happened, and no more.
"""

import logging
import re
import secrets
import sys
import time
import traceback
from functools import lru_cache
from typing import Any

import structlog
from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.serving.http.counters import REQUEST_SECONDS

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HEADER = b"x-request-id"
_ACCEPTED = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_log = structlog.get_logger("engine.serving")


def configure_logs() -> None:
    """Write JSON lines to standard error and silence the access log that would print paths."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False
    for name in ("uvicorn.error", "asyncio"):  # who tells of exceptions that nobody took
        loud = logging.getLogger(name)
        if not any(isinstance(known, _WithoutValues) for known in loud.filters):
            loud.addFilter(_WithoutValues())


class _WithoutValues(logging.Filter):
    """Tells of an exception where it happened and of which kind it is, and not what it says."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without values."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is not None:
            lines = [line for one in _chain(error) for line in _where(one)]
            record.msg = f"{record.getMessage().splitlines()[0].strip()}\n{''.join(lines)}"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True


def _chain(error: BaseException) -> list[BaseException]:
    """The exception and those it came from, the first one first."""
    found: list[BaseException] = []
    last: BaseException | None = error
    while last is not None and last not in found:
        found.insert(0, last)
        last = last.__cause__ or last.__context__
    return found


def _where(error: BaseException) -> list[str]:
    return [*traceback.format_tb(error.__traceback__), f"{type(error).__name__}\n"]


class RequestLog:
    """Gives every request an id, answers it in `X-Request-Id`, and writes one line about it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope["request_id"] = _request_id(scope)
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (_HEADER, request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started
            method, route = scope["method"], _route(scope)
            _observed(method, route, status).observe(seconds)
            _log.info(
                "request",
                method=method,
                route=route,
                status=status,
                milliseconds=round(seconds * 1000, 3),
                request_id=request_id,
            )


@lru_cache(maxsize=1024)  # finding a metric by its labels takes longer than counting
def _observed(method: str, route: str, status: int) -> Histogram:
    return REQUEST_SECONDS.labels(method if method in _METHODS else "other", route, str(status))


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == _HEADER and _ACCEPTED.fullmatch(value):
            given: bytes = value
            return given.decode()
    return secrets.token_hex(8)


def _route(scope: Scope) -> str:
    route: Any = scope.get("route")
    return getattr(route, "path", "none")
