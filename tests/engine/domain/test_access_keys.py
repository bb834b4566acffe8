from datetime import UTC, datetime, timedelta

from engine.domain.access_keys import AccessKey, Scope, fingerprint, new_secret

NOON = datetime(2024, 3, 31, 12, tzinfo=UTC)


def key(**changes: datetime | None) -> AccessKey:
    values = {"expires_at": None, "revoked_at": None} | changes
    return AccessKey(
        "k_1", "tills", frozenset({Scope.TILL}), "k_1", created_at=NOON, last_used_at=None, **values
    )


def test_a_key_without_an_end_works() -> None:
    assert key().works_at(NOON + timedelta(days=3650))


def test_a_key_works_until_its_end_and_not_at_it() -> None:
    ending = key(expires_at=NOON)
    assert ending.works_at(NOON - timedelta(microseconds=1))
    assert not ending.works_at(NOON)


def test_a_revoked_key_does_not_work_however_long_it_was_meant_to() -> None:
    assert not key(expires_at=NOON + timedelta(days=30), revoked_at=NOON).works_at(NOON)


def test_secrets_have_256_bits_and_none_comes_twice() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(secret) for secret in made} == {len("abk_") + 43}  # 32 bytes in base64


def test_the_fingerprint_is_the_sha_256_of_the_secret() -> None:
    assert fingerprint("abk_x").hex().startswith("5fa2c75c1093733f")
