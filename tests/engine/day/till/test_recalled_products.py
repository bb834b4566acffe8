"""A product is withdrawn from every open offer: what customers see, what tills do, what comes back when it is lifted."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.day.activate import activate
from engine.day.choose_favourite import choose_favourite, favourite_of
from engine.day.offers_at_login import offers_at_login
from engine.day.recall_product import lift_recall, recall_product
from engine.day.till.redeem import redeem, redeem_session
from engine.day.till.rollback import rollback
from engine.day.till.validate import Hold, validate
from engine.domain.bundle import OfferState
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.choices.recall_rendering import batches, render_recalled
from engine.store.nights.login_views import endings
from engine.store.nights.recalls import all_recalls
from tests.engine.bundles import day
from tests.engine.shop import NOON, basket, give_favourite, line, publish_shop, rules

LISTERIA = "Please do not eat it: bring it back."
MILK_1 = "995241"
TILL = Hold("330-7-8812", timedelta(minutes=5))


@pytest.fixture(autouse=True)
def shop(store: Store) -> None:
    publish_shop(store, ["anna", "boris"], programme=rules(share="0.0"))


def recall(store: Store, product_id: str = MILK_1, **changes: Any) -> None:
    recall_product(store, product_id, **({"reason": LISTERIA, "now": NOON} | changes))
    render_recalled(store, NOON)


def seen(store: Store, customer_id: str = "anna", now: Any = NOON) -> dict[str, Any]:
    return dict(json.loads(offers_at_login(store, customer_id, now).body))


def test_the_offer_is_gone_and_the_customer_reads_why(store: Store) -> None:
    before = seen(store)
    recall(store)
    after = seen(store)
    assert [one["id"] for one in after["offers"]] == ["o_0", "o_2", "o_3", "o_4"]
    assert after["withdrawn"] == [
        {
            "id": "o_1",
            "item": {"id": MILK_1, "name": "FLUID MILK WHITE ONLY 1 GA"},
            "reason": {"code": "recalled", "text": LISTERIA},
        }
    ]
    assert after["bundle"] == before["bundle"]
    assert seen(store, "boris")["withdrawn"] == after["withdrawn"]


def test_lifted_every_offer_is_back_to_the_byte(store: Store) -> None:
    before = offers_at_login(store, "anna", NOON)
    recall(store)
    lift_recall(store, MILK_1, now=NOON)
    render_recalled(store, NOON)
    assert offers_at_login(store, "anna", NOON) == before
    assert validate(store, basket(line(1)), now=NOON).receipt.discount_minor == 45


def test_it_ends_by_itself_where_it_says_until_when(store: Store) -> None:
    before = seen(store)
    recall(store, until=day(7))
    assert "withdrawn" in seen(store, now=day(7) - timedelta(seconds=1))
    assert seen(store, now=day(7)) == before
    assert validate(store, basket(line(1)), now=day(7)).receipt.discount_minor == 45


def test_a_till_gives_nothing_for_it_from_the_moment_of_the_recall(store: Store) -> None:
    recall_product(store, MILK_1, reason=LISTERIA, now=NOON)  # nothing is rendered yet
    done = validate(store, basket(line(0), line(1)), now=NOON)
    assert [one.offer_id for one in done.receipt.lines] == ["o_0"]
    assert dict(done.receipt.not_applied)["o_1"] == "product_recalled"
    with pytest.raises(Refused) as refused:
        redeem(store, basket(line(1)), now=NOON)
    assert refused.value.key == "product_recalled"


def test_a_held_basket_with_it_is_not_redeemed_and_can_be_priced_anew(store: Store) -> None:
    validate(store, basket(line(0), line(1)), now=NOON, hold=TILL)
    recall(store)
    assert [one["state"] for one in seen(store)["offers"]] == ["reserved", *["activated"] * 3]
    with pytest.raises(Refused) as refused:
        redeem_session(store, TILL.key, now=NOON)
    assert refused.value.key == "product_recalled"
    validate(store, basket(line(0), line(1)), now=NOON, hold=TILL)
    assert redeem_session(store, TILL.key, now=NOON).receipt.discount_minor == 45


def test_what_was_redeemed_stays_until_it_is_brought_back(store: Store) -> None:
    bought = redeem(store, basket(line(1)), now=NOON)
    recall(store)
    assert seen(store)["offers"][1]["state"] == "redeemed"
    rollback(store, bought.redemption_id, now=NOON)
    assert [one["id"] for one in seen(store)["withdrawn"]] == ["o_1"]
    assert seen(store)["bundle"]["slots_used"] == 0


def test_it_cannot_be_activated(store: Store) -> None:
    recall(store)
    with pytest.raises(Refused) as refused:
        activate(store, "anna", "o_1", NOON)
    assert refused.value.key == "offer_not_found"


def test_its_place_among_the_active_ones_is_free_for_another(store: Store) -> None:
    choose = rules(share="0.0", mode='"choose"')
    publish_shop(store, ["zoe"], attempt=2, state=OfferState.OFFERED, slots_total=1, programme=choose)
    activate(store, "zoe", "o_1", NOON)
    recall(store)
    offers = json.loads(activate(store, "zoe", "o_2", NOON))["offers"]
    assert {one["id"]: one["state"] for one in offers}["o_2"] == "activated"


def test_a_favourite_is_withdrawn_and_its_stand_ins_keep_the_discount(store: Store) -> None:
    give_favourite(store)
    recall(store, "1082185")
    answer = seen(store)
    assert "favourite" not in answer
    assert answer["favourite_withdrawn"]["reason"] == {"code": "recalled", "text": LISTERIA}
    found = favourite_of(store, "anna", NOON)
    assert (found.current, [one.id for one in found.substitutes]) == (None, ["1082186"])
    plantains = replace(line(0, price=110), product_id="1082186")
    assert validate(store, basket(plantains), now=NOON).receipt.discount_minor == 33
    bananas = replace(line(0, price=100), product_id="1082185")
    assert (
        dict(validate(store, basket(bananas), now=NOON).receipt.not_applied)["f_anna"] == "product_recalled"
    )
    lift_recall(store, "1082185", now=NOON)
    render_recalled(store, NOON)
    assert "favourite_withdrawn" not in seen(store)
    assert seen(store)["favourite"]["item"]["id"] == "1082185"


def test_it_is_neither_suggested_nor_chosen_as_a_favourite(store: Store) -> None:
    recall(store, "1082185")
    with pytest.raises(Refused) as refused:
        choose_favourite(store, "boris", "1082185", NOON)
    assert refused.value.key == "product_recalled"


def test_asked_twice_it_is_recalled_once_and_another_reason_replaces_the_first(store: Store) -> None:
    recall(store)
    recall(store)
    recall(store, reason="Recalled by its maker.")
    assert [(one.product_id, one.reason) for one in all_recalls(store)] == [
        (MILK_1, "Recalled by its maker.")
    ]
    assert seen(store)["withdrawn"][0]["reason"]["text"] == "Recalled by its maker."


def test_an_unknown_product_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match="no product 4711") as refused:
        recall_product(store, "4711", reason=LISTERIA, now=NOON)
    assert refused.value.key == "product_not_found"
    with pytest.raises(Refused, match="no product 4711"):
        lift_recall(store, "4711", now=NOON)
    assert not lift_recall(store, MILK_1, now=NOON)


def test_killed_in_the_middle_it_goes_on_where_it_was(store: Store) -> None:
    recall_product(store, MILK_1, reason=LISTERIA, now=NOON)
    assert next(batches(store, NOON, at_once=1)) == 1
    assert [("withdrawn" in seen(store, name)) for name in ("anna", "boris")] == [True, False]
    render_recalled(store, NOON)
    assert "withdrawn" in seen(store, "boris")
    assert all_recalls(store)[0].is_rendered


def test_a_server_that_looks_once_a_second_notices_a_recall_that_was_rendered_anew_in_between(
    store: Store,
) -> None:
    recall(store)
    seen_last, later = endings(store), NOON + timedelta(milliseconds=500)
    recall_product(store, MILK_1, reason="Recalled by its maker.", now=later)
    render_recalled(store, later)
    assert endings(store) != seen_last
