"""The acts of the day by which customers draw of their pools, and what they are told of it."""

import json
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, rule

from engine.day.claim_bundle import claim, refresh, swap
from engine.domain.claim_rules import ClaimTerms
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.nights.login_views import view_of
from tests.laws.day_acts import customers, mostly, numbers
from tests.laws.day_model import REFRESHES, SHOWN, SWAPS, Bundle, Model, owner

TERMS = ClaimTerms(SHOWN, days=1, refreshes_a_day=REFRESHES, swaps_a_day=SWAPS)


class Claiming(RuleBasedStateMachine):
    """Part of the day's machine."""

    store: Store
    model: Model

    @rule(customer=customers)
    def a_customer_claims(self, customer: str) -> None:
        held = self.model.bundle(customer)
        if held is not None and held.is_pool and held.current(self.model.now):
            claim(self.store, customer, self.model.now)
            return  # the invariant finds the same set
        expected = "nothing_to_claim"
        if held is not None and held.is_pool and self.model.free(customer, held):
            expected = ""
        self._draws("claim", customer, expected, claim, self.store, customer, self.model.now)

    @rule(customer=customers, stale=mostly.map(lambda fresh: not fresh))
    def a_customer_draws_anew(self, customer: str, stale: bool) -> None:
        held = self.model.bundle(customer)
        expected = self.model.why_no_refresh(customer, stale=stale)
        seen = len(held.drawn) - stale if held is not None else None
        self._draws("refresh", customer, expected, refresh, self.store, customer, self.model.now, seen=seen)

    @rule(customer=customers, number=numbers)
    def a_customer_swaps(self, customer: str, number: int) -> None:
        held = self.model.bundle(customer)
        name = "nothing" if held is None else self.offer_id(owner(customer), held.run, number)
        expected = self.model.why_no_swap(customer, number)
        self._draws("swap", customer, expected, swap, self.store, customer, name, self.model.now)

    def _draws(
        self, how: str, customer: str, expected: str, use_case: Any, *arguments: Any, **named: Any
    ) -> None:
        assert self.refusal(use_case, *arguments, **named) == expected
        if not expected:
            view = view_of(self.store, customer, self.model.now)
            offers = [] if view is None else json.loads(view.body)["offers"]
            self.model.draw(customer, how, [int(offer["id"].rpartition("_")[2]) for offer in offers])

    def the_claim_is_told(self, held: Bundle, told: dict[str, Any]) -> None:
        current, today = held.current(self.model.now), self.model.today
        assert told["claimed"] is (current is not None)
        assert told.get("set") == (current.number if current else None)
        made = [held.count(how, today) if current else 0 for how in ("refresh", "swap")]
        assert [told["refreshes_left"], told["swaps_left"]] == [REFRESHES - made[0], SWAPS - made[1]]

    @staticmethod
    def offer_id(customer: str, run_id: str, number: int) -> str:
        return f"o_{customer}_{run_id}_{number}"

    @staticmethod
    def refusal(use_case: Any, *arguments: Any, **named: Any) -> str:
        try:
            use_case(*arguments, **named)
        except Refused as refused:
            return refused.key
        return ""
