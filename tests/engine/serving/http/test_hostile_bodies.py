"""Bodies that are no JSON, or JSON that no honest till sends: refused, with a small answer, and understood in one way only."""

import json
from typing import Any

import pytest

from engine.serving.http.json_once import can_be_read_otherwise
from engine.store import Store
from tests.engine.serving.conftest import Browser, Serve
from tests.engine.shop import publish_shop

LINE = {
    "line_id": "1",
    "product_id": "995242",
    "quantity_milli": 2000,
    "unit": "piece",
    "shelf_price_minor": 299,
}
BASKET: dict[str, Any] = {"customer_id": "1029", "lines": [LINE]}
GOOD = json.dumps(BASKET)
WRITES = [
    ("POST", "/v1/validations"),
    ("POST", "/v1/redemptions"),
    ("POST", "/v1/events"),
    ("POST", "/v1/tokens"),
    ("PUT", "/v1/customers/1029/favourite"),
]


def with_quantity(text: str) -> bytes:
    return GOOD.replace("2000", text).encode()


HOSTILE = {
    "lists without end": b"[" * 60_000,
    "deep lists": b"[" * 60_000 + b"]" * 60_000,
    "deep objects": b'{"a":' * 30_000,
    "a deep value": with_quantity("[" * 50_000 + "]" * 50_000),
    "no number": with_quantity("NaN"),
    "infinity": with_quantity("-Infinity"),
    "an infinite number": with_quantity("1e400"),
    "a float": with_quantity("2000.0"),
    "an exponent": with_quantity("2e3"),
    "more digits than Python reads": with_quantity("9" * 5_000),
    "more digits than are counted": with_quantity("0." + "1" * 50_000),
    "true": with_quantity("true"),
    "half a pair": GOOD.replace("995242", "\\ud800").encode(),
    "half a pair, raw": GOOD.replace("995242", "\ud800").encode("utf-8", "surrogatepass"),
    "no UTF-8": GOOD.encode() + b"\xff",
    "an overlong slash": GOOD.encode().replace(b"995242", b"\xc0\xaf"),
    "UTF-16": GOOD.encode("utf-16"),
    "UTF-16 without mark": GOOD.encode("utf-16-le"),
    "UTF-32": GOOD.encode("utf-32"),
    "a key twice": GOOD.encode()[:-1] + b',"customer_id":"anna"}',
    "a key twice, further in": with_quantity('2000,"quantity_milli":1000'),
    "a key twice, once escaped": with_quantity('2000,"quantity\\u005fmilli":1000'),
    "two documents": GOOD.encode() * 2,
    "something behind it": GOOD.encode() + b"\0",
    "a comment": b"/**/" + GOOD.encode(),
    "null": b"null",
    "nothing": b"",
    "ten thousand unknown keys": json.dumps({str(number): 0 for number in range(10_000)}).encode(),
    "a key of 200,000 characters": json.dumps({"a" * 200_000: 1}).encode(),
    "sixty thousand empty lines": json.dumps(BASKET | {"lines": [{}] * 60_000}).encode(),
}


@pytest.fixture
def browser(embedded_store: Store, serve: Serve) -> Browser:
    publish_shop(embedded_store, ["1029", "anna"])
    return serve()


@pytest.mark.parametrize("what", HOSTILE)
def test_no_hostile_body_is_more_than_a_short_refusal(browser: Browser, what: str) -> None:
    for number, (method, path) in enumerate(WRITES):
        answer = browser.ask(
            method, path, HOSTILE[what], content_type="application/json", idempotency_key=str(number)
        )
        assert answer.status_code in {400, 413, 422}, (path, answer.text)
        assert len(answer.content) < 4_000, path


def test_a_good_body_is_taken_as_it_is_and_with_a_mark_of_its_encoding(browser: Browser) -> None:
    for body in (GOOD.encode(), b"\xef\xbb\xbf" + GOOD.encode()):
        answer = browser.ask("POST", "/v1/validations", body, content_type="application/json")
        assert (answer.status_code, answer.json()["total_discount_minor"]) == (200, 90)


def test_a_refused_body_says_what_was_expected_of_it(browser: Browser) -> None:
    twice = HOSTILE["a key twice"]
    answer = browser.ask("POST", "/v1/validations", twice, content_type="application/json")
    assert (answer.status_code, answer.json()["key"]) == (400, "bad_request")
    assert answer.json()["detail"] == "Expected JSON in UTF-8 that names each key of an object once."


def test_of_many_wrong_places_the_first_are_named_and_the_others_counted(browser: Browser) -> None:
    body = BASKET | {str(number): 0 for number in range(25)}
    told = browser.ask("POST", "/v1/validations", body).json()["detail"]
    assert told.count("Extra inputs are not permitted") == 10
    assert told.endswith("; and 15 more")


def test_equal_keys_of_two_objects_are_no_key_twice() -> None:
    assert not can_be_read_otherwise(b'{"a":{"b":1},"b":[{"a":1},{"a":2}]}')
    assert can_be_read_otherwise(b'[{"a":[{"b":1,"b":1}]}]')
