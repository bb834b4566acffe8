"""Whatever customers, tills and the service desk do in whichever order: not one cent of a grant is made or lost."""

import itertools
import json
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.day.offers_at_login import offers_at_login
from engine.day.till.redeem import Redeemed, redeem, redeem_session
from engine.day.till.release_session import release
from engine.day.till.rollback import rollback
from engine.day.till.validate import Hold, validate
from engine.domain.grants import Booking, Grant, GrantKind, GrantState, used_minor
from engine.domain.offer_errors import Refused
from engine.domain.till.basket import Basket, BasketLine, Unit
from engine.store import Store
from engine.store.grants.grant_ledger import cancel, give, standing_parts
from engine.store.grants.kept_grants import grants_of
from engine.store.schema.checkout_tables import redemptions
from tests.engine.bundles import MONDAY
from tests.engine.shop import NOON, publish_shop, rules

PRICES = st.lists(st.integers(1, 400), min_size=1, max_size=3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("give"), st.integers(1, 900), st.integers(1, 5)),
        st.tuples(st.just("pay"), PRICES, st.none()),
        st.tuples(st.just("hold"), PRICES, st.integers(1, 2)),
        st.tuples(st.just("pay_held"), st.none(), st.integers(1, 2)),
        st.tuples(st.just("release"), st.none(), st.integers(1, 2)),
        st.tuples(st.just("bring_back"), st.integers(0, 5), st.integers(0, 2)),
        st.tuples(st.just("cancel"), st.integers(0, 3), st.none()),
        st.tuples(st.just("wait"), st.integers(1, 30), st.none()),
    ),
    min_size=3,
    max_size=14,
)
_NAMES = itertools.count()


class Life:
    """One customer, their purchases and the shop's clock."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, NOON
        self.customer_id = f"customer-{next(_NAMES)}"
        self.paid: list[Redeemed] = []

    def do(self, step: str, what: object, which: object) -> None:
        with suppress(Refused):
            getattr(self, step)(what, which)

    def give(self, amount: int, days: int) -> None:
        kind, key = GrantKind.COMPENSATION, f"{self.customer_id}/{next(_NAMES)}"
        ends = self.now + timedelta(hours=days)
        grant = Grant(
            key, self.customer_id, kind, amount, "USD", "Sorry.", MONDAY, ends, "desk", self.now, kind.value
        )
        with self.store.writing(self.customer_id) as connection:
            assert give(connection, grant)
            assert not give(connection, grant)

    def pay(self, prices: list[int], _: None) -> None:
        self.paid.append(redeem(self.store, self._basket(prices), now=self.now))

    def hold(self, prices: list[int], till: int) -> None:
        hold = Hold(self._key(till), timedelta(minutes=20))
        validate(self.store, self._basket(prices), now=self.now, hold=hold)

    def pay_held(self, _: None, till: int) -> None:
        self.paid.append(redeem_session(self.store, self._key(till), now=self.now))

    def release(self, _: None, till: int) -> None:
        release(self.store, self._key(till), now=self.now)

    def bring_back(self, purchase: int, place: int) -> None:
        for sold in self.paid[purchase : purchase + 1]:
            lines = list(dict.fromkeys(part.line_id for part in sold.receipt.grants))[place : place + 1]
            rollback(self.store, sold.redemption_id, now=self.now, line_ids=lines or None)

    def cancel(self, place: int, _: None) -> None:
        with self.store.writing(self.customer_id) as connection:
            for one in grants_of(connection, self.customer_id, self.now)[place : place + 1]:
                cancel(connection, one, note="no", now=self.now)

    def wait(self, minutes: int, _: None) -> None:
        self.now += timedelta(minutes=minutes)

    def _basket(self, prices: list[int]) -> Basket:
        lines = [
            BasketLine(str(place), "1082186", 1000, Unit.PIECE, price) for place, price in enumerate(prices)
        ]
        return Basket(self.customer_id, tuple(lines))

    def _key(self, till: int) -> str:
        return f"{self.customer_id}/{till}"


def check(life: Life) -> None:
    store, now = life.store, life.now
    with store.reading() as connection:
        kept = grants_of(connection, life.customer_id, now)
        of_purchases = 0
        rows = connection.execute(
            redemptions.select().where(redemptions.c.customer_id == life.customer_id)
        ).all()
        for row in rows:
            standing, _ = standing_parts(connection, row.redemption_no)
            of_purchases += sum(part.amount_minor for part in standing)
    for one in kept:
        left = 0
        for entry in one.entries:
            left += entry.change_minor
            assert entry.left_minor == left >= 0
        taken_back = -sum(entry.change_minor for entry in one.entries if entry.booking is Booking.CANCELLED)
        assert used_minor(one.entries) + taken_back + left == one.grant.amount_minor
        assert used_minor(one.entries) >= 0
    assert sum(used_minor(one.entries) for one in kept) == of_purchases
    assert shown(store, life.customer_id, now) == {
        one.grant.id: (one.left_minor, "open" if one.held_until is None else "reserved")
        for one in kept
        if one.state_at(now) is GrantState.OPEN
    }


def shown(store: Store, customer_id: str, now: datetime) -> dict[str, tuple[int, str]]:
    body = json.loads(offers_at_login(store, customer_id, now).body)
    return {one["id"]: (one["left_minor"], one["state"]) for one in body.get("grants", [])}


def whatever_happens(store: Store, *, lives: int) -> None:
    publish_shop(store, [], programme=rules(share="0.0"))

    @settings(max_examples=lives, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(STEPS)
    def live(steps: list[tuple[str, object, object]]) -> None:
        life = Life(store)
        for step, what, which in steps:
            life.do(step, what, which)
            check(life)

    live()


def test_used_and_left_are_always_the_whole_and_what_is_shown_is_what_is_left(embedded_store: Store) -> None:
    whatever_happens(embedded_store, lives=5)


@pytest.mark.long
def test_in_a_hundred_lives_used_and_left_are_always_the_whole(store: Store) -> None:
    whatever_happens(store, lives=100)
