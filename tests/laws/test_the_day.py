"""Whatever customers, tills, nights and clocks do in whatever order, the store does what a simple model does.

No slot is used twice, no cap is passed, and the ledger's money is what the tills were told, to the minor unit.
"""

import json
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from engine.day.activate import activate, deactivate
from engine.day.choose_favourite import choose_favourite
from engine.day.substitute_items import substitute_items
from engine.day.tell_stock import StockRow, tell_stock
from engine.day.till.redeem import redeem, redeem_session
from engine.day.till.release_session import release
from engine.day.till.rollback import rollback
from engine.day.till.validate import Hold, validate
from engine.domain.bundle import OfferState
from engine.domain.customer_view import render
from engine.domain.till.basket import Basket, BasketLine, Unit
from engine.store import open_store
from engine.store.checkout.receipts import Receipt
from engine.store.checkout.redemption_ledger import redeemed_lines
from engine.store.nights.bundle_records import StagedBundle, stage_bundles
from engine.store.nights.login_views import view_of
from engine.store.nights.offerable_products import OfferableRow, stage_offerable
from engine.store.nights.publication import publish
from engine.store.nights.published_products import stage_products
from engine.store.nights.shared_bundles import stage_sharers
from engine.store.nights.told_stock import look_through_after_night
from tests.engine.bundles import begin, bundle
from tests.engine.databases import BACKENDS, Databases
from tests.engine.pools import staged_pool
from tests.engine.shop import BANANAS, PLANTAINS, STOCKED, rules
from tests.laws.day_acts import (
    BUSY,
    CUSTOMERS,
    DRAWN,
    EVERYBODY,
    baskets,
    customers,
    keys,
    milks,
    mostly,
    numbers,
    tills,
)
from tests.laws.day_claims import TERMS, Claiming
from tests.laws.day_model import (
    FAVOURITE_DAYS,
    FAVOURITES,
    ITEMS,
    REDEMPTIONS_A_DAY,
    SLOTS,
    STAND_INS_A_BUNDLE,
    TILLS,
    UNITS_A_DAY,
    UNITS_OF_FAVOURITE,
    Favourite,
    Held,
    Line,
    Model,
    owner,
)

BEGIN = datetime(2017, 12, 4, 9, tzinfo=UTC)
TTL = timedelta(minutes=5)
CHOOSE = rules(
    mode='"choose"',
    slots=str(SLOTS),
    redemptions_a_day=str(REDEMPTIONS_A_DAY),
    units_a_day=str(UNITS_A_DAY),
    tills=str(TILLS),
    max_units_a_day=str(UNITS_OF_FAVOURITE),
    days=str(FAVOURITE_DAYS),
    at_once_for_new="false",
    covers='["bundle"]',
)
KEYS = f"\nsubstitutes = {STAND_INS_A_BUNDLE}\nsubstitute_band_bp = 2000\nunsold_days = "
CHOOSE = CHOOSE.replace("\nunsold_days = ", KEYS)
MILKS = sorted(STOCKED[0]._replace(product_id=str(995240 + int(number)), stock=None) for number in milks)
AUTOMATIC = CHOOSE.replace('mode = "choose"', 'mode = "automatic"')


