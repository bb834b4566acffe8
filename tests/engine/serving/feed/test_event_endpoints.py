import asyncio
from typing import Any

import httpx
import pytest

from engine.domain.access_keys import Scope
from engine.store import Store
from tests.engine.bundles import a_night
from tests.engine.serving.access.test_token_endpoint import phone
from tests.engine.serving.conftest import Serve

SHOWN = {
    "id": "a81f-1",
    "kind": "shown",
    "customer_id": "anna",
    "offer_id": "o_1",
    "at": "2017-12-04T08:59:30Z",
}


def told(*events: dict[str, Any]) -> dict[str, Any]:
    return {"events": list(events)}


def test_what_was_shown_comes_back_with_its_run_bundle_and_item(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    browser = serve()
    assert browser.ask("POST", "/v1/events", told(SHOWN)).json() == {"accepted": 1, "duplicates": 0}
    page = browser.get("/v1/events").json()
    assert page == {
        "events": [
            {
                "id": "anna/a81f-1",
                "kind": "shown",
                "at": "2017-12-04T09:00:00Z",
                "told_at": "2017-12-04T08:59:30Z",
                "customer_id": "anna",
                "run_id": "2017-12-04.1",
                "bundle_id": "b_anna_2017-12-04.1",
                "offer_id": "o_1",
                "item_id": "995241",
                "details": {},
            }
        ],
        "next": "1",
    }


def test_an_event_told_again_is_a_duplicate_also_in_another_batch(serve: Serve) -> None:
    browser = serve()
    browser.ask("POST", "/v1/events", told(SHOWN))
    again = browser.ask("POST", "/v1/events", told(SHOWN, SHOWN | {"id": "a81f-2", "kind": "opened"}))
    assert again.json() == {"accepted": 1, "duplicates": 1}
    assert [event["kind"] for event in browser.get("/v1/events").json()["events"]] == ["shown", "opened"]


def test_an_offer_that_is_not_the_customers_has_no_item(serve: Serve, embedded_store: Store) -> None:
    a_night(embedded_store, ["anna"])
    browser = serve()
    browser.ask("POST", "/v1/events", told(SHOWN | {"offer_id": "o_99"}))
    (event,) = browser.get("/v1/events").json()["events"]
    assert (event["offer_id"], event["item_id"]) == ("o_99", None)


def test_the_cursor_goes_on_where_it_was(serve: Serve) -> None:
    browser = serve()
    browser.ask("POST", "/v1/events", told(*(SHOWN | {"id": str(number)} for number in range(5))))
    first = browser.get("/v1/events?limit=3").json()
    rest = browser.get(f"/v1/events?limit=3&after={first['next']}").json()
    assert [event["id"] for event in first["events"] + rest["events"]] == [f"anna/{n}" for n in range(5)]
    assert browser.get(f"/v1/events?after={rest['next']}").json() == {"events": [], "next": "5"}


def test_a_phone_tells_of_its_own_customer_only(serve: Serve) -> None:
    browser = serve()
    held = phone(browser)
    assert held.ask("POST", "/v1/events", told(SHOWN)).status_code == 200
    answer = held.ask("POST", "/v1/events", told(SHOWN, SHOWN | {"customer_id": "zoe"}))
    assert (answer.status_code, answer.json()["key"]) == (404, "not_found")
    assert len(browser.get("/v1/events").json()["events"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "redeemed"},
        {"at": "2017-12-04T08:59:30"},
        {"id": ""},
        {"id": "x" * 65},
        {"customer_id": ""},
        {"price": 1},
    ],
)
def test_what_is_no_event_is_refused_with_the_whole_batch(serve: Serve, wrong: dict[str, Any]) -> None:
    browser = serve()
    answer = browser.ask("POST", "/v1/events", told(SHOWN, SHOWN | wrong))
    assert (answer.status_code, answer.json()["key"]) == (422, "invalid_request")
    assert browser.get("/v1/events").json()["events"] == []


def test_a_batch_holds_at_most_200(serve: Serve) -> None:
    many = [SHOWN | {"id": str(number)} for number in range(201)]
    assert serve().ask("POST", "/v1/events", told(*many)).status_code == 422


def test_a_phone_tells_at_most_50_at_once(serve: Serve) -> None:
    held = phone(serve())
    many = [SHOWN | {"id": str(number)} for number in range(51)]
    refused = held.ask("POST", "/v1/events", told(*many))
    assert (refused.status_code, refused.json()["key"]) == (422, "invalid_request")
    assert refused.json()["detail"] == "body.events: a phone tells at most 50 events at once, not 51"
    assert held.ask("POST", "/v1/events", told(*many[:50])).json() == {"accepted": 50, "duplicates": 0}


def test_a_phone_that_tells_too_much_is_told_when_to_go_on(serve: Serve) -> None:
    held = phone(serve(token_event_limit="60/hour"))  # noqa: S106 - a rate
    batches = [[SHOWN | {"id": f"{batch}-{number}"} for number in range(40)] for batch in range(2)]
    answers = [held.ask("POST", "/v1/events", told(*batch)) for batch in batches]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert 1 <= int(answers[1].headers["retry-after"]) <= 3600


def test_batches_that_wait_leave_threads_and_turns_to_the_tills(serve: Serve, embedded_store: Store) -> None:
    browser = serve()
    batches = [told(SHOWN | {"id": str(number)}) for number in range(60)]

    async def ask_beside_batches() -> tuple[httpx.Response, int]:
        transport = httpx.ASGITransport(browser.app)
        key = {"authorization": f"Bearer {browser.secret}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test", headers=key) as client:
            with embedded_store.writing():
                sent = [asyncio.create_task(client.post("/v1/events", json=one)) for one in batches]
                runs = await client.get("/v1/runs")
                under_way = sum(not one.done() for one in sent)
            await asyncio.gather(*sent)
        return runs, under_way

    answer, under_way = asyncio.run(ask_beside_batches())
    assert (answer.status_code, under_way) == (200, 60)


def test_the_feed_is_for_analysts(serve: Serve) -> None:
    assert serve(scopes=[Scope.APP]).get("/v1/events").json()["key"] == "scope_missing"


@pytest.mark.parametrize("after", ["-1", "x", "1" * 19])
def test_a_cursor_that_is_none_is_refused(serve: Serve, after: str) -> None:
    assert serve().get(f"/v1/events?after={after}").status_code == 422


def test_the_largest_batch_with_the_longest_ids_is_taken(serve: Serve) -> None:
    batch = [
        SHOWN | {"id": f"{number:03}" + "e" * 61, "customer_id": "c" * 128, "offer_id": "o" * 64}
        for number in range(200)
    ]
    answer = serve().ask("POST", "/v1/events", told(*batch))
    assert answer.json() == {"accepted": 200, "duplicates": 0}
