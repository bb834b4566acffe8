"""A route that FastAPI documents and does not slow down.

Solving dependencies, checking arguments and building request and response objects take longer than the whole of a
login (docs/cost-of-serving.md). So this route reads the ASGI scope itself, checks the same things, and sends bytes.
"""

from typing import Any, NamedTuple

from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from engine.domain import access_keys
from engine.serving.access.gate import only_one
from engine.serving.http.outside_ids import check_id

_JSON = (b"content-type", b"application/json")


class ReadyAnswer(NamedTuple):
    """An answer as it goes over the wire."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class LoginRoute(APIRoute):
    """For an endpoint `(customer_id, here, caller, if_none_match) -> Ready` that needs the scope app."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.app = self._serve

    async def _serve(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request; what is refused is raised, and answered as everywhere."""
        state, asked = scope["app"].state, dict(scope["headers"])
        customer_id: str = scope["path_params"]["customer_id"]
        named = only_one(
            [value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"]
        )
        caller = await state.gate.let_in(named, access_keys.Scope.APP, scope["client"])
        await state.gate.check_customer(caller, customer_id)
        check_id(customer_id, "path.customer_id")
        known = _text(asked.get(b"if-none-match"))
        status, headers, body = await self.endpoint(customer_id, state.deployment, caller, known)
        if body:
            headers += (_JSON, (b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
