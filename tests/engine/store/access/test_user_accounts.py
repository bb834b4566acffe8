from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from engine.domain.console_users import Role
from engine.store import Store
from engine.store.access.audit import records
from engine.store.access.console_sessions import (
    IDLE,
    LONGEST,
    WINDOW,
    begin_session,
    end_session,
    must_wait,
    note_failure,
    session_of,
)
from engine.store.access.user_accounts import (
    add_user,
    all_users,
    disable_user,
    set_password,
    set_role,
    user_with,
)
from models.ground.errors import BadInput

NOON = datetime(2024, 3, 31, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PASSWORD = "correct horse battery"  # noqa: S105 - of a test


def anna(store: Store, role: Role = Role.EDITOR) -> None:
    add_user(store, "Anna", role, PASSWORD, now=NOON)


def signed_in(store: Store) -> str:
    user = user_with(store, "anna", PASSWORD)
    assert user is not None
    with store.writing() as connection:
        return begin_session(connection, user, now=NOON)


def test_a_user_is_found_by_name_and_password_whatever_the_case_of_the_name(store: Store) -> None:
    anna(store)
    found = user_with(store, " ANNA", PASSWORD)
    assert found is not None
    assert (found.name, found.role) == ("anna", Role.EDITOR)
    assert user_with(store, "anna", PASSWORD.upper()) is None
    assert user_with(store, "bert", PASSWORD) is None


def test_the_store_holds_an_argon2_hash_and_no_password(store: Store) -> None:
    anna(store)
    with store.reading() as connection:
        row = repr(tuple(connection.execute(text("SELECT * FROM console_users")).one()))
    assert "$argon2id$" in row
    assert PASSWORD not in row


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("", PASSWORD, "has 0 characters"),
        ("an\x00na", PASSWORD, "nobody can see"),
        ("anna", "short", "has 5 characters, expected 12 to 256"),
        ("anna", "aaaaaaaaaaaaaaa", "one character again and again"),
        ("annasannasanna", "AnnasAnnasAnna", "is the name"),
    ],
)
def test_a_name_or_password_that_is_none_is_refused(
    store: Store, name: str, password: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        add_user(store, name, Role.VIEWER, password, now=NOON)
    assert all_users(store) == ()


def test_a_name_is_taken_once(store: Store) -> None:
    anna(store)
    with pytest.raises(BadInput, match="There is a user anna already"):
        add_user(store, "ANNA", Role.ADMIN, PASSWORD, now=NOON)


def test_a_session_ends_when_it_is_idle_and_at_the_latest_after_half_a_day(store: Store) -> None:
    anna(store)
    token = signed_in(store)
    assert session_of(store, token, now=NOON + IDLE - MINUTE) is not None
    assert session_of(store, token, now=NOON + 2 * IDLE - 2 * MINUTE) is not None  # it was seen meanwhile
    assert session_of(store, token, now=NOON + 4 * IDLE) is None
    now = NOON
    while now < NOON + LONGEST - MINUTE:
        now += IDLE / 2
        lasts = session_of(store, token, now=now)
    assert lasts is None


def test_signing_out_ends_this_session_only(store: Store) -> None:
    anna(store)
    here, there = signed_in(store), signed_in(store)
    with store.writing() as connection:
        end_session(connection, here)
    assert session_of(store, here, now=NOON) is None
    assert session_of(store, there, now=NOON) is not None


def test_who_is_disabled_or_has_a_new_password_is_signed_out_everywhere(store: Store) -> None:
    anna(store)
    token = signed_in(store)
    set_password(store, "anna", f"{PASSWORD} staple", now=NOON)
    assert session_of(store, token, now=NOON) is None
    assert user_with(store, "anna", PASSWORD) is None
    disable_user(store, "anna", now=NOON)
    assert user_with(store, "anna", f"{PASSWORD} staple") is None


def test_another_role_counts_in_a_session_that_runs(store: Store) -> None:
    anna(store)
    token = signed_in(store)
    set_role(store, "anna", Role.VIEWER, now=NOON)
    session = session_of(store, token, now=NOON)
    assert session is not None
    assert session.user.role is Role.VIEWER


def test_ten_wrong_passwords_of_a_name_at_an_address_make_it_wait_there_for_a_quarter_of_an_hour(
    store: Store,
) -> None:
    for _ in range(10):
        assert not must_wait(store, "anna", "10.0.0.1", now=NOON)
        with store.writing() as connection:
            note_failure(connection, "anna", "10.0.0.1", now=NOON)
    assert must_wait(store, "anna", "10.0.0.1", now=NOON)
    assert not must_wait(store, "anna", "10.0.0.2", now=NOON)
    assert not must_wait(store, "bert", "10.0.0.1", now=NOON)
    assert not must_wait(store, "anna", "10.0.0.1", now=NOON + WINDOW)


def test_an_address_that_tries_many_names_has_to_wait_with_all_of_them(store: Store) -> None:
    with store.writing() as connection:
        for number in range(50):
            note_failure(connection, f"user {number}", "10.0.0.1", now=NOON)
    assert must_wait(store, "anna", "10.0.0.1", now=NOON)
    assert not must_wait(store, "anna", "10.0.0.2", now=NOON)


def test_what_is_done_to_users_is_in_the_audit_trail(store: Store) -> None:
    anna(store)
    set_role(store, "anna", Role.ADMIN, now=NOON)
    disable_user(store, "anna", now=NOON)
    with pytest.raises(BadInput, match="no user anna who may sign in"):
        set_role(store, "anna", Role.VIEWER, now=NOON)
    assert [(act.action, act.subject) for act in records(store)] == [
        ("user_added", "anna editor"),
        ("user_role", "anna admin"),
        ("user_disabled", "anna"),
    ]
