"""Who is signed in to the console: a random token in the browser, its fingerprint and two ends in the store."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from engine.domain.console_users import ConsoleUser, Role
from engine.store.database.store import Store
from engine.store.schema import moment, moment_us
from engine.store.schema.console_tables import console_sessions, console_users, failed_sign_ins

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
# How stale "last seen" may be: not every page is a write.
_NOTED_EVERY = timedelta(minutes=1)

WINDOW = timedelta(minutes=15)
# Ten for a person at their desk. An address may stand for an office; a name may be tried from many addresses, and whoever
# does that shall not be able to keep its owner out for long at the owner's own desk.
MOST_HERE, MOST_OF_ADDRESS, MOST_OF_NAME = 10, 50, 200


class SignedIn(NamedTuple):
    """A browser that is signed in."""

    user: ConsoleUser
    ends_at: datetime


def new_token() -> str:
    """What a browser holds: 256 random bits."""
    return secrets.token_urlsafe(32)


def begin_session(connection: Connection, user: ConsoleUser, *, now: datetime) -> str:
    """Sign a user in and return the token for their browser, which is new every time."""
    token = new_token()
    connection.execute(
        insert(console_sessions).values(
            fingerprint=_fingerprint(token),
            user_id=user.user_id,
            created_us=moment_us(now),
            seen_us=moment_us(now),
            ends_us=moment_us(now + LONGEST),
        )
    )
    return token


def session_of(store: Store, token: str, *, now: datetime) -> SignedIn | None:
    """Whose browser holds the token; None where it has ended, was idle for too long, or its user may sign in no more."""
    users, sessions = console_users, console_sessions
    query = (
        select(
            users.c.user_id,
            users.c.name,
            users.c.role,
            users.c.created_us,
            sessions.c.seen_us,
            sessions.c.ends_us,
        )
        .join(users, users.c.user_id == sessions.c.user_id)
        .where(sessions.c.fingerprint == _fingerprint(token), users.c.disabled_us.is_(None))
    )
    with store.reading() as connection:
        row = connection.execute(query).first()
    if row is None or moment(row.ends_us) <= now or moment(row.seen_us) + IDLE <= now:
        return None
    if moment(row.seen_us) + _NOTED_EVERY <= now:
        with store.writing() as connection:
            one = sessions.c.fingerprint == _fingerprint(token)
            connection.execute(update(sessions).where(one).values(seen_us=moment_us(now)))
    user = ConsoleUser(row.user_id, row.name, Role(row.role), moment(row.created_us), None)
    return SignedIn(user, moment(row.ends_us))


def end_session(connection: Connection, token: str) -> None:
    """Sign a browser out."""
    connection.execute(delete(console_sessions).where(console_sessions.c.fingerprint == _fingerprint(token)))


def end_sessions_of(connection: Connection, user_id: str) -> None:
    """Sign a user out everywhere."""
    connection.execute(delete(console_sessions).where(console_sessions.c.user_id == user_id))


def note_failure(connection: Connection, name: str, address: str, *, now: datetime) -> None:
    """Count a wrong password."""
    connection.execute(insert(failed_sign_ins).values(name=name, address=address, at_us=moment_us(now)))


def must_wait(store: Store, name: str, address: str, *, now: datetime) -> bool:
    """Whether there were too many wrong passwords in the last quarter of an hour: of this name here, of either alone."""
    failed = failed_sign_ins
    of_name, of_address = failed.c.name == name, failed.c.address == address
    query = select(
        func.count().filter(of_name, of_address),
        func.count().filter(of_address),
        func.count().filter(of_name),
    ).where(failed.c.at_us > moment_us(now - WINDOW), or_(of_name, of_address))
    with store.reading() as connection:
        here, address_wide, name_wide = connection.execute(query).one()
    return bool(here >= MOST_HERE or address_wide >= MOST_OF_ADDRESS or name_wide >= MOST_OF_NAME)


def _fingerprint(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
