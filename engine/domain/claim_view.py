"""The part of a customer's JSON that tells of a pool: what can be claimed, and what was.

A pool that is not claimed shows none of its offers:

    "bundle": {..., "slots_total": 6, "slots_used": 0,
               "claim": {"claimed": false, "shown": 6, "of": 18, "until": "...", "refreshes_left": 3, "swaps_left": 1}},
    "offers": []

A claimed set is shown as any other bundle's offers, with `"claimed": true` and its number under `set`; `until` is then the
end of the set. A bundle whose offers all count has no `claim`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.domain.claim_rules import ClaimTerms
from engine.domain.customer_view import encoded, moment_text

Rendered = Mapping[str, Any]  # an offer as a customer reads it


@dataclass(frozen=True)
class ClaimShown:
    """What a customer is told of a pool at some moment.

    Attributes:
        set_no: of the set that they have; None while there is one to claim.
        shown: offers of a set.
        of: offers of the pool.
        until: end of the set, or up to when one can be claimed.
        refreshes_left: on this local day.
        swaps_left: on this local day.
    """

    set_no: int | None
    shown: int
    of: int
    until: datetime
    refreshes_left: int
    swaps_left: int

    @classmethod
    def to_claim(cls, terms: ClaimTerms, of: int, until: datetime) -> "ClaimShown":
        """Before anything was drawn, or once the last set has ended."""
        return cls(None, min(terms.shown, of), of, until, terms.refreshes_a_day, terms.swaps_a_day)

    def as_json(self) -> dict[str, Any]:
        """As the customer's app reads it."""
        return {
            "claimed": self.set_no is not None,
            **({} if self.set_no is None else {"set": self.set_no}),
            "shown": self.shown,
            "of": self.of,
            "until": moment_text(self.until),
            "refreshes_left": self.refreshes_left,
            "swaps_left": self.swaps_left,
        }


def as_pool(body: bytes, terms: ClaimTerms) -> tuple[bytes, tuple[Rendered, ...]]:
    """Part the body of a whole bundle into what is shown before a claim, and its offers."""
    view: dict[str, Any] = json.loads(body)
    offers, until = tuple(view["offers"]), datetime.fromisoformat(view["bundle"]["valid_to"])
    return with_set(body, (), ClaimShown.to_claim(terms, len(offers), until)), offers


def with_set(body: bytes, offers: Sequence[Rendered], claim: ClaimShown) -> bytes:
    """Return a body with a set's offers in the place of those it had, which the pool keeps."""
    view: dict[str, Any] = json.loads(body)
    view["offers"] = list(offers)
    view["bundle"] |= {"slots_total": len(offers) or claim.shown, "slots_used": 0, "claim": claim.as_json()}
    return encoded(view)


def without_claim(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return a view without what is told of drawing, to compare what two views show of the same bundle."""
    return {**view, "bundle": {key: told for key, told in view["bundle"].items() if key != "claim"}}
