import json
from datetime import timedelta

import pytest
from sqlalchemy import insert

from engine.day.activate import activate, deactivate
from engine.day.offers_at_login import offers_at_login
from engine.domain.bundle import OfferState
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.log.events import events_after
from engine.store.schema import moment_us
from engine.store.schema.checkout_tables import reservations, sessions
from tests.engine.day.shops import CHOOSE, at, open_shop
from tests.engine.shop import publish_shop
from tests.engine.touching import Touch, touch

NOW = at("04 09:00")


def states(body: bytes) -> list[str]:
    return [offer["state"] for offer in json.loads(body)["offers"]]


def refusal(store: Store, offer_id: str, *, put_back: bool = False) -> str:
    with pytest.raises(Refused) as caught:
        (deactivate if put_back else activate)(store, "c1", offer_id, NOW)
    return caught.value.key


def choosing(store: Store, *changes: tuple[str, str], slots: int = 2) -> None:
    open_shop(store, CHOOSE, *changes, state=OfferState.OFFERED, slots=slots)


def test_a_customer_activates_as_many_offers_as_their_bundle_has_slots(store: Store) -> None:
    choosing(store)
    assert states(activate(store, "c1", "o_3", NOW)) == [
        "offered",
        "offered",
        "offered",
        "activated",
        "offered",
    ]
    assert states(activate(store, "c1", "o_0", NOW))[0] == "activated"
    assert refusal(store, "o_1") == "slots_full"


def test_the_next_login_shows_it(store: Store) -> None:
    choosing(store)
    answer = activate(store, "c1", "o_3", NOW)
    assert offers_at_login(store, "c1", NOW).body == answer


def test_an_active_offer_activated_again_stays_as_it_is(store: Store) -> None:
    choosing(store, slots=1)
    first = activate(store, "c1", "o_3", NOW)
    assert activate(store, "c1", "o_3", NOW) == first


def test_an_offer_put_back_leaves_its_slot_to_another(store: Store) -> None:
    choosing(store, slots=1)
    activate(store, "c1", "o_3", NOW)
    assert set(states(deactivate(store, "c1", "o_3", NOW))) == {"offered"}
    assert states(activate(store, "c1", "o_1", NOW))[1] == "activated"


def test_an_offer_that_is_not_active_may_be_put_back_again(store: Store) -> None:
    choosing(store)
    assert deactivate(store, "c1", "o_3", NOW) == offers_at_login(store, "c1", NOW).body


def test_a_used_offer_keeps_its_slot(store: Store) -> None:
    choosing(store, slots=1)
    activate(store, "c1", "o_3", NOW)
    touch(store, "c1", "o_3", Touch.REDEEM, NOW)
    assert refusal(store, "o_3", put_back=True) == "offer_redeemed"
    assert refusal(store, "o_1") == "slots_full"


def test_an_offer_held_for_a_basket_is_put_back_only_once_the_session_ends(store: Store) -> None:
    choosing(store)
    activate(store, "c1", "o_3", NOW)
    with store.writing("c1") as connection:
        made = connection.execute(
            insert(sessions).values(
                session_key="till-7-8812",
                customer_id="c1",
                created_us=moment_us(NOW),
                expires_us=moment_us(NOW + timedelta(minutes=5)),
                priced="{}",
            )
        )
        bundle_no = 1 * 2**32
        session_no = made.inserted_primary_key[0]
        connection.execute(insert(reservations).values(bundle_no=bundle_no, slot=3, session_no=session_no))
    assert refusal(store, "o_3", put_back=True) == "offer_reserved"
    later = NOW + timedelta(minutes=5)
    assert states(deactivate(store, "c1", "o_3", later))[3] == "offered"


def test_where_offers_are_always_active_none_is_put_back(store: Store) -> None:
    open_shop(store)
    assert states(activate(store, "c1", "o_3", NOW)) == ["activated"] * 5
    assert refusal(store, "o_3", put_back=True) == "activation_is_automatic"


def test_a_programme_may_make_activation_final(store: Store) -> None:
    choosing(store, ("may_deactivate = true ", "may_deactivate = false "))
    activate(store, "c1", "o_3", NOW)
    assert refusal(store, "o_3", put_back=True) == "activation_is_final"


@pytest.mark.parametrize("put_back", [False, True])
def test_an_offer_that_the_customer_does_not_have_is_not_found(store: Store, *, put_back: bool) -> None:
    choosing(store)
    assert refusal(store, "o_9", put_back=put_back) == "offer_not_found"
    with pytest.raises(Refused, match="no such offer"):
        activate(store, "c2", "o_3", NOW)


def test_what_a_customer_activated_is_kept_when_the_night_is_repeated(store: Store) -> None:
    choosing(store)
    activate(store, "c1", "o_3", NOW)
    open_shop(store, CHOOSE, state=OfferState.OFFERED, attempt=2)
    view = json.loads(offers_at_login(store, "c1", NOW).body)
    assert (view["bundle"]["run_id"], view["offers"][3]["state"]) == ("2017-12-04.1", "activated")


def test_the_feed_tells_of_each_change_once(store: Store) -> None:
    choosing(store)
    for change in (activate, activate, deactivate, deactivate):
        change(store, "c1", "o_3", NOW)
    told = [one.event for one in events_after(store, 0, limit=10)]
    assert [(one.kind, one.run_id, one.offer_id, one.item_id) for one in told] == [
        ("activated", "2017-12-04.1", "o_3", "995243"),
        ("deactivated", "2017-12-04.1", "o_3", "995243"),
    ]


def test_whether_an_offer_may_be_put_back_is_its_own_programmes_rule(store: Store) -> None:
    choosing(store)
    activate(store, "c1", "o_3", NOW)
    publish_shop(store, ["c1"], of="daily", attempt=2)  # published last, and active by itself
    deactivate(store, "c1", "o_3", NOW)
    assert refusal(store, "o_3daily", put_back=True) == "activation_is_automatic"
