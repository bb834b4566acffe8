from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from engine.domain.access_keys import Scope
from engine.store import Store
from engine.store.access.audit import records
from engine.store.access.server_keys import (
    all_keys,
    create_key,
    key_named,
    key_with,
    note_use,
    revoke_key,
    rotate_key,
)
from models.ground.errors import BadInput

NOON = datetime(2024, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TILL = frozenset({Scope.TILL})


def test_a_key_is_found_by_its_secret_and_by_its_id(store: Store) -> None:
    made, secret = create_key(store, "tills", TILL, now=NOON, expires_at=NOON + DAY)
    assert key_with(store, secret) == made
    assert key_named(store, made.key_id) == made
    assert key_with(store, f"{secret}x") is None


def test_the_store_never_holds_the_secret(store: Store) -> None:
    _, secret = create_key(store, "tills", TILL, now=NOON, expires_at=None)
    with store.reading() as connection:
        row = connection.execute(text("SELECT * FROM access_keys")).one()
    assert secret not in repr(tuple(row))
    assert secret.removeprefix("abk_") not in repr(tuple(row))


def test_a_successor_has_the_same_name_scopes_and_lineage(store: Store) -> None:
    old, old_secret = create_key(store, "tills", TILL, now=NOON, expires_at=None)
    new, secret = rotate_key(store, old.key_id, now=NOON, old_ends_at=NOON + DAY, expires_at=None)
    assert (new.name, new.scopes, new.lineage) == ("tills", TILL, old.key_id)
    assert secret != old_secret
    assert key_with(store, old_secret).expires_at == NOON + DAY  # type: ignore[union-attr]


def test_rotating_does_not_lengthen_the_life_of_the_old_key(store: Store) -> None:
    old, _ = create_key(store, "tills", TILL, now=NOON, expires_at=NOON + DAY)
    rotate_key(store, old.key_id, now=NOON, old_ends_at=NOON + 7 * DAY, expires_at=None)
    assert key_named(store, old.key_id).expires_at == NOON + DAY  # type: ignore[union-attr]


def test_a_revoked_key_stays_in_the_list_and_does_not_work(store: Store) -> None:
    made, _ = create_key(store, "tills", TILL, now=NOON, expires_at=None)
    revoke_key(store, made.key_id, now=NOON + DAY)
    (listed,) = all_keys(store)
    assert listed.revoked_at == NOON + DAY
    assert not listed.works_at(NOON + DAY)


def test_an_ended_key_cannot_be_rotated_or_revoked(store: Store) -> None:
    made, _ = create_key(store, "tills", TILL, now=NOON, expires_at=NOON + DAY)
    with pytest.raises(BadInput, match="has ended already"):
        revoke_key(store, made.key_id, now=NOON + DAY)
    with pytest.raises(BadInput, match="has ended already"):
        rotate_key(store, made.key_id, now=NOON + DAY, old_ends_at=NOON + 2 * DAY, expires_at=None)


def test_an_unknown_key_is_named(store: Store) -> None:
    with pytest.raises(BadInput, match="There is no key k_9; `abonement keys list` shows the 0"):
        revoke_key(store, "k_9", now=NOON)


@pytest.mark.parametrize(
    ("name", "scopes", "ends", "said"),
    [
        ("tills", frozenset(), None, "expected at least one of app, till, analyst, desk, stock, admin"),
        ("  ", TILL, None, "A key needs a name"),
        ("tills", TILL, NOON, "expected a later moment"),
    ],
)
def test_an_impossible_key_is_refused(
    store: Store, name: str, scopes: frozenset[Scope], ends: datetime | None, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        create_key(store, name, scopes, now=NOON, expires_at=ends)


def test_the_last_use_only_moves_forward(store: Store) -> None:
    made, _ = create_key(store, "tills", TILL, now=NOON, expires_at=None)
    note_use(store, {made.key_id: NOON + DAY})
    note_use(store, {made.key_id: NOON})
    assert key_named(store, made.key_id).last_used_at == NOON + DAY  # type: ignore[union-attr]


def test_what_happens_to_keys_is_in_the_audit_trail(store: Store) -> None:
    made, _ = create_key(store, "tills", TILL, now=NOON, expires_at=None)
    new, _ = rotate_key(store, made.key_id, now=NOON, old_ends_at=NOON, expires_at=None)
    revoke_key(store, new.key_id, now=NOON + DAY)
    assert [(act.action, act.subject) for act in records(store)] == [
        ("key_created", made.key_id),
        ("key_rotated", new.key_id),
        ("key_revoked", new.key_id),
    ]
