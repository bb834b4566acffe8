"""The shop's people give money: within limits and budget, to whom it may be given, once for each key."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.day.give_grant import Given, Wish, cancel_grant, give_grant, grants_given
from engine.day.published_rules import rules_now
from engine.day.till.redeem import redeem
from engine.domain.arms import Arm
from engine.domain.grants import GrantKind, GrantState
from engine.domain.offer_errors import Refused
from engine.domain.till.basket import BasketLine, Unit
from engine.store import Store
from engine.store.grants.grant_sums import GrantTotals, grant_totals
from tests.engine.bundles import MONDAY, day
from tests.engine.shop import GRANTS, NOON, basket, publish_shop, rules

JANUARY = NOON + timedelta(days=31)


@pytest.fixture(autouse=True)
def shop(store: Store) -> None:
    advice = {"anna": "[]", "boris": "null"}
    publish_shop(store, [], programme=rules(share="0.0") + GRANTS, advice=advice)


def give(
    store: Store, customer_id: str = "anna", amount: int = 500, now: datetime = NOON, **changes: Any
) -> Given:
    wish = Wish(**{"kind": GrantKind.COMPENSATION, "amount_minor": amount, "reason": "Sour milk."} | changes)
    return give_grant(store, customer_id, wish, given_by="k_desk", now=now)


def test_it_counts_at_once_and_ends_with_a_local_day(store: Store) -> None:
    done = give(store)
    assert (done.is_new, done.is_known, done.seen.state) == (True, True, GrantState.OPEN)
    grant = done.seen.grant
    assert (grant.valid_from, grant.valid_to) == (NOON, day(12))
    assert (grant.given_by, grant.budget_line, grant.currency) == ("k_desk", "compensation", "USD")
    assert give(store, days=1, customer_id="zoe").seen.grant.valid_to == day(6)


def test_somebody_whom_no_night_has_seen_is_told_of(store: Store) -> None:
    assert not give(store, "ana").is_known


def test_the_same_key_gives_once_also_days_later(store: Store) -> None:
    first = give(store, key="complaint-17")
    again = give(store, key="complaint-17", now=NOON + timedelta(days=2))
    assert (again.is_new, again.seen) == (False, first.seen)
    with pytest.raises(Refused, match="Another grant was given under this key"):
        give(store, key="complaint-17", amount=501)
    with pytest.raises(Refused, match="Another grant was given under this key"):
        give(store, "boris", key="complaint-17")
    assert len(grants_given(store, "anna", NOON)) == 1


def test_the_same_key_is_the_same_grant_also_once_the_programme_gives_for_longer(store: Store) -> None:
    first = give(store, key="complaint-4711")
    longer = GRANTS.replace("days = 7", "days = 14")
    publish_shop(store, ["anna"], attempt=2, programme=rules(share="0.0") + longer)
    again = give(store, key="complaint-4711")
    assert (again.is_new, again.seen.grant) == (False, first.seen.grant)


def test_no_grant_is_above_the_limit(store: Store) -> None:
    with pytest.raises(Refused, match="lets people give 2000 at most"):
        give(store, amount=2001)
    assert give(store, amount=2000).is_new


def test_a_customer_gets_as_many_as_the_month_allows_and_what_is_taken_back_does_not_count(
    store: Store,
) -> None:
    first = give(store)
    give(store)
    with pytest.raises(Refused, match="was given 2 of the kind this month"):
        give(store)
    cancel_grant(store, first.seen.grant.id, reason="given twice", now=NOON)
    assert give(store).is_new
    assert give(store, now=JANUARY).is_new


def test_the_line_is_never_overspent_and_what_is_taken_back_is_there_again(store: Store) -> None:
    for name in ("anna", "boris"):
        give(store, name, 2000)
    with pytest.raises(Refused, match="1001 minor units and 1000 are left of this month's"):
        give(store, "zoe", 1001)
    last = give(store, "zoe", 1000)
    with pytest.raises(Refused, match="and 0 are left"):
        give(store, "yan", 1)
    cancel_grant(store, last.seen.grant.id, reason="wrong card", now=NOON)
    assert give(store, "yan", 1000).is_new


def test_two_desks_at_the_same_time_do_not_overspend_the_line(store: Store) -> None:
    def at_desk(number: int) -> bool:
        try:
            return give(store, f"c{number}", 2000).is_new
        except Refused:
            return False

    with ThreadPoolExecutor(4) as desks:
        assert sorted(desks.map(at_desk, range(4))) == [False, False, True, True]


def test_who_refused_offers_is_compensated_and_not_thanked(store: Store) -> None:
    assert give(store, "boris").is_new
    with pytest.raises(Refused, match="This customer gets no thank-you"):
        give(store, "boris", 300, kind=GrantKind.THANK_YOU)
    assert give(store, "anna", 300, kind=GrantKind.THANK_YOU).is_new


def test_who_is_held_out_is_compensated_and_not_thanked(store: Store) -> None:
    publish_shop(store, [], attempt=2, programme=rules(share="0.5") + GRANTS)
    arm_of = rules_now(store).arm_of
    held_out = next(f"x{number}" for number in range(50) if arm_of(f"x{number}") is Arm.HOLDOUT)
    assert give(store, held_out).is_new
    with pytest.raises(Refused, match="This customer gets no thank-you"):
        give(store, held_out, 300, kind=GrantKind.THANK_YOU)


def test_without_the_section_nobody_gives_anything(store: Store) -> None:
    publish_shop(store, [], attempt=2, programme=rules(share="0.0"))
    with pytest.raises(Refused, match=r"lets nobody give a compensation: write \[grants\]"):
        give(store)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days": 0}, "lasts for 1 to 366 local days"),
        ({"reason": ""}, "expected 1 to 300"),
        ({"amount": 0}, "an amount of 1 to"),
        ({"key": ""}, "a key of 1 to 128"),
        ({"key": "a\0b"}, "a key of 1 to 128"),
        ({"key": "\ud800"}, "a key of 1 to 128"),
        ({"reason": "a\0b"}, "has a control character"),
    ],
)
def test_what_cannot_be_given_is_said(store: Store, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        give(store, **changes)
    assert grants_given(store, "anna", NOON) == ()


def test_what_is_not_there_cannot_be_taken_back(store: Store) -> None:
    with pytest.raises(Refused, match="There is no grant with this id"):
        cancel_grant(store, "g_0", reason="no", now=NOON)


def test_what_was_used_stays_used(store: Store) -> None:
    given = give(store)
    plantains = BasketLine("9", "1082186", 1000, Unit.PIECE, 110)
    redeem(store, basket(plantains), now=NOON)
    seen = cancel_grant(store, given.seen.grant.id, reason="not theirs", now=NOON)
    assert (seen.state, seen.left_minor, seen.used_minor, seen.note) == (
        GrantState.CANCELLED,
        0,
        110,
        "not theirs",
    )
    assert grant_totals(store, MONDAY, day(12)) == [
        GrantTotals(GrantKind.COMPENSATION, 1, 1, 500, 110, 0, 390)
    ]
    assert grant_totals(store, day(12), JANUARY) == []
