"""The service desk over HTTP: give, see, take back, with a key that may do only that."""

from typing import Any

import pytest

from engine.domain.access_keys import Scope
from engine.store import Store
from engine.store.access.audit import records
from tests.engine.serving.conftest import Browser, Serve
from tests.engine.shop import GRANTS, publish_shop, rules

SORRY = {"kind": "compensation", "amount_minor": 500, "reason": "Sour milk."}
PATH = "/v1/customers/anna/grants"


@pytest.fixture
def desk(embedded_store: Store, serve: Serve) -> Browser:
    publish_shop(embedded_store, ["anna"], programme=rules(share="0.0") + GRANTS)
    return serve(scopes=[Scope.DESK])


def post(desk: Browser, retry: str = "1", **changes: Any) -> Any:
    return desk.ask("POST", PATH, SORRY | changes, idempotency_key=retry)


def test_a_grant_is_given_once_read_by_the_customer_and_taken_back(
    desk: Browser, embedded_store: Store, serve: Serve
) -> None:
    first, again = post(desk), post(desk)
    assert (first.status_code, again.content, again.headers["idempotent-replayed"]) == (
        201,
        first.content,
        "true",
    )
    given = first.json()
    assert desk.get(PATH).json() == {"grants": [given]}
    phone = serve(scopes=[Scope.APP])
    assert phone.get("/v1/customers/anna/offers").json()["grants"] == [
        {
            "id": given["id"],
            "kind": "compensation",
            "state": "open",
            "amount_minor": 500,
            "left_minor": 500,
            "currency": "USD",
            "valid_from": "2017-12-04T09:00:00Z",
            "valid_to": "2017-12-11T00:00:00Z",
            "reason": {"code": "compensation", "text": "Sour milk."},
        }
    ]
    back = desk.ask("DELETE", f"{PATH}/{given['id']}?reason=given%20twice")
    assert (back.status_code, back.json()["state"], back.json()["note"]) == (200, "cancelled", "given twice")
    assert "grants" not in phone.get("/v1/customers/anna/offers").json()
    told = [(act.action, act.customer_id, act.subject) for act in records(embedded_store)]
    assert [one for one in told if one[0].startswith("grant_")] == [
        ("grant_given", "anna", given["id"]),
        ("grant_cancelled", "anna", given["id"]),
    ]


def test_refusals_have_their_keys(desk: Browser) -> None:
    assert desk.ask("POST", PATH, SORRY).json()["key"] == "idempotency_key_missing"
    assert post(desk, amount_minor=2001).json()["key"] == "grant_above_limit"
    assert post(desk, "4", key="a/b").json()["key"] == "invalid_request"
    assert post(desk, "2", kind="points").json()["key"] == "invalid_request"
    grant_id = post(desk, "3").json()["id"]
    others = desk.ask("DELETE", f"/v1/customers/boris/grants/{grant_id}?reason=no")
    assert (others.status_code, others.json()["key"]) == (404, "grant_not_found")


def test_no_other_key_may_give_and_this_one_may_nothing_else(desk: Browser, serve: Serve) -> None:
    others = serve(scopes=set(Scope) - {Scope.DESK})
    assert post(others).json()["key"] == "scope_missing"
    assert desk.get("/v1/customers/anna/offers").json()["key"] == "scope_missing"
    assert desk.get("/v1/customers/anna/export").json()["key"] == "scope_missing"
