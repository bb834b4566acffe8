import json

import pytest

from engine.domain.bundle import OfferState
from engine.store import Store
from engine.store.ledger import LedgerOffer, Touch, current_offers, touch
from engine.store.views import view_of
from models.tables import OFFERS
from tests.engine.bundles import MONDAY, a_night, day


def test_the_export_has_every_offer_with_what_was_promised(store: Store) -> None:
    a_night(store, ["anna"])
    rows = list(current_offers(store, MONDAY))
    assert len(rows) == 5
    assert rows[2] == LedgerOffer(
        customer_id="anna",
        bundle_id="b_anna_2017-12-04.1",
        item_id="995242",
        kind="preferred",
        discount_bp=1500,
        price_minor=299,
        valid_from=day(4),
        valid_to=day(10),
        p_buy=0.25,
        arm="treated",
        propensity=1.0,
        reason="due_now",
        run_id="2017-12-04.1",
    )


def test_the_export_of_a_moment_leaves_out_what_has_ended(store: Store) -> None:
    a_night(store, ["anna"], days=4)
    assert list(current_offers(store, day(8))) == []


def test_redeeming_takes_a_slot_and_renders_the_view_again(store: Store) -> None:
    a_night(store, ["anna"])
    assert touch(store, "anna", "o_1", Touch.REDEEM, MONDAY)
    view = view_of(store, "anna", MONDAY)
    assert view is not None
    body = json.loads(view.body)
    assert body["bundle"]["slots_used"] == 1
    assert [one["state"] for one in body["offers"]] == ["activated", "redeemed", *["activated"] * 3]


@pytest.mark.parametrize(
    ("before", "mark", "answer"),
    [
        (OfferState.OFFERED, Touch.ACTIVATE, True),
        (OfferState.OFFERED, Touch.RESERVE, False),
        (OfferState.OFFERED, Touch.REDEEM, False),
        (OfferState.ACTIVATED, Touch.ACTIVATE, False),
        (OfferState.ACTIVATED, Touch.RESERVE, True),
        (OfferState.ACTIVATED, Touch.REDEEM, True),
    ],
)
def test_a_mark_is_made_only_from_the_states_before_it(
    store: Store, before: OfferState, mark: Touch, answer: bool
) -> None:
    a_night(store, ["anna"], state=before)
    assert touch(store, "anna", "o_0", mark, MONDAY) is answer


def test_an_offer_is_redeemed_once(store: Store) -> None:
    a_night(store, ["anna"])
    assert touch(store, "anna", "o_0", Touch.RESERVE, MONDAY)
    assert touch(store, "anna", "o_0", Touch.REDEEM, MONDAY)
    assert not touch(store, "anna", "o_0", Touch.REDEEM, MONDAY)


@pytest.mark.parametrize(
    ("customer_id", "offer_id", "december"), [("boris", "o_0", 4), ("anna", "o_9", 4), ("anna", "o_0", 10)]
)
def test_nothing_is_marked_for_others_for_unknown_offers_or_after_the_end(
    store: Store, customer_id: str, offer_id: str, december: int
) -> None:
    a_night(store, ["anna"])
    assert not touch(store, customer_id, offer_id, Touch.REDEEM, day(december))
    assert all(one.customer_id == "anna" for one in current_offers(store, MONDAY))


def test_the_export_has_the_columns_that_the_vocabulary_lists() -> None:
    assert LedgerOffer._fields == OFFERS.names
