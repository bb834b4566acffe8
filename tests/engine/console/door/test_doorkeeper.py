import re
from pathlib import Path

import pytest

from engine.console.declared_pages import PAGES
from engine.domain.console_users import Role
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.access.audit import records
from tests.engine.console.conftest import OpenDesk

FOR_SOMEBODY = [one for one in PAGES if one.least is not None]


def filled(path: str) -> str:
    """A path with names that are nobody's, so that nothing is looked for under them."""
    return "/console" + re.sub(r"{\w+}", "a%5Cb", path)


@pytest.mark.parametrize("role", list(Role))
def test_no_role_gets_by_its_address_what_is_declared_for_a_higher_one(desk: OpenDesk, role: Role) -> None:
    someone = desk(role)
    for one in FOR_SOMEBODY:
        if one.path == "/sign-out":
            continue
        someone.get("/console")
        answer = (
            someone.get(filled(one.path))
            if one.method == "GET"
            else someone.post(filled(one.path), {"form_token": "of another page"})
        )
        may = one.least is not None and role.covers(one.least)
        refused = answer.status_code == 403 and "needs the role" in answer.text
        assert refused is not may, (one.method, one.path, answer.status_code)


def test_every_page_but_the_door_sends_a_stranger_to_the_door(desk: OpenDesk) -> None:
    stranger = desk()
    for one in FOR_SOMEBODY:
        stranger.get("/console/sign-in")
        answer = stranger.get(filled(one.path)) if one.method == "GET" else stranger.post(filled(one.path))
        assert answer.status_code == 303, one.path
        assert answer.headers["location"].startswith("/console/sign-in?next="), one.path


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"form_token": ""}, {}),
        ({"form_token": "0" * 64}, {}),
        ({}, {"sec_fetch_site": "cross-site"}),
        ({}, {"sec_fetch_site": "same-site"}),
    ],
)
def test_a_form_of_another_site_changes_nothing(
    desk: OpenDesk, fields: dict[str, str], headers: dict[str, str]
) -> None:
    someone = desk(Role.VIEWER)
    someone.get("/console")
    answer = someone.post("/console/sign-out", fields, **headers)
    assert answer.status_code == 403
    assert "The form is too old" in answer.text
    assert someone.get("/console").status_code == 200


def test_a_form_of_another_persons_page_changes_nothing(desk: OpenDesk) -> None:
    one, other = desk(Role.VIEWER), desk(Role.EDITOR)
    one.get("/console")
    other.shown = one.shown
    assert other.post("/console/sign-out").status_code == 403


def test_what_is_no_page_says_so_and_only_to_who_is_signed_in(desk: OpenDesk) -> None:
    assert desk(Role.VIEWER).get("/console/nothing/here").status_code == 404
    assert desk().get("/console/nothing/here").status_code == 303


def test_a_page_runs_no_script_and_nobody_frames_it(desk: OpenDesk) -> None:
    answer = desk(Role.VIEWER).get("/console")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert 'style="' not in answer.text


def test_the_console_is_not_there_where_the_setting_leaves_it_away(desk: OpenDesk) -> None:
    assert desk(console=False).get("/console").status_code == 404


def test_a_store_that_is_away_is_said(desk: OpenDesk, tmp_path: Path) -> None:
    away = desk(workspace=tmp_path / "nowhere", store_url=f"sqlite:///{tmp_path}/nowhere/store.db")
    answer = away.get("/console")
    assert answer.status_code == 503
    assert answer.text.startswith("The store does not answer.")


def test_a_refusal_is_in_the_audit_trail(desk: OpenDesk, tmp_path: Path) -> None:
    desk(Role.VIEWER).get("/console/customers")
    store = open_store(store_url_in(tmp_path))
    last = list(records(store))[-1]
    store.close()
    assert (last.actor, last.action, last.subject) == (
        "console viewer",
        "page_refused",
        "GET /customers",
    )
