"""How errors look: RFC 9457, with a `key` that programs compare and a `request_id` that is in the log.

404 not_found              no such resource here
405 method_not_allowed
422 invalid_request        an argument is not what was expected
500 internal_error         a defect of ours
503 store_unreachable      the database does not answer; Retry-After says when to ask again
503 no_current_run         no night has been published yet
"""

from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from engine.domain.errors import OfferError
from engine.serving.schemas import Problem

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
TITLES = {
    "not_found": "There is nothing here",
    "method_not_allowed": "This method does not exist here",
    "invalid_request": "An argument is not what was expected",
    "internal_error": "Something went wrong on our side",
    "store_unreachable": "The store does not answer",
    "no_current_run": "No night has been published yet",
}
_log = structlog.get_logger("engine.serving")


def problem(request: Request, status: int, key: str, detail: str) -> Response:
    """Return the error as a response."""
    body = Problem(
        type=f"urn:abonement:problem:{key}",
        title=TITLES[key],
        status=status,
        detail=detail,
        key=key,
        request_id=request.scope.get("request_id", ""),
    )
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else None  # noqa: PLR2004 - HTTP
    return Response(body.model_dump_json(), status, headers, MEDIA_TYPE)


def documented(*errors: tuple[int, str, str]) -> dict[int | str, dict[str, Any]]:
    """Describe the problems of a route, (status, key, detail) each, with an example for the OpenAPI page."""
    pages: dict[int | str, dict[str, Any]] = {}
    for status, key, detail in errors:
        page = pages.setdefault(
            status,
            {
                "description": TITLES[key],
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        page["content"][MEDIA_TYPE]["examples"][key] = {
            "value": {
                "type": f"urn:abonement:problem:{key}",
                "title": TITLES[key],
                "status": status,
                "detail": detail,
                "key": key,
                "request_id": "4f1c2a9b8d7e6f50",
            }
        }
    return pages


def install(app: FastAPI) -> None:
    """Answer every error of the app as a problem, and describe the shape on the OpenAPI page."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        page = described()
        page["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        return page

    # FastAPI's documented way to extend the page.
    app.openapi = openapi  # type: ignore[method-assign]

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        key = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
        return problem(request, error.status_code, key, "See /docs for what this server answers.")

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        # The values themselves stay out of the answer: they may be a customer's.
        places = "; ".join(
            f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()
        )
        return problem(request, 422, "invalid_request", places)

    @app.exception_handler(OfferError)
    async def on_store(request: Request, error: OfferError) -> Response:
        _log.error("store_failed", error=str(error), request_id=request.scope.get("request_id", ""))
        return problem(request, 503, "store_unreachable", "Ask again in a few seconds.")

    @app.exception_handler(Exception)
    async def on_defect(request: Request, error: Exception) -> Response:
        _log.error("defect", error=type(error).__name__, request_id=request.scope.get("request_id", ""))
        return problem(request, 500, "internal_error", "The request id finds the reason in the server's log.")
