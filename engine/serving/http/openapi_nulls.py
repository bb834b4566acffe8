"""The OpenAPI description as the routes wrote it: FastAPI drops every null from it, also from the examples.

An answer with `"bundle": null` would be shown without `bundle`, and no longer fit its own schema.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute


def keep_nulls(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Put the examples of the routers' answers back into the app's description as they were written."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        page = described()
        for router in routers:
            for route in router.routes:
                if isinstance(route, APIRoute) and route.include_in_schema:
                    _put_back(route, page["paths"][route.path_format])
        return page

    # FastAPI's documented way to extend the page.
    app.openapi = openapi  # type: ignore[method-assign]


def _put_back(route: APIRoute, item: dict[str, Any]) -> None:
    for method in route.methods or ():
        for status, answer in route.responses.items():
            shown = item[method.lower()]["responses"][str(status)]
            for media, content in answer.get("content", {}).items():
                written = {name: content[name] for name in ("example", "examples") if name in content}
                shown["content"][media] |= written