class Day(Claiming):
    """The real store beside the model; both are told the same."""

    databases: ClassVar[Databases]
    backend: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.leaving = ExitStack()
        self.store = open_store(self.leaving.enter_context(self.databases.fresh(self.backend)))
        self.leaving.callback(self.store.close)
        self.model = Model(BEGIN, {name: [] for name in CUSTOMERS}, {name: [] for name in EVERYBODY})
        self.attempts: dict[datetime, int] = {}

    def teardown(self) -> None:
        self.leaving.close()

    @initialize(automatic=mostly, pools=st.booleans())
    def first_night(self, automatic: bool, pools: bool) -> None:
        self.model.pools = pools
        self.a_night(3, automatic)

    @rule(days=st.integers(1, 3), automatic=mostly)
    def a_night(self, days: int, automatic: bool) -> None:
        automatic |= self.model.pools  # of a pool all that is claimed counts
        today = self.model.today
        number = self.attempts[today] = self.attempts.get(today, 0) + 1
        run = begin(self.store, today.date(), number)
        stage_products(
            self.store,
            run,
            item_level="product",
            programme=AUTOMATIC if automatic else CHOOSE,
            stocked=(BANANAS, PLANTAINS, *MILKS),
        )
        stage_offerable(self.store, run, [OfferableRow(one.product_id, "1500", None) for one in MILKS], "")
        state = OfferState.ACTIVATED if automatic else OfferState.OFFERED
        made = [self._bundle(name, run.run_id, today, days, state) for name in CUSTOMERS]
        stage_bundles(self.store, run, made)
        stage_sharers(self.store, run, [("anna", 0), ("cleo", 0)])
        publish(self.store, run.run_id, now=self.model.now, manifest={})
        self.model.publish(run.run_id, CUSTOMERS, days, automatic=automatic)
        with self.store.switching() as connection:
            look_through_after_night(connection, run.run_no)
        substitute_items(self.store, self.model.now)
        self.model.look_after_a_night()

    @rule(item=st.sampled_from(milks), gone=st.booleans())
    def the_shop_tells_stock(self, item: str, gone: bool) -> None:
        if self.model.pools:  # what stands in is told of bundles that are seen whole
            return
        row = StockRow(str(995240 + int(item)), None, 0 if gone else None)
        tell_stock(self.store, [row], now=self.model.now)
        substitute_items(self.store, self.model.now)
        self.model.tell(item, gone=gone)

    @rule(after=st.sampled_from([1, 4, 5, 61, 60 * 3, 60 * 12]))
    def time_passes(self, after: int) -> None:
        self.model.now += timedelta(minutes=after)

    @rule(customer=customers, number=numbers)
    def a_customer_activates(self, customer: str, number: int) -> None:
        held = self.model.bundle(customer)
        expected = "offer_not_found"
        if held is not None:
            full = ITEMS - held.states.count("offered") >= SLOTS
            expected = "slots_full" if full and held.states[number] == "offered" else ""
            if number not in held.shown(self.model.now):
                expected = "offer_not_found"
        name = "nothing" if held is None else self.offer_id(owner(customer), held.run, number)
        assert self.refusal(activate, self.store, customer, name, self.model.now) == expected
        if held is not None and not expected and held.states[number] == "offered":
            held.states[number], held.touched = "activated", True

    @rule(customer=customers, number=numbers)
    def a_customer_puts_back(self, customer: str, number: int) -> None:
        held = self.model.bundle(customer)
        if held is None:
            return
        last = "activation_is_automatic" if self.model.automatic else ""
        expected = {"offered": "", "redeemed": "offer_redeemed"}.get(held.states[number], last)
        if ("offer", held.run, number) in self.model.held_offers(customer):
            expected = "offer_reserved"
        if number not in held.shown(self.model.now):
            expected = "offer_not_found"
        name = self.offer_id(owner(customer), held.run, number)
        assert self.refusal(deactivate, self.store, customer, name, self.model.now) == expected
        if not expected:
            held.states[number] = "offered"

    @rule(customer=customers, item=st.sampled_from(sorted(FAVOURITES)))
    def a_customer_picks(self, customer: str, item: str) -> None:
        history, tomorrow = self.model.favourites[customer], self.model.today + timedelta(days=1)
        standing = [one for one in history if one.ends > max(self.model.now, one.starts)]
        stands = bool(standing) and standing[-1].item == item and standing[-1].ends > tomorrow
        chosen_today = any(one.chosen >= self.model.today for one in history)
        expected = "favourite_chosen_today" if chosen_today and not stands else ""
        assert self.refusal(choose_favourite, self.store, customer, item, self.model.now) == expected
        if not stands and not expected:
            for one in standing:
                one.ends = min(one.ends, max(one.starts, tomorrow))
            ends = tomorrow + timedelta(days=FAVOURITE_DAYS)
            history.append(Favourite(len(history), item, self.model.now, tomorrow, ends))

    @rule(customer=customers, basket=baskets, till=tills)
    def a_till_asks(self, customer: str, basket: list[tuple[str, int, bool]], till: str) -> None:
        done = validate(self.store, self._basket(customer, basket, till), now=self.model.now)
        self._same(done.receipt, self.model.price(customer, basket, till))

    @rule(customer=customers, basket=baskets, till=tills, key=keys)
    def a_till_holds(self, customer: str, basket: list[tuple[str, int, bool]], till: str, key: str) -> None:
        there = self.model.sessions.get(key)
        hold, sent = Hold(key, TTL), self._basket(customer, basket, till)
        if there is not None and there.customer != customer and there.ends > self.model.now:
            assert self.refusal(self._validate, sent, hold) == "session_taken"
            return
        lines = self.model.price(customer, basket, till, beside=key)
        self._same(self._validate(sent, hold), lines)
        self.model.sessions[key] = Held(customer, till, self.model.today, self.model.now + TTL, lines)
        for one in self.model.bundles[owner(customer)]:
            one.touched |= any(line.what[:2] == ("offer", one.run) for line in lines)

    @rule(customer=customers, basket=baskets, till=tills)
    def a_till_redeems_a_basket(self, customer: str, basket: list[tuple[str, int, bool]], till: str) -> None:
        lines = self.model.price(customer, basket, till)
        sent = self._basket(customer, basket, till)
        if not lines:
            refusal = self.refusal(redeem, self.store, sent, now=self.model.now)
            assert refusal == "nothing_to_redeem"
            return
        done = redeem(self.store, sent, now=self.model.now)
        self._same(done.receipt, lines)
        self.model.sell(done.redemption_id, customer, till, self.model.today, lines)

    @rule(customer=customers, basket=baskets, till=tills, key=keys)
    def a_till_holds_and_redeems(
        self, customer: str, basket: list[tuple[str, int, bool]], till: str, key: str
    ) -> None:
        self.a_till_holds(customer, basket, till, key)
        self.a_till_redeems_a_session(key)

    @rule(key=keys)
    def a_till_redeems_a_session(self, key: str) -> None:
        held = self.model.sessions.get(key)
        now = self.model.now
        if held is None or held.ends <= now or not held.lines:
            refusal = self.refusal(redeem_session, self.store, key, now=now)
            assert refusal in {"session_not_found", "session_expired", "nothing_to_redeem"}
            return
        done = redeem_session(self.store, key, now=now)
        self._same(done.receipt, held.lines)
        del self.model.sessions[key]
        self.model.sell(done.redemption_id, held.customer, held.till, held.day, held.lines)

    @rule(key=keys)
    def a_till_gives_up(self, key: str) -> None:
        known = key in self.model.sessions
        refusal = self.refusal(release, self.store, key, now=self.model.now)
        # An expired session may have been forgotten already.
        expired = known and self.model.sessions[key].ends <= self.model.now
        assert refusal == "" if known and not expired else refusal in {"", "session_not_found"}
        self.model.sessions.pop(key, None)

    @rule(which=st.integers(0, 9), places=st.none() | st.sets(st.integers(0, 2), min_size=1))
    def goods_come_back(self, which: int, places: set[int] | None) -> None:
        if not self.model.sales:
            return
        name, sale = list(self.model.sales.items())[which % len(self.model.sales)]
        bought = sorted(sale.lines)
        some = None if places is None else {bought[place % len(bought)] for place in places}
        wanted = {line.line_id for line in sale.standing} if some is None else some
        line_ids = None if some is None else sorted(some)
        if not wanted or wanted & sale.back:
            refusal = self.refusal(rollback, self.store, name, now=self.model.now, line_ids=line_ids)
            assert refusal == "already_rolled_back"
            return
        done = rollback(self.store, name, now=self.model.now, line_ids=line_ids)
        assert done.discount_minor == sum(sale.lines[one].discount for one in wanted)
        self.model.take_back(name, wanted)
        assert done.standing_minor == sum(line.discount for line in sale.standing)

    @rule(seed=st.integers(0, 2**32))
    def a_busy_day(self, seed: int) -> None:
        """Thirty acts drawn evenly: left to itself Hypothesis seldom fills a basket or sells twice."""
        draw = Random(seed)  # noqa: S311 - no secret
        for _ in range(30):
            name = draw.choices(list(BUSY), list(BUSY.values()))[0]
            getattr(self, name)(**{what: drawn(draw) for what, drawn in DRAWN[name].items()})
            self.the_phone_shows_what_is_true()
            self.money_is_conserved_and_no_cap_is_passed()

    @invariant()
    def the_phone_shows_what_is_true(self) -> None:
        for customer in EVERYBODY:
            view = view_of(self.store, customer, self.model.now)
            shown: dict[str, Any] = {"bundle": None, "offers": []} if view is None else json.loads(view.body)
            held = self.model.bundle(customer)
            if held is None:
                assert shown["bundle"] is None
                continue
            taken = self.model.held_offers(customer)
            now_shown = held.shown(self.model.now)
            states = {
                self.offer_id(owner(customer), held.run, number): "reserved"
                if ("offer", held.run, number) in taken
                else held.states[number]
                for number in now_shown
            }
            assert {offer["id"]: offer["state"] for offer in shown["offers"]} == states
            used = sum(held.states[number] == "redeemed" for number in now_shown)
            assert shown["bundle"]["slots_used"] == used <= SLOTS
            if held.is_pool:
                self.the_claim_is_told(held, shown["bundle"]["claim"])
            else:
                items = [str(995240 + int(item)) for item in self.model.shown(customer, held)]
                assert [offer["item"]["id"] for offer in shown["offers"]] == items
            assert shown["customer_id"] == customer

    @invariant()
    def money_is_conserved_and_no_cap_is_passed(self) -> None:
        booked = list(redeemed_lines(self.store, since=BEGIN, until=self.model.now + timedelta(days=1)))
        told = [line.discount for sale in self.model.sales.values() for line in sale.lines.values()]
        assert sum(one.line.discount_minor for one in booked) == sum(told)
        standing = [one for one in booked if one.rolled_back_at is None]
        expected = [line.discount for sale in self.model.sales.values() for line in sale.standing]
        assert sum(one.line.discount_minor for one in standing) == sum(expected)
        uses = {
            (one.line.bundle_no, one.line.slot, one.redemption_id) for one in standing if one.line.bundle_no
        }
        assert len({use[:2] for use in uses}) == len(uses)
        for customer in CUSTOMERS:
            of_unit = [one for one in self.model.sales.values() if owner(one.customer) == customer]
            sales = [one for one in of_unit if one.standing]
            for day in {sale.day for sale in sales}:
                of_day = [sale for sale in sales if sale.day == day]
                assert len(of_day) <= REDEMPTIONS_A_DAY
                assert sum(line.units for sale in of_day for line in sale.standing) <= UNITS_A_DAY

    def _bundle(
        self, customer: str, run_id: str, starts: datetime, days: int, state: OfferState
    ) -> StagedBundle:
        made = bundle(customer, run_id, starts=starts, days=days, state=state)
        offers = tuple(
            replace(offer, id=self.offer_id(customer, run_id, number))
            for number, offer in enumerate(made.offers)
        )
        made = replace(made, offers=offers, slots_total=SLOTS)
        if self.model.pools:
            return staged_pool(made, TERMS)
        return StagedBundle(made, "treated", render(made, as_of=starts, currency="USD"))

    @staticmethod
    def _basket(customer: str, basket: list[tuple[str, int, bool]], till: str) -> Basket:
        lines = []
        for place, (item, units, promoted) in enumerate(basket):
            product, price = (item, 100 if item == "1082185" else 110)
            if len(item) == 1:
                product, price = str(995240 + int(item)), 299
            promo = units * price if promoted else 0
            lines.append(BasketLine(str(place), product, units * 1000, Unit.PIECE, price, promo))
        return Basket(customer, tuple(lines), "330", till)

    def _validate(self, sent: Basket, hold: Hold) -> Receipt:
        return validate(self.store, sent, now=self.model.now, hold=hold).receipt

    @staticmethod
    def _same(receipt: Receipt, lines: list[Line]) -> None:
        found = [(line.line_id, line.units_milli, line.discount_minor) for line in receipt.lines]
        assert found == [(line.line_id, line.units * 1000, line.discount) for line in lines]
        assert receipt.discount_minor == sum(line.discount for line in lines)


@pytest.fixture(params=BACKENDS)
def day(request: pytest.FixtureRequest, databases: Databases) -> type[Day]:
    return type("Day", (Day,), {"databases": databases, "backend": request.param})


def explore(day: type[Day], examples: int, steps: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        day,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        ),
    )


def test_a_short_day_goes_as_the_model_says(day: type[Day]) -> None:
    explore(day, examples=15 if day.backend == "sqlite" else 4, steps=8)


@pytest.mark.long
def test_short_days_go_as_the_model_says(day: type[Day]) -> None:
    explore(day, examples=25, steps=8)


@pytest.mark.prove
def test_long_days_go_as_the_model_says(day: type[Day]) -> None:
    explore(day, examples=60, steps=20)
