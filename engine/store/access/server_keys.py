"""Server keys: made, found at every request, rotated and revoked. The store keeps a key's fingerprint only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from engine.domain.access_keys import AccessKey, Scope, fingerprint, new_key_id, new_secret
from engine.store.access.audit import Act, keep_record
from engine.store.database.store import Store
from engine.store.schema import moment, moment_us
from engine.store.schema.access_tables import access_keys
from models.ground.errors import BadInput

_KEY = tuple(column for column in access_keys.c if column.name != "fingerprint")
_BY_FINGERPRINT = select(*_KEY).where(access_keys.c.fingerprint == bindparam("fingerprint", b""))
_BY_ID = select(*_KEY).where(access_keys.c.key_id == bindparam("key_id", ""))


def create_key(
    store: Store, name: str, scopes: frozenset[Scope], *, now: datetime, expires_at: datetime | None
) -> tuple[AccessKey, str]:
    """Make a key and return it with its secret, which is shown this once.

    Raises BadInput for no scope, an empty name or an end that is over.
    """
    if not scopes:
        raise BadInput(f"A key needs a scope; expected at least one of {', '.join(Scope)}.")
    if not name.strip():
        raise BadInput("A key needs a name; say which system will use it, for example --name tills.")
    if expires_at is not None and expires_at <= now:
        raise BadInput(f"The key would have expired at {expires_at.isoformat()}; expected a later moment.")
    key_id = new_key_id()
    made = AccessKey(key_id, name.strip(), scopes, key_id, now, expires_at, None, None)
    with store.writing() as connection:
        return made, _add(connection, made, "key_created")


def rotate_key(
    store: Store, key_id: str, *, now: datetime, old_ends_at: datetime, expires_at: datetime | None
) -> tuple[AccessKey, str]:
    """Make a successor with the same name and scopes; the old key works until `old_ends_at`.

    Raises BadInput unless the key works now.
    """
    with store.writing() as connection:
        old = _working(connection, key_id, now)
        ends = old_ends_at if old.expires_at is None else min(old_ends_at, old.expires_at)
        connection.execute(
            update(access_keys).where(access_keys.c.key_id == key_id).values(expires_us=moment_us(ends))
        )
        made = AccessKey(new_key_id(), old.name, old.scopes, old.lineage, now, expires_at, None, None)
        return made, _add(connection, made, "key_rotated")


def revoke_key(store: Store, key_id: str, *, now: datetime) -> AccessKey:
    """End a key at once; BadInput unless it works now."""
    with store.writing() as connection:
        _working(connection, key_id, now)
        connection.execute(
            update(access_keys).where(access_keys.c.key_id == key_id).values(revoked_us=moment_us(now))
        )
        keep_record(connection, Act(now, "abonement keys", "key_revoked", subject=key_id))
        return _key(connection.execute(select(*_KEY).where(access_keys.c.key_id == key_id)).one())


def all_keys(store: Store) -> tuple[AccessKey, ...]:
    """Every key in the order in which they were made, ended ones too."""
    query = select(*_KEY).order_by(access_keys.c.created_us, access_keys.c.key_id)
    with store.reading() as connection:
        return tuple(_key(row) for row in connection.execute(query))


def key_with(store: Store, secret: str) -> AccessKey | None:
    """The key with that secret, ended or not. Raises StoreUnreachable."""
    return _found(store.point_read(_BY_FINGERPRINT, fingerprint=fingerprint(secret)))


def key_named(store: Store, key_id: str) -> AccessKey | None:
    """The key with that id, ended or not. Raises StoreUnreachable."""
    return _found(store.point_read(_BY_ID, key_id=key_id))


def note_use(store: Store, used: Mapping[str, datetime]) -> None:
    """Keep when keys were last used, by key id; an older moment than the known one is dropped."""
    with store.writing() as connection:
        for key_id, at in used.items():
            older = or_(access_keys.c.last_used_us.is_(None), access_keys.c.last_used_us < moment_us(at))
            connection.execute(
                update(access_keys)
                .where(access_keys.c.key_id == key_id, older)
                .values(last_used_us=moment_us(at))
            )


def _working(connection: Connection, key_id: str, now: datetime) -> AccessKey:
    row = connection.execute(select(*_KEY).where(access_keys.c.key_id == key_id)).first()
    if row is None:
        known = connection.execute(select(func.count()).select_from(access_keys)).scalar_one()
        raise BadInput(f"There is no key {key_id}; `abonement keys list` shows the {known} that exist.")
    key = _key(row)
    if not key.works_at(now):
        raise BadInput(f"The key {key_id} has ended already; make a new one with `abonement keys create`.")
    return key


def _add(connection: Connection, key: AccessKey, action: str) -> str:
    secret = new_secret()
    connection.execute(
        insert(access_keys).values(
            key_id=key.key_id,
            name=key.name,
            fingerprint=fingerprint(secret),
            scopes=" ".join(sorted(key.scopes)),
            lineage=key.lineage,
            created_us=moment_us(key.created_at),
            expires_us=None if key.expires_at is None else moment_us(key.expires_at),
        )
    )
    keep_record(connection, Act(key.created_at, "abonement keys", action, subject=key.key_id))
    return secret


def _found(row: tuple[Any, ...] | None) -> AccessKey | None:
    return None if row is None else _key(row)


def _key(row: Any) -> AccessKey:
    key_id, name, scopes, lineage, created, *rest = row
    expires, revoked, used = (None if one is None else moment(one) for one in rest)
    held = frozenset(Scope(one) for one in scopes.split())
    return AccessKey(key_id, name, held, lineage, moment(created), expires, revoked, used)
