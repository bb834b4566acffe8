"""People who may sign in to the console: made, found, changed. The store keeps an argon2id hash of a password only.

A password is what people choose, so unlike a server key it needs a slow hash; a process computes one at a time, since each
takes 64 MiB and a twentieth of a second.
"""

import secrets
import threading
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from engine.domain.console_users import (
    LONGEST_PASSWORD,
    ConsoleUser,
    Role,
    login_name,
    wrong_with_name,
    wrong_with_password,
)
from engine.store.access.audit import Act, keep_record
from engine.store.access.console_sessions import end_sessions_of
from engine.store.database.store import Store, insert_unless_there
from engine.store.schema import moment, moment_us
from engine.store.schema.console_tables import console_users
from models.ground.errors import BadInput

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_ACTOR = "abonement user"
_USER = tuple(column for column in console_users.c if column.name != "password_hash")
_ONE_AT_A_TIME = threading.Lock()


def add_user(store: Store, name: str, role: Role, password: str, *, now: datetime) -> ConsoleUser:
    """Make a user; BadInput for a name that is taken or none, or a password that is too weak."""
    name = login_name(name)
    _refuse(f"The name {name!r}", wrong_with_name(name))
    _refuse("The password", wrong_with_password(password, name))
    user = ConsoleUser(f"u_{secrets.token_hex(6)}", name, role, now, None)
    row = {
        "user_id": user.user_id,
        "name": name,
        "role": role.value,
        "password_hash": _hashed(password),
        "created_us": moment_us(now),
    }
    with store.writing() as connection:
        if not insert_unless_there(connection, console_users, row):
            raise BadInput(f"There is a user {name} already; `abonement user list` shows all of them.")
        _record(connection, "user_added", name, now, role.value)
    return user


def all_users(store: Store) -> tuple[ConsoleUser, ...]:
    """Everybody in the order of their names, disabled ones too."""
    with store.reading() as connection:
        rows = connection.execute(select(*_USER).order_by(console_users.c.name))
        return tuple(map(_user, rows))


def user_with(store: Store, name: str, password: str) -> ConsoleUser | None:
    """The user of that name whose password this is, None for everybody else; a disabled one is nobody.

    A name that is nobody's costs as much time as a wrong password, so that it does not tell who exists.
    """
    query = select(*_USER, console_users.c.password_hash).where(console_users.c.name == login_name(name))
    with store.reading() as connection:
        row = connection.execute(query).first()
    kept = _nobodys_hash() if row is None or row.disabled_us is not None else row.password_hash
    right = _is_right(kept, password)
    return _user(row[:-1]) if row is not None and row.disabled_us is None and right else None


def set_role(store: Store, name: str, role: Role, *, now: datetime) -> ConsoleUser:
    """Give a user another role, from their next page on; BadInput for nobody."""
    return _change(store, name, "user_role", {"role": role.value}, now, subject=role.value)


def set_password(store: Store, name: str, password: str, *, now: datetime) -> ConsoleUser:
    """Give a user another password and sign them out everywhere; BadInput for nobody or a weak one."""
    _refuse("The password", wrong_with_password(password, login_name(name)))
    return _change(store, name, "user_password", {"password_hash": _hashed(password)}, now, signs_out=True)


def disable_user(store: Store, name: str, *, now: datetime) -> ConsoleUser:
    """Let a user in no more and sign them out everywhere; their name stays, for the audit trail. BadInput for nobody."""
    return _change(store, name, "user_disabled", {"disabled_us": moment_us(now)}, now, signs_out=True)


def _change(
    store: Store,
    name: str,
    action: str,
    values: dict[str, Any],
    now: datetime,
    *,
    subject: str = "",
    signs_out: bool = False,
) -> ConsoleUser:
    name = login_name(name)
    with store.writing() as connection:
        row = connection.execute(select(*_USER).where(console_users.c.name == name)).first()
        if row is None or row.disabled_us is not None:
            raise BadInput(
                f"There is no user {name} who may sign in; `abonement user list` shows who there is."
            )
        connection.execute(update(console_users).where(console_users.c.name == name).values(**values))
        if signs_out:
            end_sessions_of(connection, row.user_id)
        _record(connection, action, name, now, subject)
        return _user(connection.execute(select(*_USER).where(console_users.c.name == name)).one())


def _record(connection: Connection, action: str, name: str, now: datetime, subject: str) -> None:
    keep_record(connection, Act(now, _ACTOR, action, subject=f"{name} {subject}".strip()))


def _refuse(what: str, wrong: str | None) -> None:
    if wrong is not None:
        raise BadInput(f"{what} {wrong}. Nothing was changed.")


def _user(row: Iterable[Any]) -> ConsoleUser:
    user_id, name, role, created, disabled = row
    return ConsoleUser(
        user_id, name, Role(role), moment(created), None if disabled is None else moment(disabled)
    )


@lru_cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # a server that nobody signs in to need not wait for it

    return PasswordHasher()


def _hashed(password: str) -> str:
    with _ONE_AT_A_TIME:
        return _hasher().hash(password)


@lru_cache
def _nobodys_hash() -> str:
    return _hashed(secrets.token_urlsafe())


def _is_right(kept: str, password: str) -> bool:
    from argon2.exceptions import VerificationError

    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        with _ONE_AT_A_TIME:
            return _hasher().verify(kept, password)
    except VerificationError:
        return False
