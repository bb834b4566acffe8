from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from engine.domain.access_keys import Scope
from engine.settings import BadSettings
from engine.store import Store
from engine.store.access.server_keys import all_keys, revoke_key
from tests.engine.bundles import a_night
from tests.engine.serving.conftest import Browser, Serve

SECRET = "a-secret-of-the-test-suite,-long-enough-to-sign"  # noqa: S105 - signs nothing else


def phone(browser: Browser, customer_id: str = "anna") -> Browser:
    made = browser.ask("POST", "/v1/tokens", {"customer_id": customer_id})
    assert made.status_code == 201, made.text
    return browser.with_secret(made.json()["token"])


def test_a_phone_sees_its_customers_offers(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    assert len(phone(serve()).get("/v1/customers/anna/offers").json()["offers"]) == 5


def test_a_token_of_one_customer_finds_nothing_of_another(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna", "zoe"])
    browser = serve()
    answer = phone(browser).get("/v1/customers/zoe/offers")
    unknown = browser.get("/v1/points")
    assert answer.status_code == 404
    assert answer.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}


def test_a_token_makes_no_tokens(serve: Serve) -> None:
    answer = phone(serve()).ask("POST", "/v1/tokens", {"customer_id": "zoe"})
    assert (answer.status_code, answer.json()["key"]) == (403, "scope_missing")


def test_a_token_does_not_outlive_the_key_that_made_it(
    serve: Serve, embedded_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = phone(serve())
    revoke_key(embedded_store, all_keys(embedded_store)[0].key_id, now=datetime.now(UTC))
    monkeypatch.setattr("engine.serving.access.gate.REMEMBERED_SECONDS", 0.0)
    assert held.get("/v1/customers/anna/offers").json()["key"] == "key_unknown"


def test_a_token_never_gets_more_than_the_apps_scope(serve: Serve) -> None:
    held = phone(serve(scopes=list(Scope)))
    assert held.get("/metrics").json()["key"] == "scope_missing"


def test_a_key_without_the_apps_scope_makes_none(serve: Serve) -> None:
    answer = serve(scopes=[Scope.TILL]).ask("POST", "/v1/tokens", {"customer_id": "anna"})
    assert (answer.status_code, answer.json()["key"]) == (403, "scope_missing")


def test_a_token_ends_after_the_minutes_of_the_settings(serve: Serve) -> None:
    before = datetime.now(UTC)
    made = serve(token_minutes=3).ask("POST", "/v1/tokens", {"customer_id": "anna"}).json()
    ends = datetime.fromisoformat(made["expires_at"])
    assert timedelta(minutes=2, seconds=58) < ends - before < timedelta(minutes=3, seconds=30)


def claims(embedded_store: Store, **changes: Any) -> dict[str, Any]:
    (key,) = all_keys(embedded_store)
    ends = datetime.now(UTC) + timedelta(minutes=5)
    return {"sub": "anna", "key": key.key_id, "exp": ends} | changes


@pytest.mark.parametrize(
    ("forged", "status"),
    [
        ({}, 200),
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC)}, 401),
        ({"key": "k_9"}, 401),
        ({"sub": 5}, 401),
        ({"exp": "99999999999"}, 401),
        ({"exp": 10**400}, 401),
        ({"exp": -(10**15)}, 401),
        ({"exp": float("nan")}, 401),
        ({"exp": float("inf")}, 401),
        ({"exp": [1]}, 401),
    ],
)
def test_only_a_whole_token_that_has_not_ended_counts(
    serve: Serve, embedded_store: Store, forged: dict[str, Any], status: int
) -> None:
    browser = serve(token_secrets=SECRET)
    token = jwt.encode(claims(embedded_store, **forged), SECRET, algorithm="HS256")
    assert browser.with_secret(token).get("/v1/customers/anna/offers").status_code == status


@pytest.mark.parametrize(
    ("secret", "algorithm"),
    [("another secret of at least 32 characters", "HS256"), ("", "none"), (SECRET, "HS384")],
)
@pytest.mark.filterwarnings("ignore:The HMAC key is:jwt.InsecureKeyLengthWarning")
def test_a_token_signed_otherwise_does_not_count(
    serve: Serve, embedded_store: Store, secret: str, algorithm: str
) -> None:
    browser = serve(token_secrets=SECRET)
    token = jwt.encode(claims(embedded_store), secret, algorithm=algorithm)
    assert browser.with_secret(token).get("/v1/customers/anna/offers").json()["key"] == "key_unknown"


def test_while_secrets_are_rotated_tokens_of_both_work(serve: Serve) -> None:
    newer = "a-newer-secret-of-the-test-suite,-as-long-as-it"
    old = phone(serve(token_secrets=SECRET)).secret
    rotated = serve(token_secrets=f"{newer} {SECRET}")
    for token in (old, phone(rotated).secret):
        assert rotated.with_secret(token).get("/v1/customers/anna/offers").status_code == 200
    done = serve(token_secrets=newer)
    assert done.with_secret(old).get("/v1/customers/anna/offers").json()["key"] == "key_unknown"


def test_without_a_setting_the_secret_is_a_file_that_only_its_owner_reads(
    serve: Serve, tmp_path: Path
) -> None:
    phone(serve())
    file = tmp_path / "token-secrets"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_text(encoding="utf-8").strip()) == 43


def test_every_server_of_a_workspace_reads_the_tokens_of_the_others(serve: Serve) -> None:
    held, other = phone(serve()), serve()
    assert other.with_secret(held.secret).get("/v1/customers/anna/offers").status_code == 200


@pytest.mark.parametrize("secrets", ["x", "", f"{SECRET}\nshort"])
def test_a_file_with_a_secret_that_can_be_guessed_stops_the_start(
    serve: Serve, tmp_path: Path, secrets: str
) -> None:
    file = tmp_path / "token-secrets"
    file.write_text(secrets, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(BadSettings, match="at least 32 characters; remove the file"):
        serve()


@pytest.mark.parametrize("mode", [0o666, 0o644, 0o604, 0o620])
def test_a_file_of_secrets_that_others_can_read_or_change_stops_the_start(
    serve: Serve, tmp_path: Path, mode: int
) -> None:
    file = tmp_path / "token-secrets"
    file.write_text(SECRET, encoding="utf-8")
    file.chmod(mode)
    with pytest.raises(BadSettings, match=rf"open to others \(mode {mode:03o}\)"):
        serve()


def test_a_group_may_read_the_secrets_that_its_servers_share(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "token-secrets"
    file.write_text(SECRET, encoding="utf-8")
    file.chmod(0o640)
    assert phone(serve()).get("/v1/customers/anna/offers").status_code == 200
