"""All personal offers are stopped at once: what logins, tills, favourites and nights do until they go on."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.day.activate import activate
from engine.day.choose_favourite import choose_favourite, favourite_of
from engine.day.offers_at_login import offers_at_login
from engine.day.stop_offers import resume_offers, stop_offers
from engine.day.till.redeem import redeem, redeem_session
from engine.day.till.rollback import rollback
from engine.day.till.validate import Hold, validate
from engine.domain.offer_errors import Refused
from engine.store import Store, open_store
from models.ground.errors import OffersStopped
from tests.engine.bundles import MONDAY, a_night
from tests.engine.shop import NOON, basket, give_favourite, line, publish_shop, rules

TILL = Hold("330-7-8812", timedelta(minutes=5))
WHY = "All prices are wrong."


@pytest.fixture(autouse=True)
def shop(store: Store) -> None:
    publish_shop(store, ["anna"], programme=rules(share="0.0"))
    give_favourite(store)


def test_everybody_sees_an_empty_list_and_that_it_is_stopped_until_it_goes_on(store: Store) -> None:
    before = offers_at_login(store, "anna", NOON)
    assert stop_offers(store, reason=WHY, now=NOON)
    assert not stop_offers(store, reason="again", now=NOON)
    for name in ("anna", "a stranger"):
        body = json.loads(offers_at_login(store, name, NOON).body)
        assert body == {
            "customer_id": name,
            "as_of": "2017-12-04T00:00:00Z",
            "bundle": None,
            "offers": [],
            "reason": "offers_stopped",
        }
    assert (resume_offers(store, now=NOON), resume_offers(store, now=NOON)) == (True, False)
    assert offers_at_login(store, "anna", NOON) == before


def test_another_process_on_the_store_stops_in_the_same_moment(store: Store) -> None:
    other = open_store(store.engine.url.render_as_string(hide_password=False))
    assert b"offers_stopped" not in offers_at_login(other, "anna", NOON).body
    stop_offers(store, reason=WHY, now=NOON)
    assert b"offers_stopped" in offers_at_login(other, "anna", NOON).body
    other.close()


def test_tills_give_nothing_and_take_back(store: Store) -> None:
    bought = redeem(store, basket(line(1)), now=NOON)
    validate(store, basket(line(0)), now=NOON, hold=TILL)
    stop_offers(store, reason=WHY, now=NOON)
    done = validate(store, basket(line(2)), now=NOON)
    assert (done.receipt.lines, dict(done.receipt.not_applied)["o_2"]) == ((), "offers_stopped")
    asked: tuple[Callable[[], object], ...] = (
        lambda: redeem(store, basket(line(2)), now=NOON),
        lambda: redeem_session(store, TILL.key, now=NOON),
        lambda: activate(store, "anna", "o_3", NOON),
        lambda: choose_favourite(store, "anna", "995240", NOON),
    )
    for ask in asked:
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.key == "offers_stopped"
    found = favourite_of(store, "anna", NOON)
    assert (found.current, found.suggestions, found.substitutes) == (None, (), ())
    assert rollback(store, bought.redemption_id, now=NOON).discount_minor == 45
    resume_offers(store, now=NOON)
    assert redeem_session(store, TILL.key, now=NOON).receipt.discount_minor == 45


def test_no_night_is_published_meanwhile(store: Store) -> None:
    stop_offers(store, reason=WHY, now=MONDAY)
    with pytest.raises(OffersStopped, match="stopped since 2017-12-04T00:00:00"):
        a_night(store, ["boris"], attempt=2)
