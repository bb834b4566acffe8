"""A merged card and a number with zeros before it are the customer's, wherever somebody asks."""

from typing import Any

import pytest

from engine.store import Store
from engine.store.nights.merged_cards import take_over_card
from tests.engine.bundles import MONDAY, NIGHT
from tests.engine.serving.conftest import Browser
from tests.engine.shop import publish_shop, rules

SEVEN, CARD = "7", "old-card"


@pytest.fixture(params=["007", "7.0", CARD])
def asked_as(request: pytest.FixtureRequest, store: Store) -> str:
    """Another way to name customer 7 in a shop whose ids are numbers."""
    publish_shop(store, [SEVEN, "8"], ids="numbers", programme=rules(mode='"choose"', share="0.0"))
    take_over_card(store, CARD, SEVEN, at=MONDAY)
    return str(request.param)


def line(number: int, product_id: str) -> dict[str, Any]:
    return {
        "line_id": str(number),
        "product_id": product_id,
        "quantity_milli": 1000,
        "unit": "piece",
        "shelf_price_minor": 299,
        "promo_discount_minor": 0,
    }


def basket(customer_id: str, product_id: str) -> dict[str, Any]:
    return {"customer_id": customer_id, "lines": [line(1, product_id)]}


def test_a_login_finds_the_customers_offers(browser: Browser, asked_as: str) -> None:
    own = browser.get(f"/v1/customers/{SEVEN}/offers").json()
    assert len(own["offers"]) == 5
    assert browser.get(f"/v1/customers/{asked_as}/offers").json() == own


def test_what_is_activated_and_redeemed_is_the_customers(browser: Browser, asked_as: str) -> None:
    done = browser.ask("POST", f"/v1/customers/{asked_as}/offers/o_1/deactivate", idempotency_key="a")
    assert done.status_code == 200, done.text
    states = {
        one["id"]: one["state"] for one in browser.get(f"/v1/customers/{SEVEN}/offers").json()["offers"]
    }
    assert states["o_1"] == "offered"
    saved = browser.ask("POST", "/v1/validations", basket(asked_as, "00995240"))
    assert [one["offer_id"] for one in saved.json()["applied"]] == ["o_0"]
    redeemed = browser.ask("POST", "/v1/redemptions", basket(asked_as, "995240"), idempotency_key="b")
    assert redeemed.status_code == 201, redeemed.text
    again = browser.ask("POST", "/v1/redemptions", basket(SEVEN, "995240"), idempotency_key="c")
    assert again.json()["key"] == "nothing_to_redeem"


def test_the_favourite_is_the_customers(browser: Browser, asked_as: str) -> None:
    chosen = browser.ask(
        "PUT", f"/v1/customers/{asked_as}/favourite", {"item_id": "0995240"}, idempotency_key="a"
    )
    assert chosen.status_code == 200, chosen.text
    own = browser.get(f"/v1/customers/{SEVEN}/favourite").json()
    assert (own["current"] or own["upcoming"])["item"]["id"] == "995240"
    assert browser.get(f"/v1/customers/{asked_as}/favourite").json() == own
    browser.ask("DELETE", f"/v1/customers/{asked_as}/favourite", idempotency_key="b")
    assert browser.get(f"/v1/customers/{SEVEN}/favourite").json() != own


def test_a_token_is_the_customers_and_nobody_elses(browser: Browser, asked_as: str) -> None:
    token = browser.ask("POST", "/v1/tokens", {"customer_id": asked_as}).json()
    assert token["customer_id"] == SEVEN
    phone = browser.with_secret(token["token"])
    for name in (SEVEN, asked_as):
        assert len(phone.get(f"/v1/customers/{name}/offers").json()["offers"]) == 5
    assert phone.get(f"/v1/customers/{asked_as}/favourite").status_code == 200
    assert phone.get("/v1/customers/8/offers").status_code == 404
    assert phone.get("/v1/customers/008/offers").status_code == 404
    event = {
        "id": "1",
        "kind": "shown",
        "customer_id": asked_as,
        "at": "2017-12-04T08:59:30Z",
        "offer_id": "o_1",
    }
    assert phone.ask("POST", "/v1/events", {"events": [event]}).status_code == 200
    other = event | {"customer_id": "8"}
    assert phone.ask("POST", "/v1/events", {"events": [other]}).status_code == 404
    told = browser.get("/v1/events").json()["events"]
    assert {one["customer_id"] for one in told if one["kind"] == "shown"} == {SEVEN}


def test_what_is_handed_out_and_erased_is_the_customers(browser: Browser, asked_as: str) -> None:
    handed = browser.get(f"/v1/customers/{asked_as}/export").json()
    assert handed["customer_id"] == SEVEN
    assert [one["customer_id"] for one in handed["data"]["bundles"]] == [SEVEN]
    browser.ask("DELETE", f"/v1/customers/{asked_as}/data", idempotency_key="a")
    for name in (SEVEN, asked_as):
        assert browser.get(f"/v1/customers/{name}/offers").json()["offers"] == []


def test_the_demo_page_shows_the_customers_offers(browser: Browser, asked_as: str) -> None:
    assert 'aria-current="true">7</a>' in browser.get(f"/demo?customer={asked_as}").text


def test_where_ids_are_text_zeros_make_another_customer(browser: Browser, store: Store) -> None:
    publish_shop(store, [SEVEN], night=NIGHT)
    assert browser.get("/v1/customers/007/offers").json()["offers"] == []
    assert browser.get("/v1/customers/007/offers").json()["customer_id"] == "007"
