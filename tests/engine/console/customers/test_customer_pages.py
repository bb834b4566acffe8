"""The pages about one customer."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.console.frame.texts import texts_in
from engine.day.till.redeem import redeem
from engine.domain.console_users import Role
from engine.domain.eligibility import Removal
from engine.settings import store_url_in
from engine.store import Store, open_store
from engine.store.access.audit import records
from engine.store.access.customer_erasure import waiting_erasures
from engine.store.choices.recall_rendering import render_recalled
from engine.store.nights.login_views import customers_with_offers
from tests.engine.console.conftest import OpenDesk
from tests.engine.shop import STOCKED, basket, give_favourite, line, publish_shop

MORNING = datetime(2017, 12, 4, 8, tzinfo=UTC)
HOSTILE = "<script>alert('milk')</script>"


def lived(workspace: Path) -> Store:
    store = open_store(store_url_in(workspace))
    publish_shop(store, ["anna", "bert"])
    return store


def test_a_customer_is_found_by_id_and_what_they_see_is_shown(desk: OpenDesk, tmp_path: Path) -> None:
    someone = desk(Role.SERVICE_DESK)
    store = lived(tmp_path)
    give_favourite(store)
    store.close()
    assert someone.get("/console/customers?id=+anna+").headers["location"] == "/console/customers/anna"
    said = someone.reads("/console/customers/anna")
    assert "Customer anna" in said
    assert "15 % 2.54 USD 2.99 USD" in said
    assert "0 of 5 used" in said
    assert "Favourite product: Bananas, 30 % off." in said


def test_a_use_and_a_contact_are_shown_with_their_day(desk: OpenDesk, tmp_path: Path) -> None:
    someone = desk(Role.SERVICE_DESK)
    store = lived(tmp_path)
    redeem(store, basket(line(0)), now=MORNING)
    store.close()
    someone.get("/console/customers/anna")
    noted = someone.post(
        "/console/customers/anna/contact",
        {"found": "complaint", "channel": "call", "note": "Milk was sour."},
    )
    said = someone.reads(noted.headers["location"])
    assert "The contact is recorded." in said
    assert "4 Dec 2017, 09:00 Has a complaint Milk was sour. call, service_desk" in said
    assert "0.45 USD" in said
    assert "1 of 5 used" in said


@pytest.mark.parametrize(
    "fields",
    [
        {"found": "nonsense", "channel": "call"},
        {"found": "moved", "channel": ""},
        {"found": "moved", "channel": "call", "note": "a" * 501},
        {"found": "moved", "channel": "call", "note": "a\x00b"},
    ],
)
def test_a_contact_that_is_none_is_refused_and_nothing_is_recorded(
    desk: OpenDesk, tmp_path: Path, fields: dict[str, str]
) -> None:
    someone = desk(Role.SERVICE_DESK)
    lived(tmp_path).close()
    someone.get("/console/customers/anna")
    assert someone.post("/console/customers/anna/contact", fields).status_code in {400, 422}
    assert "Nobody has noted a contact yet." in someone.reads("/console/customers/anna")


def test_nothing_is_known_of_a_number_that_is_nobodys_and_held_out_is_not_told(
    desk: OpenDesk, tmp_path: Path
) -> None:
    someone = desk(Role.SERVICE_DESK)
    lived(tmp_path).close()
    assert "Nothing is stored about this id" in someone.reads("/console/customers/nobody")
    assert "held out" not in someone.shown
    assert "holdout" not in someone.shown
    assert "This cannot be an id" in someone.reads("/console/customers?id=a/b")


def test_every_look_at_a_customer_is_in_the_audit_trail(desk: OpenDesk, tmp_path: Path) -> None:
    someone = desk(Role.SERVICE_DESK)
    store = lived(tmp_path)
    someone.get("/console/customers/anna")
    last = list(records(store))[-1]
    store.close()
    assert (last.actor, last.action, last.customer_id) == ("console service_desk", "customer_seen", "anna")


def test_names_of_customers_products_and_reasons_are_text_wherever_they_stand(
    desk: OpenDesk, tmp_path: Path
) -> None:
    someone = desk(Role.ADMIN)
    store = open_store(store_url_in(tmp_path))
    publish_shop(store, ["<b>anna"], products=[STOCKED[0]._replace(name=HOSTILE), *STOCKED[1:]])
    store.close()
    someone.get("/console/products")
    someone.post("/console/products/recall", {"product": "995240", "reason": HOSTILE})
    someone.get("/console/customers/%3Cb%3Eanna")
    someone.post(
        "/console/customers/%3Cb%3Eanna/contact", {"found": "moved", "channel": "call", "note": HOSTILE}
    )
    for path in ("/console", "/console/products", "/console/customers/%3Cb%3Eanna"):
        page = someone.get(path).text
        assert "<script" not in page
        assert "<b>anna" not in page
    assert "&lt;script&gt;" in page


def test_what_the_shop_took_back_stands_with_its_reason_and_replaced_bundles_do_not_stand_among_earlier_ones(
    desk: OpenDesk, tmp_path: Path
) -> None:
    someone = desk(Role.EDITOR)
    store = lived(tmp_path)
    publish_shop(store, ["anna"], attempt=2)
    someone.get("/console/products")
    someone.post("/console/products/recall", {"product": "995240", "reason": "Glass in it."})
    assert render_recalled(store, MORNING) > 0
    store.close()
    said = someone.reads("/console/customers/anna")
    assert "Taken back by the shop Fluid milk white only 1 ga Glass in it." in said
    assert "There is no earlier bundle." in said


def test_an_admin_hands_out_a_customers_data_as_a_file(desk: OpenDesk, tmp_path: Path) -> None:
    someone = desk(Role.ADMIN)
    lived(tmp_path).close()
    someone.get("/console/customers/anna")
    answer = someone.post("/console/customers/anna/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="customer.json"'
    told = json.loads(answer.text)
    assert told["customer_id"] == "anna"
    assert len(told["data"]["offers"]) == 5


def test_an_erasure_asks_for_the_id_once_more_and_leaves_nobody_in_the_trail(
    desk: OpenDesk, tmp_path: Path
) -> None:
    someone = desk(Role.ADMIN)
    store = lived(tmp_path)
    someone.get("/console/customers/anna")
    refused = someone.post("/console/customers/anna/erase", {"again": "bert"})
    assert refused.status_code == 422
    assert "Nobody was erased" in refused.text
    assert customers_with_offers(store, datetime(2017, 12, 5, tzinfo=UTC), limit=9) == ("anna", "bert")
    someone.get("/console/customers/anna")
    erased = someone.post("/console/customers/anna/erase", {"again": "anna"})
    assert erased.headers["location"] == "/console/customers?said=erased"
    assert waiting_erasures(store) == ("anna",)
    assert "anna" not in {act.customer_id for act in records(store)}
    store.close()
    assert "being erased" in someone.reads("/console/customers/anna")


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_rule_that_leaves_an_item_out_has_its_words(language: str) -> None:
    assert [one for one in Removal if not texts_in(language).has(f"rule.{one.value}")] == []


@pytest.mark.long
def test_why_says_each_item_its_reason_and_what_was_left_out_by_which_rule(
    desk: OpenDesk, lived_shop: Path
) -> None:
    someone = desk(Role.EDITOR, workspace=lived_shop, clock="fixed:2024-03-31T09:00:00Z")
    store = open_store(store_url_in(lived_shop))
    (who,) = customers_with_offers(store, datetime(2024, 3, 31, 9, tzinfo=UTC), limit=1)
    store.close()
    said = someone.reads(f"/console/customers/{who}/why")
    assert "Item and reason Discount Chance of purchase without it Left out, and by which rule" in said
    assert "bought on" in said or "mean gap" in said or "not bought for" in said
    assert any(texts_in("en")(f"rule.{one.value}") in said for one in Removal), said
    assert "Policy depth_rule values offers by the chance" in said
