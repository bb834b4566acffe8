"""Money is given, kept, used, returned and taken back: the rows say what is left, and what customers read says the same."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from engine.day.customer_rights import erase
from engine.domain.grants import Booking, Grant, GrantKind, GrantState, used_minor
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.grants.booked_grants import booked_grants
from engine.store.grants.grant_ledger import GrantPart, cancel, give, return_parts, standing_parts, use
from engine.store.grants.grant_views import render_grants
from engine.store.grants.kept_grants import KeptGrant, grants_of
from engine.store.log.events import events_of
from engine.store.nights.login_views import view_of
from engine.store.nights.merged_cards import take_over_card
from engine.store.schema import moment_us
from engine.store.schema.checkout_tables import redemptions
from engine.store.schema.grant_tables import grant_entries
from models.tables import GRANT_LOG
from tests.engine.bundles import MONDAY, day

MILK = Grant(
    "desk-4711",
    "anna",
    GrantKind.COMPENSATION,
    500,
    "EUR",
    "The milk of Saturday was sour.",
    MONDAY,
    day(11),
    "k_desk",
    MONDAY,
    "compensation",
)


def given(store: Store, grant: Grant = MILK) -> bool:
    with store.writing(grant.customer_id) as connection:
        return give(connection, grant)


def kept(store: Store, now: datetime = MONDAY) -> list[KeptGrant]:
    with store.reading() as connection:
        return grants_of(connection, "anna", now)


def shown(store: Store, now: datetime = MONDAY) -> list[tuple[int, str]]:
    view = view_of(store, "anna", now)
    return (
        [] if view is None else [(one["left_minor"], one["state"]) for one in json.loads(view.body)["grants"]]
    )


def pay(store: Store, *amounts: int) -> tuple[int, list[GrantPart]]:
    """A purchase of as many lines that Anna's first grant pays for."""
    (grant,) = kept(store)
    with store.writing("anna") as connection:
        row = {
            "redemption_id": f"r_{len(grant.entries)}",
            "customer_id": "anna",
            "redeemed_us": moment_us(MONDAY),
            "local_day": MONDAY.date(),
            "currency": "EUR",
            "discount_minor": 0,
        }
        number = connection.execute(
            insert(redemptions).values(row).returning(redemptions.c.redemption_no)
        ).scalar_one()
        parts = [
            GrantPart(grant.grant_no, grant.grant.id, place, str(place + 1), amount)
            for place, amount in enumerate(amounts)
        ]
        use(connection, number, "anna", parts, MONDAY)
    return number, parts


def bring_back(store: Store, number: int, parts: Sequence[GrantPart], now: datetime = MONDAY) -> None:
    with store.writing("anna") as connection:
        return_parts(connection, number, "anna", parts, now)


def test_a_grant_comes_back_as_it_was_given(store: Store) -> None:
    assert given(store)
    (one,) = kept(store)
    assert (one.grant, one.left_minor, one.state_at(MONDAY)) == (MILK, 500, GrantState.OPEN)


def test_the_same_key_is_the_same_grant_whoever_says_it_again(store: Store) -> None:
    assert given(store)
    assert not given(store, replace(MILK, given_by="2017-12-04.2", given_at=day(5)))
    assert len(kept(store)) == 1


