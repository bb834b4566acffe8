"""Which pages of other hosts a browser lets ask the server."""

from engine.store import Store
from tests.engine.bundles import a_night
from tests.engine.serving.conftest import Serve

OFFERS = "/v1/customers/anna/offers"
APP = "https://app.example.com"
PREFLIGHT = {"access-control-request-method": "PUT", "access-control-request-headers": "authorization"}


def test_without_a_setting_no_page_may_ask(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    assert "access-control-allow-origin" not in serve().get(OFFERS, origin=APP).headers


def test_a_page_that_is_named_may_ask_and_read_what_it_needs(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    browser = serve(cors_origins=f"https://shop.example.com {APP}")
    answer = browser.get(OFFERS, origin=APP)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, APP)
    assert "ETag" in answer.headers["access-control-expose-headers"]
    asked = browser.with_secret(None).ask("OPTIONS", OFFERS, None, origin=APP, **PREFLIGHT)
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, APP)


def test_another_page_may_not(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    browser = serve(cors_origins=APP)
    assert "access-control-allow-origin" not in browser.get(OFFERS, origin="https://evil.example.com").headers
