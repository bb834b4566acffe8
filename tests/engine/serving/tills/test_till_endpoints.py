"""The till over HTTP: the documented bodies, keys and statuses."""

from datetime import timedelta
from typing import Any

import pytest

from engine.domain.access_keys import Scope
from engine.domain.grants import Grant, GrantKind
from engine.store import Store
from engine.store.access.audit import records
from engine.store.grants.grant_ledger import give
from engine.store.log.events import events_after
from tests.engine.bundles import MONDAY
from tests.engine.serving.conftest import Browser, Serve
from tests.engine.shop import publish_shop

SESSION = {"key": "330-7-8812", "ttl_seconds": 300}


def a_basket(**changes: Any) -> dict[str, Any]:
    line = {
        "line_id": "1",
        "product_id": "995242",
        "quantity_milli": 2000,
        "unit": "piece",
        "shelf_price_minor": 299,
        "promo_discount_minor": 0,
    }
    basket = {"customer_id": "1029", "store_id": "330", "at": "2017-12-04T17:04:00Z", "lines": [line]}
    return basket | changes


@pytest.fixture
def till(embedded_store: Store, serve: Serve) -> Browser:
    publish_shop(embedded_store, ["1029"])
    return serve(scopes={Scope.TILL})


def post(till: Browser, path: str, body: object = None, key: str | None = None) -> Any:
    return till.ask("POST", path, body, **({} if key is None else {"idempotency_key": key}))


def test_a_validation_answers_what_the_documentation_shows(till: Browser) -> None:
    answer = post(till, "/v1/validations", a_basket(session=SESSION))
    assert answer.status_code == 200
    assert answer.json() == {
        "applied": [{"line_id": "1", "offer_id": "o_2", "units_milli": 2000, "discount_minor": 90}],
        "total_discount_minor": 90,
        "not_applied": [{"offer_id": f"o_{number}", "key": "item_not_in_basket"} for number in (0, 1, 3, 4)],
        "session": {"key": "330-7-8812", "expires_at": "2017-12-04T09:05:00Z"},
    }


def test_what_a_grant_pays_stands_in_every_answer_of_the_till(till: Browser, embedded_store: Store) -> None:
    ends = MONDAY + timedelta(days=28)
    sorry = Grant(
        "d-1", "1029", GrantKind.COMPENSATION, 500, "USD", "Sour.", MONDAY, ends, "k", MONDAY, "compensation"
    )
    with embedded_store.writing("1029") as connection:
        give(connection, sorry)
    pays = {"line_id": "1", "grant_id": sorry.id, "amount_minor": 500}
    whole = {"applied": [pays], "total_minor": 500, "not_used": []}
    assert post(till, "/v1/validations", a_basket()).json()["grants"] == whole
    done = post(till, "/v1/redemptions", a_basket(), "sale-1").json()
    assert done["grants"] == whole
    stands = {"standing": [pays], "standing_minor": 500, "returned": []}
    assert till.get(f"/v1/redemptions/{done['redemption_id']}").json()["grants"] == stands
    back = post(till, f"/v1/redemptions/{done['redemption_id']}/rollback", key="back-1").json()
    assert back["grants"] == {"standing": [], "standing_minor": 0, "returned": [pays]}


def test_a_dry_validation_is_no_write(till: Browser, embedded_store: Store) -> None:
    assert post(till, "/v1/validations", a_basket()).json()["session"] is None
    assert [act.action for act in records(embedded_store)] == ["published", "key_created"]


def test_a_session_is_redeemed_by_its_key_and_a_retry_gets_the_same_answer(
    till: Browser, embedded_store: Store
) -> None:
    post(till, "/v1/validations", a_basket(session=SESSION))
    body = {"session": {"key": SESSION["key"]}}
    first = post(till, "/v1/redemptions", body, "sale-8812")
    again = post(till, "/v1/redemptions", body, "sale-8812")
    assert (first.status_code, first.json()["total_discount_minor"]) == (201, 90)
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    told = [(placed.event.kind, placed.event.details) for placed in events_after(embedded_store, 0, limit=9)]
    money = {"units_milli": 2000, "discount_minor": 90, "discount_bp": 1500}
    assert told[-2:] == [
        ("reserved", money),
        ("redeemed", money | {"redemption_id": first.json()["redemption_id"]}),
    ]
    audited = [(act.action, act.customer_id) for act in records(embedded_store)]
    assert audited[-2:] == [("held", "1029"), ("redeemed", "1029")]


def test_what_was_redeemed_names_its_night_and_bundle_in_the_feed(
    till: Browser, embedded_store: Store
) -> None:
    post(till, "/v1/redemptions", a_basket(), "sale-1")
    told = events_after(embedded_store, 0, limit=9)[-1].event
    assert (told.kind, told.run_id, told.bundle_id) == ("redeemed", "2017-12-04.1", "b_1029_2017-12-04.1")


