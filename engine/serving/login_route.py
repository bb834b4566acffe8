"""A route that FastAPI documents and does not slow down.

Solving dependencies and checking arguments take FastAPI as long as the whole of a login (docs/cost-of-serving.md),
so this route gives the endpoint its three arguments itself, checked the same way.
"""

from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.routing import request_response

from engine.domain.access import Scope
from engine.domain.errors import Refused
from engine.serving.access import caller_of
from engine.serving.schemas import LONGEST_CUSTOMER_ID


class LoginRoute(APIRoute):
    """For an endpoint `(customer_id, request, caller) -> response` that needs the scope app."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Starlette's own wrapping: without the two exit stacks in which FastAPI would close dependencies.
        self.app = request_response(self._answer)

    async def _answer(self, request: Request) -> Response:
        customer_id = request.path_params["customer_id"]
        if len(customer_id) > LONGEST_CUSTOMER_ID:
            said = f"path.customer_id: String should have at most {LONGEST_CUSTOMER_ID} characters"
            raise Refused("invalid_request", said)
        answer: Response = await self.endpoint(customer_id, request, caller_of(request, Scope.APP))
        return answer
