"""How a page is answered: its template in the frame, with headers that let it load nothing and be framed by nobody."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from engine.console.frame.texts import LANGUAGES
from engine.console.frame.visit import ADDRESS, ConsoleVisit
from engine.domain.console_users import Role
from models.pages.rendering import render, style_hash

STYLE = "engine/console/frame/console.css"
COOKIE = "abonement_console"
# In the order of a working day; a page that the visitor's role does not reach is not shown.
PLACES = (
    ("today", "", Role.VIEWER),
    ("nights", "nights", Role.VIEWER),
    ("customers", "customers", Role.SERVICE_DESK),
    ("programme", "programme", Role.VIEWER),
    ("products", "products", Role.VIEWER),
)


def page(
    visit: ConsoleVisit,
    template: str,
    title: str,
    *,
    status: int = HTTPStatus.OK,
    refresh: int = 0,
    **values: Any,
) -> Response:
    """Return a page of the console.

    Args:
        visit: who asked.
        template: by its place in the product; it extends `engine/console/frame/frame.html`.
        title: the page's heading, too.
        status: of the answer.
        refresh: after how many seconds the page asks for itself again, 0 for never.
        values: what the template needs beside what the frame has.

    """
    texts = visit.texts
    here = visit.path.removeprefix(ADDRESS).strip("/").partition("/")[0]
    said = visit.query.get("said", "")
    body = render(
        template,
        title=title,
        lang=texts.language,
        t=texts,
        visit=visit,
        form_token=Markup('<input type="hidden" name="form_token" value="{}">').format(visit.form_token),
        places=[
            {"name": texts(f"places.{name}"), "address": address_of(place), "is_here": place == here}
            for name, place, least in PLACES
            if visit.may(least)
        ],
        languages=[(code, name) for code, name in LANGUAGES.items() if code != texts.language],
        said=texts(f"said.{said}") if texts.has(f"said.{said}") else "",
        refresh=refresh,
        address_of=address_of,
        **values,
    )
    return Response(body, status_code=status, headers=page_headers(), media_type="text/html")


def address_of(*parts: str, **query: str) -> str:
    """The address of a page of the console: `address_of("nights", "2017-12-04.1")`."""
    path = "/".join([ADDRESS, *(quote(part, safe="") for part in parts if part)])
    return f"{path}?{urlencode(query)}" if query else path


def go_to(*parts: str, **query: str) -> Response:
    """Send the browser to another page of the console, as after every form."""
    return RedirectResponse(address_of(*parts, **query), HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


def page_headers() -> dict[str, str]:
    """The page loads nothing from anywhere, runs no script, and what it says stays in no cache."""
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src {style_hash()} {style_hash(STYLE)}; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
