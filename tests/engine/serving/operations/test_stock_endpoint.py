"""Stock over HTTP: who may tell it, what is refused, and what a server does by itself afterwards."""

from engine.domain.access_keys import Scope
from engine.serving.access.housekeeping import look_through_bundles
from engine.store import Store
from engine.store.access.audit import records
from tests.engine.day.till.test_substitutes import SOLD_OUT, open_shop
from tests.engine.serving.conftest import Browser, Serve

GONE = {"rows": [{"product_id": SOLD_OUT, "state": "sold_out"}]}


def test_what_is_told_once_is_kept_audited_and_shown_by_the_server(store: Store, browser: Browser) -> None:
    open_shop(store, "anna")
    for _ in range(2):
        answer = browser.ask("PUT", "/v1/stock", GONE, idempotency_key="s-1")
        assert (answer.status_code, answer.json()) == (200, {"accepted": 1, "unknown_products": []})
    assert answer.headers["idempotent-replayed"] == "true"
    while look_through_bundles(browser.app.state.deployment):
        pass
    offer = browser.get("/v1/customers/anna/offers").json()["offers"][1]
    assert (offer["item"]["id"], offer["substitute_for"]["item"]["id"]) == ("995250", SOLD_OUT)
    assert [one[2] for one in records(store)].count("stock_told") == 1


def test_only_a_key_for_stock_may_and_a_row_says_one_thing_of_one_product(
    serve: Serve, embedded_store: Store
) -> None:
    open_shop(embedded_store, "anna")
    other = serve(scopes=[Scope.TILL, Scope.APP, Scope.ANALYST, Scope.ADMIN])
    assert other.ask("PUT", "/v1/stock", GONE).json()["key"] == "scope_missing"
    mine = serve(scopes=[Scope.STOCK])
    product = {"product_id": SOLD_OUT}
    for rows in (
        [],
        [product],
        [product | {"quantity": 1, "state": "back"}],
        [product | {"quantity": -1}],
        [product | {"quantity": 10**10}],
        [product | {"quantity": 1.5}],
        [product | {"state": "gone"}],
        [product | {"state": "back", "store_id": "a/b"}],
        [product | {"state": "back"}] * 1001,
    ):
        answer = mine.ask("PUT", "/v1/stock", {"rows": rows})
        assert (answer.status_code, answer.json()["key"]) == (422, "invalid_request"), answer.text
    answer = mine.ask("PUT", "/v1/stock", {"rows": [product]})
    assert answer.json()["detail"] == "body.rows.0: expected either quantity or state; write one of them."
    many = [{"product_id": f"{number}", "quantity": 3} for number in range(999)] + [product | {"quantity": 0}]
    answer = mine.ask("PUT", "/v1/stock", {"rows": many})
    assert (answer.json()["accepted"], len(answer.json()["unknown_products"])) == (1, 999)
