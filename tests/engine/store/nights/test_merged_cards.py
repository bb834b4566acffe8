"""What the store holds of a card becomes its owner's: one bundle, one cap, one history."""

import json
from datetime import timedelta

import pytest

from engine.day.customer_rights import erase, hand_out
from engine.day.till.redeem import redeem
from engine.domain.contacts import Channel, Contact, Found
from engine.store import Store
from engine.store.choices.contact_log import all_contacts, record_contacts
from engine.store.choices.favourites import history_of
from engine.store.nights.bundle_records import open_bundles_of
from engine.store.nights.known_ids import customer_known_as
from engine.store.nights.login_views import view_of
from engine.store.nights.merged_cards import (
    forget_cards_but,
    known_cards,
    take_over_card,
)
from tests.engine.bundles import MONDAY, day
from tests.engine.shop import NOON, basket, give_favourite, line, publish_shop


def test_a_cards_bundle_goes_to_an_owner_who_has_none(store: Store) -> None:
    publish_shop(store, ["card"])
    take_over_card(store, "card", "anna", at=NOON)
    view = view_of(store, "anna", NOON)
    assert view is not None
    assert json.loads(view.body)["customer_id"] == "anna"
    assert view_of(store, "card", NOON) is None


def test_of_two_bundles_the_owners_goes_on_and_the_cards_ends(store: Store) -> None:
    publish_shop(store, ["anna", "card"])
    take_over_card(store, "card", "anna", at=NOON)
    assert list(open_bundles_of(store, ["anna", "card"], NOON)) == ["anna"]
    assert view_of(store, "card", NOON) is None


def test_what_the_card_redeemed_counts_for_the_owner(store: Store) -> None:
    publish_shop(store, ["card"])
    redeem(store, basket(line(1), customer_id="card"), now=NOON)
    take_over_card(store, "card", "anna", at=NOON)
    redeem(store, basket(line(2), customer_id="anna"), now=NOON + timedelta(hours=1))
    data = hand_out(store, "anna")
    assert len(data["redemptions"]) == 2
    assert {one["customer_id"] for one in data["redemptions"]} == {"anna"}
    assert {one["customer_id"] for one in data["events"]} == {"anna"}


def test_favourites_and_contacts_of_one_day_are_all_the_owners(store: Store) -> None:
    publish_shop(store, [])
    give_favourite(store, "anna", ends=day(6))
    give_favourite(store, "card", ends=day(5))
    same = Contact("anna", MONDAY, Found.MOVED, Channel.CALL, "Olga", "")
    record_contacts(store, [same, Contact("card", MONDAY, Found.MOVED, Channel.CALL, "Olga", "")], now=MONDAY)
    take_over_card(store, "card", "anna", at=NOON)
    assert [one.promise.id for one in history_of(store, "anna")] == ["f_anna", "f_card"]
    assert [one.customer_id for one in all_contacts(store, None)] == ["anna"]


def test_cards_are_followed_when_their_owner_becomes_a_card(store: Store) -> None:
    publish_shop(store, ["first"])
    take_over_card(store, "first", "second", at=NOON)
    take_over_card(store, "second", "third", at=NOON)
    assert known_cards(store) == {"first": "third", "second": "third"}
    assert customer_known_as(store, "first") == "third"
    assert view_of(store, "third", NOON) is not None


def test_a_card_that_is_merged_no_more_is_asked_for_by_itself(store: Store) -> None:
    take_over_card(store, "card", "anna", at=NOON)
    forget_cards_but(store, {})
    assert customer_known_as(store, "card") == "card"


@pytest.mark.parametrize("people", [["card"], ["anna", "card"]])
def test_an_erasure_leaves_nothing_of_the_cards(store: Store, people: list[str]) -> None:
    publish_shop(store, people)
    take_over_card(store, "card", "anna", at=NOON)
    erase(store, "anna", asked_at=NOON)
    for name in ("anna", "card"):
        assert not any(rows for table, rows in hand_out(store, name).items() if table != "erasures")
