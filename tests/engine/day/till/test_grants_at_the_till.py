"""Money given to a customer pays at the till: after offers, once, and back by the line."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.day.customer_rights import erase
from engine.day.offers_at_login import offers_at_login
from engine.day.recall_product import recall_product
from engine.day.stop_offers import stop_offers
from engine.day.till.look_up import redemption_of
from engine.day.till.redeem import Redeemed, redeem, redeem_session
from engine.day.till.release_session import release
from engine.day.till.rollback import rollback
from engine.day.till.validate import Hold, validate
from engine.domain.grants import Grant, GrantKind
from engine.domain.offer_errors import Refused
from engine.domain.till.basket import BasketLine, Unit
from engine.store import Store
from engine.store.checkout.receipts import Receipt, from_json
from engine.store.grants.booked_grants import booked_grants
from engine.store.grants.grant_ledger import cancel, give
from engine.store.grants.kept_grants import grants_of
from tests.engine.bundles import MONDAY, day
from tests.engine.shop import NOON, basket, line, publish_shop, rules

IN_A_WEEK = day(12)
TILL = Hold("330-7-8812", timedelta(minutes=5))


@pytest.fixture(autouse=True)
def shop(store: Store) -> None:
    publish_shop(store, ["anna"], programme=rules(share="0.0"))


def given(
    store: Store,
    amount: int = 500,
    *,
    key: str = "desk-1",
    ends: datetime = IN_A_WEEK,
    customer_id: str = "anna",
) -> None:
    kind = GrantKind.COMPENSATION
    grant = Grant(
        key, customer_id, kind, amount, "USD", "Sour milk.", MONDAY, ends, "k_desk", MONDAY, kind.value
    )
    with store.writing(customer_id) as connection:
        assert give(connection, grant)


def plantains(price: int = 110) -> BasketLine:
    """A line on which Anna has no offer."""
    return BasketLine("9", "1082186", 1000, Unit.PIECE, price)


def parts(receipt: Receipt) -> list[tuple[str, int]]:
    return [(part.line_id, part.amount_minor) for part in receipt.grants]


def seen(store: Store, now: datetime = NOON) -> list[tuple[int, str]]:
    body: dict[str, Any] = json.loads(offers_at_login(store, "anna", now).body)
    return [(one["left_minor"], one["state"]) for one in body.get("grants", [])]


def test_a_customer_without_grants_reads_and_pays_as_before(store: Store) -> None:
    body = offers_at_login(store, "anna", NOON).body
    assert b"grants" not in body
    receipt = validate(store, basket(line(1)), now=NOON).receipt
    assert (receipt.grants, receipt.grants_not_used) == ((), ())


def test_it_pays_what_is_left_after_the_offers_split_over_the_lines(store: Store) -> None:
    given(store, 300)
    done = redeem(store, basket(line(1), plantains()), now=NOON)
    assert done.receipt.discount_minor == 45
    assert parts(done.receipt) == [("1", 209), ("9", 91)]  # of 254 and 110
    assert seen(store) == []


def test_what_a_purchase_does_not_need_stays_for_the_next(store: Store) -> None:
    given(store, 500)
    redeem(store, basket(plantains()), now=NOON)
    assert seen(store) == [(390, "open")]
    receipt = validate(store, basket(plantains(1000)), now=NOON).receipt
    assert parts(receipt) == [("9", 390)]


def test_it_pays_where_no_offer_applies_and_none_is_left(store: Store) -> None:
    given(store, 500, customer_id="boris")
    done = redeem(store, basket(plantains(), customer_id="boris"), now=NOON)
    assert (done.receipt.lines, parts(done.receipt)) == ((), [("9", 110)])
    found = redemption_of(store, done.redemption_id)
    assert (found.standing, [one.amount_minor for one in found.grants]) == ((), [110])


def test_before_and_after_its_window_it_pays_nothing(store: Store) -> None:
    given(store, 500, ends=day(6))
    assert validate(store, basket(plantains()), now=day(6)).receipt.grants == ()


def test_of_two_the_one_that_ends_first_pays_first(store: Store) -> None:
    given(store, 60)
    given(store, 100, key="desk-2", ends=day(7))
    receipt = redeem(store, basket(plantains()), now=NOON).receipt
    assert [part.amount_minor for part in receipt.grants] == [100, 10]
    assert seen(store) == [(50, "open")]


def test_a_held_basket_keeps_its_grant_from_every_other(store: Store) -> None:
    given(store, 500)
    validate(store, basket(plantains()), now=NOON, hold=TILL)
    assert seen(store) == [(500, "reserved")]
    other = validate(store, basket(plantains(), till="8"), now=NOON).receipt
    assert [key for _, key in other.grants_not_used] == ["reserved_elsewhere"]
    assert parts(redeem_session(store, TILL.key, now=NOON).receipt) == [("9", 110)]
    assert seen(store) == [(390, "open")]


def test_a_basket_that_is_given_up_or_forgotten_keeps_nothing(store: Store) -> None:
    given(store, 500)
    validate(store, basket(plantains()), now=NOON, hold=TILL)
    release(store, TILL.key, now=NOON)
    assert seen(store) == [(500, "open")]
    validate(store, basket(plantains()), now=NOON, hold=TILL)
    later = NOON + timedelta(minutes=6)
    assert seen(store, later) == [(500, "open")]
    assert parts(redeem(store, basket(plantains()), now=later).receipt) == [("9", 110)]


def test_what_was_held_is_paid_though_its_window_ended_meanwhile(store: Store) -> None:
    given(store, 500, ends=day(6))
    held = day(6) - timedelta(minutes=1)
    validate(store, basket(plantains()), now=held, hold=TILL)
    assert parts(redeem_session(store, TILL.key, now=day(6) + timedelta(minutes=1)).receipt) == [("9", 110)]


def test_what_a_till_holds_is_not_taken_back(store: Store) -> None:
    given(store, 500)
    validate(store, basket(plantains()), now=NOON, hold=TILL)
    with store.writing("anna") as connection:
        (one,) = grants_of(connection, "anna", NOON)
        with pytest.raises(Refused, match="A till keeps this grant"):
            cancel(connection, one, note="given twice", now=NOON)


def test_a_line_that_comes_back_returns_exactly_its_part(store: Store) -> None:
    given(store, 300)
    done = redeem(store, basket(line(1), plantains()), now=NOON)
    back = rollback(store, done.redemption_id, now=NOON, line_ids=["9"])
    assert [part.amount_minor for part in back.grants] == [91]
    assert [part.amount_minor for part in back.grants_standing] == [209]
    assert seen(store) == [(91, "open")]
    with pytest.raises(Refused, match="rolled back before"):
        rollback(store, done.redemption_id, now=NOON, line_ids=["9"])
    with pytest.raises(Refused, match="no discounted line 7"):
        rollback(store, done.redemption_id, now=NOON, line_ids=["7"])
    rollback(store, done.redemption_id, now=NOON)
    assert seen(store) == [(300, "open")]


def test_while_all_offers_are_stopped_it_waits(store: Store) -> None:
    given(store, 500)
    stop_offers(store, reason="prices are wrong", now=NOON)
    receipt = validate(store, basket(plantains()), now=NOON).receipt
    assert (receipt.grants, [key for _, key in receipt.grants_not_used]) == ((), ["offers_stopped"])
    assert seen(store) == []


def test_a_held_basket_is_not_paid_by_a_grant_once_a_product_in_it_is_recalled(store: Store) -> None:
    given(store)
    validate(store, basket(plantains()), now=NOON, hold=TILL)
    recall_product(store, "1082186", reason="Listeria.", now=NOON)
    with pytest.raises(Refused) as refused:
        redeem_session(store, TILL.key, now=NOON)
    assert refused.value.key == "product_recalled"
    assert parts(validate(store, basket(plantains(), line(1)), now=NOON, hold=TILL).receipt) == [("1", 254)]


def test_on_a_recalled_product_it_pays_nothing(store: Store) -> None:
    given(store, 500)
    recall_product(store, "1082186", reason="Listeria.", now=NOON)
    receipt = validate(store, basket(plantains()), now=NOON).receipt
    assert [key for _, key in receipt.grants_not_used] == ["nothing_to_pay"]


def test_a_priced_basket_is_read_as_it_was_written(store: Store) -> None:
    given(store, 50)
    given(store, 500, key="desk-2", ends=day(13))
    receipt = validate(store, basket(line(1), line(2)), now=NOON).receipt
    assert len(receipt.grants) == 4
    assert from_json(receipt.as_json()) == receipt


def test_tills_that_pay_at_the_same_time_spend_its_money_once(store: Store) -> None:
    given(store, 500)

    def at_till(number: int) -> Redeemed | None:
        try:
            return redeem(store, basket(plantains(200), till=str(number)), now=NOON)
        except Refused:
            return None

    with ThreadPoolExecutor(4) as tills:
        done = [one for one in tills.map(at_till, range(4)) if one is not None]
    assert sorted(sum(part.amount_minor for part in one.receipt.grants) for one in done) == [100, 200, 200]
    with store.reading() as connection:
        (one,) = grants_of(connection, "anna", NOON)
    assert [entry.left_minor for entry in one.entries] == [500, 300, 100, 0]


def test_what_came_back_to_who_was_erased_is_counted_and_nobodys_to_use(store: Store) -> None:
    given(store, 300)
    done = redeem(store, basket(line(1), plantains()), now=NOON)
    erase(store, "anna", asked_at=NOON)
    back = rollback(store, done.redemption_id, now=NOON, line_ids=["9"])
    assert [(part.line_id, part.amount_minor) for part in back.grants] == [("9", 91)]
    assert [row[5] for row in booked_grants(store)] == [300, -209, -91, 91]
    (pseudonym,) = {row[1] for row in booked_grants(store)}
    assert b"grants" not in offers_at_login(store, pseudonym, NOON).body
    again = validate(store, basket(line(1), plantains(), customer_id=pseudonym), now=NOON).receipt
    assert again.is_empty
