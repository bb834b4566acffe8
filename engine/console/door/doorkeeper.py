"""What stands before every page of the console: who asks, may they, did the form come from us; and errors as pages."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from engine.console.door.form_token import form_token_of, is_ours
from engine.console.door.sign_in_page import LANGUAGE_COOKIE
from engine.console.frame.shown_page import COOKIE, address_of, go_to, page
from engine.console.frame.texts import language_of, texts_in
from engine.console.frame.visit import ADDRESS, Console, ConsoleVisit
from engine.domain.console_users import Role
from engine.domain.offer_errors import OfferError
from engine.store.access.audit import keep_record
from engine.store.access.console_sessions import new_token, session_of
from models.ground.errors import AbonementError, StoreBusy, StoreUnreachable

PAGE = "engine/console/door/no_page.html"
_MOST_FIELDS = 200
# Pages wait for each other rather than for tills: at most these threads of a process are the console's.
_THREADS = 4

Answers = Callable[[ConsoleVisit], Response]


class DeclaredPage(NamedTuple):
    """A page: how it is asked for, what answers it, and the least role that may; None for everybody."""

    method: str
    path: str  # below the console's address
    answers: Answers
    least: Role | None


class Doorkeeper:
    """Answers requests for declared pages, away from the event loop."""

    def __init__(self, here: Console) -> None:
        self._here = here
        self._threads = ThreadPoolExecutor(_THREADS, "console")

    def route(self, declared: DeclaredPage) -> Route:
        """By which the server asks for a page."""

        async def answer(request: Request) -> Response:
            request.scope["route"] = route  # for the log, which has templates and never paths
            body = await request.body() if request.method == "POST" else b""
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._answer, declared, request, body)

        route = Route(f"{ADDRESS}{declared.path}", answer, methods=[declared.method])
        return route

    def _answer(self, declared: DeclaredPage, request: Request, body: bytes) -> Response:
        texts = texts_in(
            request.cookies.get(LANGUAGE_COOKIE) or language_of(request.headers.get("accept-language", ""))
        )
        try:
            store = self._here.store()
            token = request.cookies.get(COOKIE, "")
            session = session_of(store, token, now=datetime.now(UTC)) if token else None
        except AbonementError:
            return PlainTextResponse(texts("door.store_away"), HTTPStatus.SERVICE_UNAVAILABLE)
        token = token or new_token()
        visit = ConsoleVisit(
            here=self._here,
            store=store,
            path=request.url.path,
            names=request.path_params,
            query=dict(request.query_params),
            form=_fields(body),
            texts=texts,
            user=None if session is None else session.user,
            token=token,
            form_token=form_token_of(token),
            address="" if request.client is None else request.client.host,
            request_id=str(request.scope.get("request_id", "")),
            is_secure=request.url.scheme == "https" or self._here.settings.public_url.startswith("https://"),
        )
        return _let_in(declared, visit, request)


def _let_in(declared: DeclaredPage, visit: ConsoleVisit, request: Request) -> Response:
    if declared.least is not None and visit.user is None:
        asked = visit.path + (f"?{request.url.query}" if request.url.query else "")
        return go_to("sign-in", next=asked if declared.method == "GET" else ADDRESS)
    if declared.least is not None and not visit.may(declared.least):
        with visit.store.writing() as connection:
            keep_record(connection, visit.act("page_refused", subject=f"{declared.method} {declared.path}"))
        needed = visit.texts(f"roles.{declared.least}")
        return no_page(visit, HTTPStatus.FORBIDDEN, "door.not_allowed", role=needed)
    if declared.method == "POST" and not is_ours(
        visit.form, request.cookies.get(COOKIE, ""), request.headers
    ):
        return no_page(visit, HTTPStatus.FORBIDDEN, "door.old_form")
    try:
        return declared.answers(visit)
    except (StoreUnreachable, StoreBusy) as error:
        return no_page(
            visit, HTTPStatus.SERVICE_UNAVAILABLE, "door.refused", sentence=str(error), back=_back(request)
        )
    except (AbonementError, OfferError) as error:
        return no_page(
            visit, HTTPStatus.UNPROCESSABLE_ENTITY, "door.refused", sentence=str(error), back=_back(request)
        )


def no_page(visit: ConsoleVisit, status: int, message: str, *, back: str = "", **values: str) -> Response:
    """Say in the frame why there is not the page that was asked for."""
    return page(
        visit,
        PAGE,
        visit.texts(f"{message}.title"),
        status=status,
        says=visit.texts(f"{message}.says", **values),
        back=back or address_of(),
    )


def not_found(visit: ConsoleVisit) -> Response:
    """Answer for an address of the console at which there is nothing."""
    return no_page(visit, HTTPStatus.NOT_FOUND, "door.not_found")


def _back(request: Request) -> str:
    """The page whose form failed, as the browser says it; only the path, and only ours."""
    path = urlsplit(request.headers.get("referer", "")).path
    return path if path == ADDRESS or path.startswith(f"{ADDRESS}/") else ""


def _fields(body: bytes) -> dict[str, str]:
    """A form's fields, the first of those that were sent twice; nothing of a body that is no form."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return dict(reversed(pairs))
