from pathlib import Path

import pytest

from engine.domain.console_users import Role
from engine.settings import store_url_in
from engine.store import Store, open_store
from engine.store.access.audit import records
from tests.engine.console.conftest import PASSWORD, OpenDesk

COOKIE = "abonement_console"


def test_who_is_not_signed_in_is_asked_to_and_then_sent_to_where_they_wanted(desk: OpenDesk) -> None:
    someone = desk(Role.VIEWER)
    someone.cookies.clear()
    asked = someone.get("/console/nights/2017-12-04.1?q=a")
    assert asked.headers["location"] == "/console/sign-in?next=%2Fconsole%2Fnights%2F2017-12-04.1%3Fq%3Da"
    someone.get(asked.headers["location"])
    let_in = someone.post(
        "/console/sign-in",
        {"name": "Viewer", "password": PASSWORD, "next": "/console/nights/2017-12-04.1?q=a"},
    )
    assert let_in.headers["location"] == "/console/nights/2017-12-04.1?q=a"
    assert someone.get("/console").status_code == 200


def test_before_the_first_user_the_page_says_how_to_make_one(desk: OpenDesk) -> None:
    assert "abonement user add NAME --role admin" in desk().reads("/console/sign-in")


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/console",
        "//evil.example",
        "/\\evil.example",
        "/console/../v1/runs",
        "/console//evil.example",
        "/consolevil",
        "javascript:alert(1)",
        "/console\r\nSet-Cookie: a=b",
        "/v1/runs",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(desk: OpenDesk, there: str) -> None:
    someone = desk(Role.VIEWER)
    someone.cookies.clear()
    someone.get("/console/sign-in")
    answer = someone.post("/console/sign-in", {"name": "viewer", "password": PASSWORD, "next": there})
    assert answer.headers["location"] == "/console"


def test_a_token_from_before_signing_in_is_none_afterwards(desk: OpenDesk) -> None:
    someone = desk(Role.VIEWER)
    someone.cookies.clear()
    someone.get("/console/sign-in")
    fixed = someone.cookies[COOKIE]
    someone.post("/console/sign-in", {"name": "viewer", "password": PASSWORD})
    assert someone.cookies[COOKIE] != fixed
    thief = desk()
    thief.cookies.set(COOKIE, fixed, domain="console.example", path="/console")
    assert thief.get("/console").status_code == 303


def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(desk: OpenDesk) -> None:
    answer = desk().get("/console/sign-in")
    cookie = answer.headers["set-cookie"].lower()
    assert all(
        word in cookie for word in ("httponly", "samesite=lax", "secure", "path=/console", "max-age=43200")
    )


def test_signing_out_ends_the_session_on_the_server(desk: OpenDesk) -> None:
    someone = desk(Role.VIEWER)
    token = someone.cookies[COOKIE]
    someone.get("/console")
    assert someone.post("/console/sign-out").headers["location"] == "/console/sign-in"
    someone.cookies.set(COOKIE, token, domain="console.example", path="/console")
    assert someone.get("/console").status_code == 303


def test_after_ten_wrong_passwords_the_right_one_has_to_wait_here_and_is_let_in_elsewhere(
    desk: OpenDesk, tmp_path: Path
) -> None:
    here, elsewhere = desk(Role.VIEWER), desk()
    here.cookies.clear()
    statuses = [here.sign_in("viewer", "wrong wrong wrong").status_code for _ in range(10)]
    assert statuses == [401] * 10
    refused = here.sign_in("viewer")
    assert refused.status_code == 429
    assert "Too many wrong passwords" in refused.text
    elsewhere.address = "10.0.0.2"
    assert elsewhere.sign_in("viewer").status_code == 303
    store = open_store(store_url_in(tmp_path))
    told = [(act.action, act.subject) for act in records(store)]
    store.close()
    assert told.count(("sign_in_refused", "viewer from 10.0.0.1")) == 10
    assert told[-1] == ("signed_in", "viewer from 10.0.0.2")


def test_a_wrong_password_and_a_name_that_is_nobodys_read_alike(desk: OpenDesk) -> None:
    someone = desk(Role.VIEWER)
    someone.cookies.clear()
    first, second = (someone.sign_in(name, "wrong wrong wrong") for name in ("viewer", "nobody"))
    assert first.status_code == second.status_code == 401
    assert first.text.replace("viewer", "nobody").count("is wrong") == second.text.count("is wrong") == 1


def test_what_was_typed_as_a_name_is_shown_as_text(desk: OpenDesk) -> None:
    answer = desk().sign_in('"><script>alert(1)</script>')
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_name_that_no_database_could_hold_is_wrong_and_no_more(desk: OpenDesk, store: Store) -> None:
    someone = desk(store_url=store.engine.url.render_as_string(hide_password=False))
    assert someone.sign_in("a\x00b\n").status_code == 401


def test_the_pages_speak_german_where_the_browser_or_its_owner_asks_for_it(desk: OpenDesk) -> None:
    someone = desk()
    assert "Anmelden" in someone.get("/console/sign-in", accept_language="de-AT,en;q=0.5").text
    someone.get("/console/sign-in")
    someone.post("/console/language", {"language": "de", "next": "/console/sign-in"})
    answer = someone.get("/console/sign-in", accept_language="en")
    assert '<html lang="de">' in answer.text
    assert "Anmelden" in answer.text
