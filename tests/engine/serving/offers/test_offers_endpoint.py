import json
from pathlib import Path

from engine.domain.access_keys import Scope
from engine.domain.customer_view import render, render_empty, together
from engine.serving.http.answer_shapes import EMPTY_EXAMPLE, OFFERS_EXAMPLE, SEVERAL_EXAMPLE, Offers
from engine.settings import store_url_in
from engine.store import Store
from tests.engine.bundles import MONDAY, a_night, bundle
from tests.engine.serving.conftest import Serve, a_key
from tests.engine.touching import Touch, touch


def test_the_bytes_of_the_night_are_the_answer(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    answer = serve().get("/v1/customers/anna/offers")
    assert answer.status_code == 200
    assert answer.content == render(bundle("anna"), as_of=MONDAY, currency="USD")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["age"] == "32400"
    assert answer.headers["cache-control"] == "private, no-cache"


def test_unknown_customers_get_an_empty_list(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    answer = serve().get("/v1/customers/zoe/offers")
    assert (answer.status_code, answer.json()["offers"], answer.json()["bundle"]) == (200, [], None)


def test_login_works_before_the_first_night(serve: Serve) -> None:
    answer = serve().get("/v1/customers/anna/offers")
    assert (answer.status_code, answer.json()["as_of"]) == (200, None)
    assert "age" not in answer.headers


def test_a_phone_that_knows_the_answer_gets_304(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    browser = serve()
    etag = browser.get("/v1/customers/anna/offers").headers["etag"]
    for known in (etag, f"W/{etag}", f'"old", {etag}', "*"):
        again = browser.get("/v1/customers/anna/offers", if_none_match=known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert browser.get("/v1/customers/anna/offers", if_none_match='"old"').status_code == 200


def test_the_etag_changes_exactly_when_the_body_does(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    browser = serve()
    before = browser.get("/v1/customers/anna/offers").headers["etag"]
    assert browser.get("/v1/customers/anna/offers").headers["etag"] == before
    touch(embedded_store, "anna", "o_1", Touch.REDEEM, MONDAY)
    assert browser.get("/v1/customers/anna/offers", if_none_match=before).headers["etag"] != before


def test_an_id_may_hold_any_characters_but_a_slash(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["card 12:ä"])
    answer = serve().get("/v1/customers/card%2012%3A%C3%A4/offers")
    assert len(answer.json()["offers"]) == 5


def test_an_id_longer_than_128_characters_is_a_problem_that_does_not_repeat_it(serve: Serve) -> None:
    answer = serve().get(f"/v1/customers/{'x' * 129}/offers")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["key"] == "invalid_request"
    assert "xxx" not in answer.text


def test_a_store_that_is_away_is_503_with_retry_after_and_comes_back(serve: Serve, tmp_path: Path) -> None:
    workspace = tmp_path / "away"
    browser = serve(workspace=workspace).with_secret("abk_not_seen_yet")
    answer = browser.get("/v1/customers/anna/offers")
    assert (answer.status_code, answer.json()["key"], answer.headers["retry-after"]) == (
        503,
        "store_unreachable",
        "5",
    )
    assert str(workspace) not in answer.text
    workspace.mkdir()
    key = a_key(store_url_in(workspace), [Scope.APP])
    assert browser.with_secret(key).get("/v1/customers/anna/offers").status_code == 200


def test_what_the_openapi_page_promises_is_what_the_night_renders() -> None:
    one = render(bundle("anna"), as_of=MONDAY, currency="USD")
    daily = render(bundle("anna", days=1), as_of=MONDAY, currency="USD", programme="daily")
    for body in (one, together([daily, one]), render_empty("zoe", as_of=None)):
        assert list(Offers.model_validate_json(body).model_dump(exclude_unset=True)) == list(json.loads(body))
    for example in (OFFERS_EXAMPLE, SEVERAL_EXAMPLE, EMPTY_EXAMPLE):
        Offers.model_validate(example)
