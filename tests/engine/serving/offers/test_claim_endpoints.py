from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.store import Store
from tests.engine.pools import publish_pools
from tests.engine.serving.conftest import Browser, Serve

ANNA = "/v1/customers/anna"


@pytest.fixture
def app(embedded_store: Store, serve: Serve) -> Browser:
    publish_pools(embedded_store, ["anna"])
    return serve()


def draw(app: Browser, how: str, body: object = None, *, key: str = "") -> Any:
    return app.ask("POST", f"{ANNA}/bundle/{how}", body, idempotency_key=key or f"{how}-1")


def test_a_claim_answers_what_the_next_login_shows(app: Browser) -> None:
    before = app.get(f"{ANNA}/offers").json()
    assert (before["offers"], before["bundle"]["claim"]["claimed"]) == ([], False)
    answer = draw(app, "claim")
    assert answer.status_code == 200
    assert len(answer.json()["offers"]) == 6
    assert app.get(f"{ANNA}/offers").content == answer.content


def test_a_draw_sent_again_is_drawn_once(app: Browser) -> None:
    draw(app, "claim")
    first, again = (draw(app, "refresh", key="refresh-7") for _ in range(2))
    assert (again.headers["idempotent-replayed"], again.content) == ("true", first.content)
    assert draw(app, "refresh", key="refresh-8").json()["bundle"]["claim"]["refreshes_left"] == 1


def test_a_draw_needs_a_key_so_that_it_can_be_sent_again(app: Browser) -> None:
    answer = app.ask("POST", f"{ANNA}/bundle/claim")
    assert (answer.status_code, answer.json()["key"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize(
    ("how", "body"),
    [
        ("refresh", {"set": 0}),
        ("refresh", {"set": "1"}),
        ("refresh", {"seen": 1}),
        ("swap", {}),
        ("swap", None),
    ],
)
def test_what_cannot_be_meant_is_refused(app: Browser, how: str, body: object) -> None:
    draw(app, "claim")
    answer = draw(app, how, body)
    assert (answer.status_code, answer.json()["key"]) == (422, "invalid_request")


def test_a_phone_that_shows_another_set_is_told(app: Browser) -> None:
    draw(app, "claim")
    assert draw(app, "refresh", {"set": 1}).status_code == 200
    late = draw(app, "refresh", {"set": 1}, key="other-phone")
    assert (late.status_code, late.json()["key"]) == (409, "set_outdated")


def test_a_stranger_is_told_no_more_than_that_there_is_nothing(app: Browser) -> None:
    answer = app.ask("POST", "/v1/customers/nobody/bundle/claim", idempotency_key="1")
    assert (answer.status_code, answer.json()["key"]) == (404, "nothing_to_claim")


def test_a_token_draws_for_its_own_customer_only(app: Browser) -> None:
    token = app.ask("POST", "/v1/tokens", {"customer_id": "boris"}).json()["token"]
    answer = draw(app.with_secret(token), "claim")
    assert (answer.status_code, answer.json()["key"]) == (404, "not_found")


def test_of_phones_that_draw_at_once_one_draws_and_the_others_are_told(
    store: Store, browser: Browser
) -> None:
    publish_pools(store, ["anna"])
    draw(browser, "claim")
    with ThreadPoolExecutor(4) as phones:
        asked = [
            phones.submit(draw, browser, "refresh", {"set": 1}, key=f"phone-{number}") for number in range(4)
        ]
        answers = [one.result(60) for one in asked]
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
    assert {one.json()["key"] for one in answers if one.status_code == 409} == {"set_outdated"}
    assert browser.get(f"{ANNA}/offers").json()["bundle"]["claim"]["refreshes_left"] == 2


def test_phones_that_claim_at_once_get_the_same_set(store: Store, browser: Browser) -> None:
    publish_pools(store, ["anna"])
    with ThreadPoolExecutor(4) as phones:
        asked = [phones.submit(draw, browser, "claim", key=f"phone-{number}") for number in range(4)]
        answers = {one.result(60).content for one in asked}
    assert len(answers) == 1
