"""One rule of ids wherever a request names something, on both databases: what breaks it is refused, never half understood."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from engine.store import Store, open_store
from models.ground.shop_ids import ID_RULE
from tests.engine.databases import BACKENDS, Databases
from tests.engine.serving.conftest import Browser
from tests.engine.shop import publish_shop

HOSTILE = [
    "c0042\0x", "c0042\0", "a\tb", "a\nb", "a\x85b", "a\\b", " a", "a\u00a0", "a\u2028b", "a/b", "..", "\ud800", "x" * 129
]  # fmt: skip
EVENT = {"id": "1", "kind": "shown", "customer_id": "c0042", "at": "2017-12-04T08:59:30Z"}
LINE = {"line_id": "1", "product_id": "995242", "quantity_milli": 1000, "shelf_price_minor": 299}
BASKET = {"customer_id": "c0042", "lines": [LINE]}
BODIES = [
    ("POST", "/v1/tokens", lambda text: {"customer_id": text}),
    ("PUT", "/v1/customers/c0042/favourite", lambda text: {"item_id": text}),
    ("POST", "/v1/events", lambda text: {"events": [EVENT | {"id": text}]}),
    ("POST", "/v1/events", lambda text: {"events": [EVENT | {"customer_id": text}]}),
    ("POST", "/v1/events", lambda text: {"events": [EVENT | {"offer_id": text}]}),
    ("POST", "/v1/validations", lambda text: BASKET | {"customer_id": text}),
    ("POST", "/v1/validations", lambda text: BASKET | {"store_id": text}),
    ("POST", "/v1/validations", lambda text: BASKET | {"till_id": text}),
    ("POST", "/v1/validations", lambda text: BASKET | {"session": {"key": text}}),
    ("POST", "/v1/validations", lambda text: BASKET | {"lines": [LINE | {"line_id": text}]}),
    ("POST", "/v1/validations", lambda text: BASKET | {"lines": [LINE | {"product_id": text}]}),
    ("POST", "/v1/redemptions", lambda text: BASKET | {"customer_id": text}),
    ("POST", "/v1/redemptions", lambda text: {"session": {"key": text}}),
    ("POST", "/v1/redemptions/r_1/rollback", lambda text: {"line_ids": [text]}),
]
PATHS = [
    ("GET", "/v1/customers/{}/offers"),
    ("GET", "/v1/customers/{}/favourite"),
    ("GET", "/v1/customers/{}/export"),
    ("DELETE", "/v1/customers/{}/data"),
    ("POST", "/v1/customers/{}/offers/o_1/activate"),
    ("POST", "/v1/customers/c0042/offers/{}/activate"),
    ("POST", "/v1/redemptions/{}/rollback"),
    ("DELETE", "/v1/sessions/{}"),
    ("GET", "/demo?customer=x{}"),
]
JSON = "application/json"


@pytest.fixture(scope="module", params=BACKENDS)
def store(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Store]:
    """One for all these tests: nothing of what they send is written."""
    with databases.fresh(str(request.param)) as url:
        opened = open_store(url)
        publish_shop(opened, ["c0042"])
        yield opened
        opened.close()


@pytest.mark.parametrize(("method", "path", "body"), BODIES)
def test_no_body_names_what_is_no_id(browser: Browser, method: str, path: str, body: Any) -> None:
    for hostile in HOSTILE:
        sent = json.dumps(body(hostile)).encode()
        answer = browser.ask(method, path, sent, idempotency_key="k", content_type=JSON)
        assert (answer.status_code, answer.json()["key"]) == (422, "invalid_request"), ascii(hostile)


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_no_path_names_what_is_no_id(browser: Browser, method: str, path: str) -> None:
    for hostile in ("c0042\0x", "c0042\0", "a\tb", "a\nb", "a\\b", "a\x85b", "x" * 129):
        answer = browser.ask(method, path.format(quote(hostile, safe="")), idempotency_key="k")
        assert (answer.status_code, answer.json()["key"]) == (422, "invalid_request"), ascii(hostile)


@pytest.mark.parametrize("key", ["a\\b", "a/b", "..", "a\tb", "x" * 129])
def test_an_idempotency_key_is_an_id_too(browser: Browser, key: str) -> None:
    answer = browser.ask("POST", "/v1/events", {"events": []}, idempotency_key=key)
    assert (answer.status_code, answer.json()["key"]) == (422, "invalid_request")


def test_the_answer_says_the_rule_and_not_the_id(browser: Browser) -> None:
    for answer in (
        browser.get("/v1/customers/anna%00planted/offers"),
        browser.ask("POST", "/v1/tokens", {"customer_id": "anna\0planted"}),
    ):
        assert answer.json()["detail"].endswith(f".customer_id: {ID_RULE}")
        assert "planted" not in answer.text


def test_what_is_odd_and_an_id_is_served(browser: Browser) -> None:
    for odd in ("0001", "card 12:ä", "50%", "a..b", "🥛", "'; --", "x" * 128):
        token = browser.ask("POST", "/v1/tokens", {"customer_id": odd}).json()["token"]
        answer = browser.with_secret(token).get(f"/v1/customers/{quote(odd, safe='')}/offers")
        assert (answer.status_code, answer.json()["customer_id"]) == (200, odd)