def test_a_redemption_is_looked_up_before_and_after_it_comes_back(till: Browser) -> None:
    sold = post(till, "/v1/redemptions", a_basket(till_id="7"), "sale-1").json()
    path = f"/v1/redemptions/{sold['redemption_id']}"
    line = {"line_id": "1", "offer_id": "o_2", "units_milli": 2000, "discount_minor": 90}
    standing = {
        "redemption_id": sold["redemption_id"],
        "redeemed_at": "2017-12-04T09:00:00Z",
        "store_id": "330",
        "till_id": "7",
        "standing": [line],
        "standing_discount_minor": 90,
        "rolled_back": [],
    }
    assert till.get(path).json() == standing
    post(till, f"{path}/rollback", {"line_ids": ["1"]}, "back-1")
    back = {"standing": [], "standing_discount_minor": 0, "rolled_back": [line]}
    assert till.get(path).json() == standing | back
    assert till.get("/v1/redemptions/r_none").json()["key"] == "redemption_not_found"


def test_a_basket_is_redeemed_and_comes_back_by_line(till: Browser) -> None:
    sold = post(till, "/v1/redemptions", a_basket(), "sale-1").json()
    path = f"/v1/redemptions/{sold['redemption_id']}/rollback"
    back = post(till, path, {"line_ids": ["1"]}, "back-1")
    assert back.status_code == 200
    assert back.json() == {
        "redemption_id": sold["redemption_id"],
        "rolled_back": [{"line_id": "1", "offer_id": "o_2", "units_milli": 2000, "discount_minor": 90}],
        "total_discount_minor": 90,
        "standing_discount_minor": 0,
    }
    assert post(till, path, None, "back-2").json()["key"] == "already_rolled_back"


def test_a_held_basket_is_given_up(till: Browser) -> None:
    post(till, "/v1/validations", a_basket(session=SESSION))
    gone = till.ask("DELETE", "/v1/sessions/330-7-8812")
    again = till.ask("DELETE", "/v1/sessions/330-7-8812")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (again.status_code, again.json()["key"]) == (404, "session_not_found")


@pytest.mark.parametrize(
    ("path", "body", "status", "key"),
    [
        ("/v1/validations", {"lines": []}, 422, "invalid_request"),
        ("/v1/validations", a_basket(customer_id="a\x00b"), 422, "invalid_request"),
        ("/v1/validations", a_basket(at="2017-12-04T17:04:00"), 422, "invalid_request"),
        ("/v1/validations", a_basket(lines=a_basket()["lines"] * 2), 422, "basket_impossible"),
        ("/v1/redemptions", {}, 422, "invalid_request"),
        ("/v1/redemptions", {"customer_id": "1029"}, 422, "invalid_request"),
        ("/v1/redemptions", {"session": {"key": "k"}, "store_id": "1"}, 422, "invalid_request"),
        ("/v1/redemptions", {"session": {"key": "nobody's"}}, 404, "session_not_found"),
        ("/v1/redemptions", a_basket(lines=[]), 409, "nothing_to_redeem"),
        ("/v1/redemptions", a_basket(customer_id="nobody"), 409, "nothing_to_redeem"),
        ("/v1/redemptions/r_0/rollback", None, 404, "redemption_not_found"),
    ],
)
def test_what_is_refused_says_why(till: Browser, path: str, body: object, status: int, key: str) -> None:
    answer = post(till, path, body, "key-1")
    assert (answer.status_code, answer.json()["key"]) == (status, key)


def test_redeeming_needs_an_idempotency_key(till: Browser) -> None:
    assert post(till, "/v1/redemptions", a_basket()).json()["key"] == "idempotency_key_missing"


def test_before_the_first_night_a_till_is_told_to_come_again(embedded_store: Store, serve: Serve) -> None:
    assert embedded_store.name
    answer = post(serve(scopes={Scope.TILL}), "/v1/validations", a_basket())
    assert (answer.status_code, answer.json()["key"]) == (503, "no_current_run")


def test_an_apps_key_redeems_nothing(embedded_store: Store, serve: Serve) -> None:
    publish_shop(embedded_store, ["1029"])
    answer = post(serve(scopes={Scope.APP}), "/v1/redemptions", a_basket(), "k")
    assert (answer.status_code, answer.json()["key"]) == (403, "scope_missing")


def of_128(name: str, number: int) -> str:
    return f"{name}-{number:03}".ljust(128, "x")


def test_the_largest_basket_with_the_longest_ids_is_priced_held_redeemed_and_taken_back(
    till: Browser,
) -> None:
    (line,) = a_basket()["lines"]
    lines = [
        line
        | {
            "line_id": of_128("line", number),
            "product_id": of_128("product", number) if number else "995242",
            "quantity_milli": 999_999_000,
            "shelf_price_minor": 1_000_000_000,
            "promo_discount_minor": 99_999_999,
        }
        for number in range(500)
    ]
    lines[0] |= {"quantity_milli": 2000, "shelf_price_minor": 299, "promo_discount_minor": 0}
    basket = a_basket(lines=lines, store_id=of_128("store", 1), till_id=of_128("till", 1))
    assert post(till, "/v1/validations", basket | {"session": SESSION}).status_code == 200
    redeemed = post(till, "/v1/redemptions", basket | {"session": {"key": SESSION["key"]}}, key="w1")
    assert (redeemed.status_code, redeemed.json()["total_discount_minor"]) == (201, 90)
    path = f"/v1/redemptions/{redeemed.json()['redemption_id']}/rollback"
    back = post(till, path, {"line_ids": [line["line_id"] for line in lines]}, key="w2")
    assert back.json()["key"] == "line_not_found"  # the others were never redeemed
