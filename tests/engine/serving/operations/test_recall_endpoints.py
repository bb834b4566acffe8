"""Recalls over HTTP: who may, what comes back, and what a server does by itself afterwards."""

from engine.domain.access_keys import Scope
from engine.serving.access.housekeeping import render_after_recalls
from engine.store import Store
from tests.engine.serving.conftest import Browser, Serve
from tests.engine.shop import publish_shop

WHY = {"reason": "Recalled by its maker."}


def rendered(browser: Browser) -> None:
    while render_after_recalls(browser.app.state.deployment):
        pass


def test_a_recall_is_written_once_listed_rendered_by_the_server_and_lifted(
    store: Store, browser: Browser
) -> None:
    publish_shop(store, ["anna"])
    for _ in range(2):
        answer = browser.ask("PUT", "/v1/recalls/995241", WHY)
        assert answer.status_code == 200, answer.text
        (found,) = answer.json()["recalls"]
        assert (found["product_id"], found["reason"], found["is_rendered"]) == (
            "995241",
            WHY["reason"],
            False,
        )
    rendered(browser)
    assert browser.get("/v1/recalls").json()["recalls"][0]["is_rendered"]
    offers = browser.get("/v1/customers/anna/offers").json()
    assert (len(offers["offers"]), offers["withdrawn"][0]["reason"]["text"]) == (4, WHY["reason"])
    assert browser.ask("DELETE", "/v1/recalls/995241").json() == {"recalls": []}
    rendered(browser)
    assert len(browser.get("/v1/customers/anna/offers").json()["offers"]) == 5


def test_only_an_admin_may_and_only_products_that_there_are(serve: Serve, embedded_store: Store) -> None:
    publish_shop(embedded_store, ["anna"])
    till = serve(scopes=[Scope.TILL, Scope.APP, Scope.ANALYST])
    assert till.ask("PUT", "/v1/recalls/995241", WHY).json()["key"] == "scope_missing"
    admin = serve(scopes=[Scope.ADMIN])
    assert admin.ask("PUT", "/v1/recalls/4711", WHY).json()["key"] == "product_not_found"
    assert admin.ask("PUT", "/v1/recalls/4711", WHY | {"beforehand": True}).status_code == 200
    past = WHY | {"until": "2017-12-01T00:00:00Z"}
    assert admin.ask("PUT", "/v1/recalls/995241", past).json()["key"] == "invalid_request"


def test_a_reason_with_a_control_character_is_refused_on_every_database(
    store: Store, browser: Browser
) -> None:
    publish_shop(store, ["anna"])
    for reason in ("Bring\x00it back.", "\x1b[31mBring it back."):
        answer = browser.ask("PUT", "/v1/recalls/995241", {"reason": reason})
        assert (answer.status_code, answer.json()["key"]) == (422, "invalid_request"), answer.text
    assert browser.get("/v1/recalls").json() == {"recalls": []}
