"""Offers and the bundle that carries them.

A bundle is empty (there is none) or has five or six distinct items under one half-open validity window
`[valid_from, valid_to)`. Money is whole minor units, a discount is basis points.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """Why an item has its place: known to the customer, new to them, or shown without knowing them."""

    PREFERRED = "preferred"
    NOVELTY = "novelty"
    COLD_START = "cold_start"


class OfferState(StrEnum):
    """Where an offer stands; `offered` and `activated` are untouched when the programme activates itself."""

    OFFERED = "offered"
    ACTIVATED = "activated"
    RESERVED = "reserved"
    REDEEMED = "redeemed"


class BundleState(StrEnum):
    """Where a bundle stands."""

    OPEN = "open"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Item:
    """What an offer is on: a product, or a family (which has no price of its own)."""

    id: str
    name: str
    price_minor: int | None


@dataclass(frozen=True)
class Reason:
    """A reason code with the customer's sentence for it."""

    code: str
    text: str


@dataclass(frozen=True)
class Offer:
    """One discounted item of a bundle."""

    id: str
    item: Item
    kind: Kind
    state: OfferState
    discount_bp: int
    max_units: int
    reason: Reason
    p_buy: float
    propensity: float
    expected_cost_milli: int  # thousandths of a minor unit: p_buy x expected units x discount per unit


@dataclass(frozen=True)
class Bundle:
    """A customer's five or six offers under one validity window."""

    id: str
    run_id: str
    customer_id: str
    valid_from: datetime
    valid_to: datetime
    offers: tuple[Offer, ...]
    slots_total: int
    slots_used: int = 0
    state: BundleState = BundleState.OPEN
