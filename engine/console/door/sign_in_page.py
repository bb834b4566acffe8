"""Signing in and out, and choosing the language of the pages."""

from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from engine.console.door.own_addresses import own_address
from engine.console.frame.shown_page import COOKIE, go_to, page
from engine.console.frame.texts import LANGUAGES
from engine.console.frame.visit import ADDRESS, ConsoleVisit
from engine.domain.console_users import LONGEST_NAME, login_name
from engine.store.access.audit import keep_record
from engine.store.access.console_sessions import (
    LONGEST,
    begin_session,
    end_session,
    must_wait,
    note_failure,
)
from engine.store.access.user_accounts import all_users, user_with

PAGE = "engine/console/door/sign_in.html"
LANGUAGE_COOKIE = "abonement_language"
_A_YEAR = 365 * 86_400


def ask_to_sign_in(visit: ConsoleVisit) -> Response:
    """Show the form; a browser that holds nothing yet gets a token, by which the form is known to be ours."""
    if visit.user is not None:
        return go_to()
    return _form(visit, own_address(visit.query.get("next", "")))


def sign_in(visit: ConsoleVisit) -> Response:
    """Let somebody in who knows their password; their browser gets a new token, whatever it held before."""
    # Nobody's name has what cannot be seen, and PostgreSQL could not even keep it among the wrong ones.
    typed = "".join(one for one in visit.form.get("name", "") if one.isprintable())
    name, there = login_name(typed)[:LONGEST_NAME], own_address(visit.form.get("next", ""))
    now = datetime.now(UTC)
    if must_wait(visit.store, name, visit.address, now=now):
        return _form(visit, there, name, "door.wait", HTTPStatus.TOO_MANY_REQUESTS)
    user = user_with(visit.store, name, visit.form.get("password", ""))
    if user is None:
        with visit.store.writing() as connection:
            note_failure(connection, name, visit.address, now=now)
            keep_record(connection, visit.act("sign_in_refused", subject=f"{name} from {visit.address}"))
        return _form(visit, there, name, "door.wrong", HTTPStatus.UNAUTHORIZED)
    with visit.store.writing() as connection:
        end_session(connection, visit.token)
        token = begin_session(connection, user, now=now)
        keep_record(connection, visit.act("signed_in", subject=f"{user.name} from {visit.address}"))
    answer = RedirectResponse(there, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    _give(answer, visit, token)
    return answer


def sign_out(visit: ConsoleVisit) -> Response:
    """End this browser's session."""
    with visit.store.writing() as connection:
        end_session(connection, visit.token)
        keep_record(connection, visit.act("signed_out"))
    answer = go_to("sign-in")
    answer.delete_cookie(COOKIE, path=ADDRESS)
    return answer


def choose_language(visit: ConsoleVisit) -> Response:
    """Show the pages in another language from now on."""
    asked = visit.form.get("language", "")
    there = urlsplit(own_address(visit.form.get("next", ""))).path
    answer = RedirectResponse(there, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    if asked in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE,
            asked,
            _A_YEAR,
            path=ADDRESS,
            secure=visit.is_secure,
            httponly=True,
            samesite="lax",
        )
    return answer


def _form(
    visit: ConsoleVisit, there: str, name: str = "", wrong: str = "", status: int = HTTPStatus.OK
) -> Response:
    answer = page(
        visit,
        PAGE,
        visit.texts("door.heading"),
        status=status,
        next=there,
        name=name,
        wrong=visit.texts(wrong) if wrong else "",
        has_users=bool(all_users(visit.store)),
    )
    _give(answer, visit, visit.token)
    return answer


def _give(answer: Response, visit: ConsoleVisit, token: str) -> None:
    answer.set_cookie(
        COOKIE,
        token,
        int(LONGEST.total_seconds()),
        path=ADDRESS,
        secure=visit.is_secure,
        httponly=True,
        samesite="lax",
    )
