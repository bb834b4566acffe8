"""`/docs`: what the server answers, drawn from `/openapi.json`, with every request to try.

Swagger UI draws it. Its files come with the package fastapi-swagger, of which nothing else is used: they are served
from here, and a browser may load and ask nothing but this server.
"""

import hashlib
import re
from base64 import b64encode

from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)

# Addresses are relative to the page's, so that it also works where a proxy puts the server below a path.
_PAGE = bytes(
    get_swagger_ui_html(
        openapi_url="openapi.json",
        title="Abonement: what this server answers",
        swagger_js_url="docs/assets/swagger-ui-bundle.js",
        swagger_css_url="docs/assets/swagger-ui.css",
        swagger_favicon_url="docs/assets/favicon-32x32.png",
        # Swagger UI would send the description to swagger.io to have it checked.
        swagger_ui_parameters={"validatorUrl": None, "docExpansion": "list", "defaultModelsExpandDepth": 0},
    ).body
).decode()
_SCRIPT_HASHES = " ".join(
    f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
    for script in re.findall(r"<script>(.*?)</script>", _PAGE, re.DOTALL)
)
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; script-src 'self' {_SCRIPT_HASHES}; "
    "style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


@router.get("/docs")
def get_docs() -> Response:
    """Return the page."""
    return Response(_PAGE, headers=_HEADERS, media_type="text/html")


def install(app: FastAPI) -> None:
    """Serve the page and the files that it loads."""
    app.include_router(router)
    app.mount("/docs/assets", StaticFiles(packages=[("fastapi_swagger", "resources")]))
