import json
from pathlib import Path

import pytest

from engine.domain.access_keys import Scope
from engine.store import Store
from tests.engine.day.shops import HOLDOUT, open_shop
from tests.engine.serving.conftest import Browser, Serve

FAVOURITE = "/v1/customers/c1/favourite"


@pytest.fixture(autouse=True)
def shop(embedded_store: Store) -> None:
    open_shop(embedded_store)


def test_a_pick_is_answered_with_when_it_takes_effect(serve: Serve) -> None:
    answer = serve().ask("PUT", FAVOURITE, {"item_id": "1082185"})
    assert answer.status_code == 200
    body = answer.json()
    promised = body["upcoming"]
    assert promised.pop("id").startswith("f_")
    assert body == {
        "customer_id": "c1",
        "current": None,
        "upcoming": {
            "item": {"id": "1082185", "name": "BANANAS"},
            "discount_bp": 3000,
            "price_minor": 96,
            "offer_price_minor": 67,
            "currency": "EUR",
            "max_units_a_day": 4,
            "effective_from": "2017-12-04T23:00:00Z",
            "valid_to": "2017-12-14T23:00:00Z",
        },
        "effective_from": "2017-12-04T23:00:00Z",
        "changeable_from": "2017-12-04T23:00:00Z",
        "suggestions": [
            {
                "item": {"id": "995240", "name": "FLUID MILK"},
                "discount_bp": 3000,
                "price_minor": 299,
                "offer_price_minor": 209,
                "currency": "EUR",
            },
            {
                "item": {"id": "1082185", "name": "BANANAS"},
                "discount_bp": 3000,
                "price_minor": 96,
                "offer_price_minor": 67,
                "currency": "EUR",
            },
        ],
        "substitutes": [],
    }


def test_get_shows_what_put_promised_and_the_login_shows_it_too(serve: Serve) -> None:
    shop = serve()
    put = shop.ask("PUT", FAVOURITE, {"item_id": "1082185"}).json()
    assert shop.get(FAVOURITE).json() == put
    assert shop.get("/v1/customers/c1/offers").json()["favourite"] == put["upcoming"]


def test_an_unchanged_answer_need_not_be_sent_again(serve: Serve) -> None:
    shop = serve()
    first = shop.get(FAVOURITE)
    again = shop.get(FAVOURITE, if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    shop.ask("PUT", FAVOURITE, {"item_id": "1082185"})
    assert shop.get(FAVOURITE, if_none_match=first.headers["etag"]).status_code == 200


def test_a_retried_pick_gets_the_same_answer_marked_as_a_replay(serve: Serve) -> None:
    shop = serve()
    first = shop.ask("PUT", FAVOURITE, {"item_id": "1082185"}, idempotency_key="k1")
    again = shop.ask("PUT", FAVOURITE, {"item_id": "1082185"}, idempotency_key="k1")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")


@pytest.mark.parametrize(
    ("item_id", "status", "key"), [("404", 422, "favourite_unknown_item"), ("5", 422, "favourite_alcohol")]
)
def test_a_refused_product_is_told_with_its_key(serve: Serve, item_id: str, status: int, key: str) -> None:
    answer = serve().ask("PUT", FAVOURITE, {"item_id": item_id})
    assert (answer.status_code, answer.json()["key"]) == (status, key)


def test_the_second_pick_of_a_day_is_refused(serve: Serve) -> None:
    shop = serve()
    shop.ask("PUT", FAVOURITE, {"item_id": "1082185"})
    answer = shop.ask("PUT", FAVOURITE, {"item_id": "995240"})
    assert (answer.status_code, answer.json()["key"]) == (409, "favourite_chosen_today")


def test_delete_says_from_when_there_is_none(serve: Serve) -> None:
    shop = serve()
    shop.ask("PUT", FAVOURITE, {"item_id": "1082185"})
    answer = shop.ask("DELETE", FAVOURITE)
    assert (answer.status_code, answer.json()["upcoming"]) == (200, None)
    assert answer.json()["effective_from"] == "2017-12-04T23:00:00Z"
    assert "favourite" not in shop.get("/v1/customers/c1/offers").json()


def test_holdout_refused_consent_and_a_used_up_line_read_the_same(
    embedded_store: Store, serve: Serve
) -> None:
    open_shop(embedded_store, HOLDOUT, ("amount_minor = 200_000", "amount_minor = 0"), night=5)
    shop = serve()
    bodies = set()
    for number in range(12):  # some of them are held out
        body = shop.get(f"/v1/customers/x{number}/favourite").json()
        assert body.pop("customer_id") == f"x{number}"
        bodies.add(json.dumps(body))
        refusal = shop.ask("PUT", f"/v1/customers/x{number}/favourite", {"item_id": "1082185"})
        assert (refusal.status_code, refusal.json()["key"]) == (409, "favourite_not_available")
    refused = shop.get("/v1/customers/c3/favourite").json()
    del refused["customer_id"]
    assert bodies == {json.dumps(refused)}


def picks(shop: Browser, customers: range) -> tuple[set[str], set[int]]:
    """What customers are shown before they pick, but for their ids, and the status that their pick is answered with."""
    shown = set()
    for number in customers:
        body = shop.get(f"/v1/customers/x{number}/favourite").json()
        assert body.pop("customer_id") == f"x{number}"
        shown.add(json.dumps(body))
    paths = [f"/v1/customers/x{number}/favourite" for number in customers]
    return shown, {shop.ask("PUT", path, {"item_id": "1082185"}).status_code for path in paths}


def test_a_holdout_of_bundles_alone_does_not_show_in_the_favourite(
    embedded_store: Store, serve: Serve
) -> None:
    open_shop(embedded_store, HOLDOUT, ('covers = ["bundle", "favourite"]', 'covers = ["bundle"]'), night=5)
    shown, statuses = picks(serve(), range(12))
    assert (len(shown), statuses) == (1, {200})


def test_a_holdout_that_covers_the_favourite_shows_in_who_may_pick(
    embedded_store: Store, serve: Serve
) -> None:
    open_shop(embedded_store, HOLDOUT, night=5)
    shown, statuses = picks(serve(), range(12))
    assert (len(shown), statuses) == (2, {200, 409})


def test_only_an_app_may_pick(serve: Serve, tmp_path: Path) -> None:
    till = serve(scopes=[Scope.TILL], workspace=tmp_path)
    assert till.ask("PUT", FAVOURITE, {"item_id": "1082185"}).json()["key"] == "scope_missing"
    assert till.get(FAVOURITE).json()["key"] == "scope_missing"
