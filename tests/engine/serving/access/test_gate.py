from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.domain.access_keys import Scope
from engine.settings import store_url_in
from engine.store import Store
from engine.store.access.server_keys import all_keys, revoke_key
from tests.engine.serving.conftest import Browser, Serve, a_key

OFFERS = "/v1/customers/anna/offers"


def test_without_a_key_nothing_is_told(serve: Serve) -> None:
    answer = serve().with_secret(None).get(OFFERS)
    assert (answer.status_code, answer.json()["key"]) == (401, "key_missing")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("sent", ["Basic YTpi", "Bearer", "abk_1", ""])
def test_what_is_no_bearer_key_is_a_missing_key(serve: Serve, sent: str) -> None:
    answer = serve().get(OFFERS, authorization=sent)
    assert (answer.status_code, answer.json()["key"]) == (401, "key_missing")


@pytest.mark.parametrize("sent", ["abk_guessed", "a.b.c", "x"])
def test_an_unknown_key_is_told_nothing(serve: Serve, sent: str) -> None:
    answer = serve().with_secret(sent).get(OFFERS)
    assert (answer.status_code, answer.json()["key"]) == (401, "key_unknown")


def test_an_expired_key_does_not_work(serve: Serve, tmp_path: Path) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    key = a_key(store_url_in(tmp_path), [Scope.APP], now=yesterday, expires_at=yesterday + timedelta(hours=1))
    assert serve().with_secret(key).get(OFFERS).json()["key"] == "key_unknown"


def test_a_key_does_only_what_its_scopes_say(serve: Serve) -> None:
    answer = serve(scopes=[Scope.TILL]).get(OFFERS)
    assert (answer.status_code, answer.json()["key"]) == (403, "scope_missing")
    assert answer.json()["detail"] == "This needs a key with the scope app."


def test_a_revoked_key_ends_once_it_is_looked_up_again(
    serve: Serve, embedded_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = serve()
    assert browser.get(OFFERS).status_code == 200
    revoke_key(embedded_store, all_keys(embedded_store)[0].key_id, now=datetime.now(UTC))
    monkeypatch.setattr("engine.serving.access.gate.REMEMBERED_SECONDS", 0.0)
    assert browser.get(OFFERS).json()["key"] == "key_unknown"


def test_who_asks_too_often_is_told_when_to_ask_again(serve: Serve) -> None:
    browser = serve(rate_limit="2/hour")
    answers = [browser.get(OFFERS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["key"] == "rate_limited"
    assert 1 <= int(answers[2].headers["retry-after"]) <= 3600


def test_one_key_asking_too_often_does_not_stop_another(serve: Serve, tmp_path: Path) -> None:
    browser = serve(rate_limit="1/hour")
    other = browser.with_secret(a_key(store_url_in(tmp_path), [Scope.APP]))
    assert [browser.get(OFFERS).status_code, browser.get(OFFERS).status_code] == [200, 429]
    assert other.get(OFFERS).status_code == 200


def test_an_address_that_tries_wrong_keys_is_soon_not_looked_up_any_more(
    serve: Serve, tmp_path: Path
) -> None:
    browser = serve(wrong_key_limit="3/hour")
    assert browser.get(OFFERS).status_code == 200
    tried = [browser.with_secret(f"abk_{number}").get(OFFERS).status_code for number in range(5)]
    assert tried == [401, 401, 401, 429, 429]
    right_but_never_seen = browser.with_secret(a_key(store_url_in(tmp_path), [Scope.APP]))
    refused = right_but_never_seen.get(OFFERS)
    assert (refused.json()["key"], 1 <= int(refused.headers["retry-after"]) <= 3600) == ("rate_limited", True)
    elsewhere = Browser(browser.app, "198.51.100.7", right_but_never_seen.secret)
    assert [browser.get(OFFERS).status_code, elsewhere.get(OFFERS).status_code] == [200, 200]


def test_phones_with_ended_tokens_behind_one_address_are_told_to_fetch_new_ones(serve: Serve) -> None:
    browser = serve(wrong_key_limit="1/hour")
    tried = [browser.with_secret(f"eyJ.{number}.x").get(OFFERS).status_code for number in range(4)]
    assert tried == [401, 401, 401, 401]


@pytest.mark.parametrize("path", [OFFERS, "/v1/customers/anna/favourite", "/v1/runs"])
def test_of_two_keys_none_is_believed_wherever_the_right_one_stands(serve: Serve, path: str) -> None:
    browser = serve()
    right, wrong = f"Bearer {browser.secret}", "Bearer abk_another"
    for both in ((right, wrong), (wrong, right)):
        answer = browser.with_headers(path, [("authorization", one) for one in both])
        assert (answer.status_code, answer.json()["key"]) == (401, "key_missing")


def test_a_path_with_a_slash_too_much_is_not_there_and_leads_nowhere(serve: Serve) -> None:
    answer = serve().get(OFFERS + "/", host="shop.example")
    assert (answer.status_code, answer.headers.get("location")) == (404, None)
