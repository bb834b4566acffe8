import sqlite3
from pathlib import Path

from engine.domain.access_keys import Scope
from engine.store import Store
from engine.store.access.audit import records
from tests.engine.bundles import MONDAY, a_night
from tests.engine.serving.conftest import Serve
from tests.engine.touching import Touch, touch

ANNA = "anna-4711-planted"
DATA = f"/v1/customers/{ANNA}/data"
SHOWN = {"id": "1", "kind": "shown", "customer_id": ANNA, "at": "2017-12-04T08:59:30Z"}


def dump(workspace: Path) -> str:
    with sqlite3.connect(workspace / "store.db") as connection:
        text = "\n".join(connection.iterdump())
    connection.close()
    # Blobs are dumped as hexadecimal digits.
    return text + bytes.fromhex("".join(part.split("'")[0] for part in text.split("X'")[1:])).decode(
        "latin-1"
    )


def test_a_customer_gets_everything_that_is_known_of_them(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, [ANNA, "zoe"])
    browser = serve()
    browser.ask("POST", "/v1/events", {"events": [SHOWN]})
    answer = browser.get(f"/v1/customers/{ANNA}/export").json()
    assert len(answer["data"]["offers"]) == 5
    assert [bundle["bundle_id"] for bundle in answer["data"]["bundles"]] == [f"b_{ANNA}_2017-12-04.1"]
    assert [event["kind"] for event in answer["data"]["events"]] == ["shown"]
    assert "zoe" not in str(answer)


def test_that_their_data_was_handed_out_is_in_the_audit_trail(serve: Serve, embedded_store: Store) -> None:
    serve().get(f"/v1/customers/{ANNA}/export")
    assert [(act.action, act.customer_id) for act in records(embedded_store)][-1] == ("exported", ANNA)


def test_after_an_erasure_no_byte_of_the_store_names_them(
    serve: Serve, embedded_store: Store, tmp_path: Path
) -> None:
    a_night(embedded_store, [ANNA, "zoe"])
    touch(embedded_store, ANNA, "o_1", Touch.REDEEM, MONDAY)
    browser = serve()
    browser.get(f"/v1/customers/{ANNA}/offers")
    browser.ask("POST", "/v1/events", {"events": [SHOWN]}, idempotency_key="a")
    browser.get(f"/v1/customers/{ANNA}/export")
    assert ANNA in dump(tmp_path)
    assert browser.ask("DELETE", DATA).json()["workspace"] == "waiting"
    left = dump(tmp_path)
    # Only their tombstone, until the workspace is done too.
    assert left.count(ANNA) == 1
    assert f"INSERT INTO \"erasures\" VALUES(1,'{ANNA}'" in left
    assert "zoe" in left


def test_an_erased_customer_sees_the_same_nothing_as_a_stranger(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, [ANNA, "zoe"])
    browser = serve()
    browser.ask("DELETE", DATA)
    erased, stranger = (browser.get(f"/v1/customers/{name}/offers") for name in (ANNA, "stranger"))
    assert erased.text.replace(ANNA, "stranger") == stranger.text
    assert len(browser.get("/v1/customers/zoe/offers").json()["offers"]) == 5


def test_a_night_offers_an_erased_customer_nothing(serve: Serve, embedded_store: Store) -> None:
    browser = serve()
    browser.ask("DELETE", DATA)
    assert a_night(embedded_store, [ANNA, "zoe"]).bundles == 1
    assert browser.get(f"/v1/customers/{ANNA}/offers").json()["bundle"] is None


def test_nothing_is_told_of_an_erased_customer(serve: Serve) -> None:
    browser = serve()
    browser.ask("DELETE", DATA)
    assert browser.ask("POST", "/v1/events", {"events": [SHOWN]}).status_code == 404
    assert browser.get("/v1/events").json()["events"] == []


def test_erasing_twice_finds_nothing_more(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, [ANNA])
    browser = serve()
    first, second = (browser.ask("DELETE", DATA).json() for _ in range(2))
    assert first["removed"] > 0
    assert second == {"removed": 0, "kept": 0, "workspace": "waiting"}


def test_the_audit_trail_says_that_somebody_was_erased_and_not_who(
    serve: Serve, embedded_store: Store
) -> None:
    serve().ask("DELETE", DATA)
    last = list(records(embedded_store))[-1]
    assert (last.action, last.customer_id) == ("erased", None)


def test_a_customers_data_is_for_admins(serve: Serve) -> None:
    browser = serve(scopes=[Scope.APP, Scope.TILL, Scope.ANALYST])
    for method, path in (("GET", f"/v1/customers/{ANNA}/export"), ("DELETE", DATA)):
        assert browser.ask(method, path).json()["key"] == "scope_missing"


def test_a_customer_is_told_why_they_have_each_offer(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, [ANNA, "zoe"])
    browser = serve()
    shown = browser.get(f"/v1/customers/{ANNA}/offers").json()["offers"]
    answer = browser.get(f"/v1/customers/{ANNA}/export").json()
    assert "an algorithm" in answer["logic"]
    told = [(one["offer_id"], one["reason"], one["reason_text"]) for one in answer["explanations"]]
    assert told == [(one["id"], one["reason"]["code"], one["reason"]["text"]) for one in shown]