def test_the_same_key_with_another_amount_is_refused(store: Store) -> None:
    given(store)
    with pytest.raises(Refused, match="Another grant was given under this key"):
        given(store, replace(MILK, amount_minor=501))
    assert [one.left_minor for one in kept(store)] == [500]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount_minor": 0}, "an amount of 1 to"),
        ({"reason": " "}, "a reason of 1 to 500 printable"),
        ({"key": "a\nb"}, "a key of 1 to 128 printable"),
        ({"valid_to": MONDAY}, "a window that ends after it begins"),
    ],
)
def test_what_cannot_be_given_is_said(store: Store, changes: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        given(store, replace(MILK, **changes))  # type: ignore[arg-type]


def test_the_customer_sees_it_while_its_window_lasts(store: Store) -> None:
    given(store, replace(MILK, valid_from=day(5)))
    given(store, replace(MILK, key="second", amount_minor=200, valid_from=day(7), valid_to=day(8)))
    assert shown(store, MONDAY) == []
    assert shown(store, day(5)) == [(500, "open")]
    assert shown(store, day(7)) == [(200, "open"), (500, "open")]
    assert shown(store, day(8)) == [(500, "open")]
    assert shown(store, day(11)) == []


def test_a_line_that_comes_back_returns_its_part_and_no_other(store: Store) -> None:
    given(store)
    number, parts = pay(store, 300, 120)
    assert shown(store) == [(80, "open")]
    bring_back(store, number, parts[1:])
    assert shown(store) == [(200, "open")]
    with store.reading() as connection:
        assert standing_parts(connection, number) == (parts[:1], parts[1:])
    (one,) = kept(store)
    assert [(entry.booking, entry.change_minor, entry.left_minor) for entry in one.entries] == [
        (Booking.GIVEN, 500, 500),
        (Booking.USED, -300, 200),
        (Booking.USED, -120, 80),
        (Booking.RETURNED, 120, 200),
    ]
    assert used_minor(one.entries) == 300


def test_a_line_comes_back_once(store: Store) -> None:
    given(store)
    number, parts = pay(store, 300)
    bring_back(store, number, parts)
    with pytest.raises(Refused, match="rolled back before"):
        bring_back(store, number, parts)
    assert shown(store) == [(500, "open")]


def test_more_than_is_left_is_refused(store: Store) -> None:
    given(store)
    with pytest.raises(Refused, match="has been used or taken back meanwhile"):
        pay(store, 300, 201)
    assert shown(store) == [(500, "open")]


def test_what_is_used_up_is_shown_no_more(store: Store) -> None:
    given(store)
    pay(store, 500)
    assert view_of(store, "anna", MONDAY) is None
    assert kept(store)[0].state_at(MONDAY) is GrantState.USED


def test_what_is_left_is_taken_back_and_pays_for_nothing_more(store: Store) -> None:
    given(store)
    number, parts = pay(store, 300)
    with store.writing("anna") as connection:
        assert cancel(connection, kept(store)[0], note="given twice", now=MONDAY) == 200
    bring_back(store, number, parts)
    assert view_of(store, "anna", MONDAY) is None
    with pytest.raises(Refused, match="used or taken back meanwhile"):
        pay(store, 1)
    with store.writing("anna") as connection, pytest.raises(Refused, match="Nothing of this grant is left"):
        cancel(connection, kept(store)[0], note="again", now=MONDAY)


def test_two_writers_that_saw_the_same_money_cannot_both_take_it(store: Store) -> None:
    given(store)
    (one,) = kept(store)
    pay(store, 500)
    stale = {
        "grant_no": one.grant_no,
        "entry_no": len(one.entries) + 1,
        "booking": "cancelled",
        "change_minor": -500,
        "left_minor": 0,
        "at_us": moment_us(MONDAY),
    }
    with pytest.raises(IntegrityError), store.writing("anna") as connection:
        connection.execute(insert(grant_entries).values(stale))


def test_every_entry_is_told(store: Store) -> None:
    given(store)
    number, parts = pay(store, 300)
    bring_back(store, number, parts)
    with store.reading() as connection:
        told = [
            (one.kind, one.details["change_minor"], one.details["left_minor"])
            for one in events_of(connection, "anna")
        ]
    assert told == [("grant_given", 500, 500), ("grant_used", -300, 200), ("grant_returned", 300, 500)]


def test_the_whole_ledger_is_exported(store: Store) -> None:
    given(store)
    pay(store, 300)
    rows = [dict(zip(GRANT_LOG.names, row, strict=True)) for row in booked_grants(store)]
    assert [(one["booking"], one["change_minor"], one["redemption_id"], one["line_id"]) for one in rows] == [
        ("given", 500, None, None),
        ("used", -300, "r_1", "1"),
    ]
    assert (rows[0]["at"], rows[0]["valid_to"], rows[0]["given_by"]) == (MONDAY, day(11), "k_desk")


def test_what_a_merged_card_was_given_is_its_owners(store: Store) -> None:
    given(store)
    given(store, replace(MILK, key="of-the-card", customer_id="card", amount_minor=200))
    with store.writing("anna") as connection:
        take_over_card(store, "card", "anna", at=MONDAY)
        render_grants(connection, "anna", MONDAY)
    assert shown(store) == [(500, "open"), (200, "open")]
    assert view_of(store, "card", MONDAY) is None


def test_a_customer_who_is_being_erased_is_given_nothing(store: Store) -> None:
    given(store)
    erase(store, "anna", asked_at=MONDAY)
    assert not given(store, replace(MILK, key="another"))
    assert kept(store) == []
    assert [(row[3], row[5]) for row in booked_grants(store)] == [("given", 500)]
