"""Which product a customer may pick as their favourite, what stands in where it is sold out, and what it is expected to cost.

A favourite is a product, also where the programme's offers are on families: the customer points at a thing. It is
refused with the first of its reasons, in the order of `Refusal`. When it counts is in `engine.domain.favourite_promise`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.budget import MILLI
from engine.domain.eligibility import UNCONFIRMED, keeps_assumed_margin, keeps_margin
from engine.domain.money import WHOLE_BP, discount_minor, offer_price_minor


class Refusal(StrEnum):
    """Why a product cannot be a favourite; the values are the keys that apps read."""

    UNKNOWN_ITEM = "favourite_unknown_item"
    DELISTED = "favourite_delisted"
    ALCOHOL = "favourite_alcohol"
    TOBACCO = "favourite_tobacco"
    PARTNER = "favourite_partner"
    EXCLUDED_FAMILY = "favourite_excluded_family"
    LEGAL_AGE = "favourite_legal_age"  # the customer is too young for it, or their age is not known
    NOT_OFFERED = "favourite_not_offered"  # any other flag, no price, or too little margin
    TOO_EXPENSIVE = "favourite_too_expensive"
    TOO_CHEAP = "favourite_too_cheap"


_FLAGS = {
    "delisted": Refusal.DELISTED,
    "alcohol": Refusal.ALCOHOL,
    "tobacco": Refusal.TOBACCO,
    "partner": Refusal.PARTNER,
}
# The shop itself does not sell these as goods, whatever the programme says.
_NEVER = frozenset({"delisted", "fuel", "coupon", "not_offered", UNCONFIRMED})


@dataclass(frozen=True)
class Product:
    """What the last night knew of a product.

    Attributes:
        families: names, coarsest first, without gaps.
        price_minor: undiscounted price of one unit; None where unknown.
        cost_minor: cost of one unit, with the VAT that the price includes; None where the owner's assumed margin stands in for it.
        stock: units in stock; None where the shop does not say, which counts as enough.

    """

    id: str
    name: str
    families: tuple[str, ...]
    flags: frozenset[str]
    price_minor: int | None
    cost_minor: int | None
    stock: int | None

    @property
    def is_sold_out(self) -> bool:
        """True if the shop says that nothing is left."""
        return self.stock is not None and self.stock <= 0


@dataclass(frozen=True)
class FavouriteRules:
    """What the programme allows; money in minor units of one unit's price."""

    discount_bp: int
    min_price_minor: int
    max_price_minor: int
    margin_floor_bp: int  # of the discounted price, above cost
    flags: frozenset[str]
    families: frozenset[str]
    default_margin_bp: int  # assumed where the cost is unknown
    family_margins_bp: Mapping[str, int]
    too_young_for: frozenset[str] = frozenset()  # flags of goods that this customer may not have

    def refusal(self, product: Product) -> Refusal | None:
        """Return the first reason why a product cannot be a favourite, None if it can."""
        flags = product.flags & (self.flags | _NEVER)
        for flag, reason in _FLAGS.items():
            if flag in flags:
                return reason
        if not self.families.isdisjoint(product.families):
            return Refusal.EXCLUDED_FAMILY
        if not product.flags.isdisjoint(self.too_young_for):
            return Refusal.LEGAL_AGE
        return Refusal.NOT_OFFERED if flags else self._price_refusal(product)

    def _price_refusal(self, product: Product) -> Refusal | None:
        if product.price_minor is None:
            return Refusal.NOT_OFFERED
        if product.price_minor > self.max_price_minor:
            return Refusal.TOO_EXPENSIVE
        if product.price_minor < self.min_price_minor:
            return Refusal.TOO_CHEAP
        return None if self._keeps_margin(product, product.price_minor) else Refusal.NOT_OFFERED

    def _keeps_margin(self, product: Product, price_minor: int) -> bool:
        if product.cost_minor is None:
            named = [name for name in product.families if name in self.family_margins_bp]
            margin = self.family_margins_bp[named[-1]] if named else self.default_margin_bp
            return keeps_assumed_margin(self.discount_bp, margin, self.margin_floor_bp)
        price = offer_price_minor(price_minor, self.discount_bp)
        return keeps_margin(price, product.cost_minor, self.margin_floor_bp)


def substitutes(
    wanted: Product, shelf: Iterable[Product], rules: FavouriteRules, *, at_most: int, price_band_bp: int
) -> tuple[Product, ...]:
    """Return what gets the discount while `wanted` is sold out, the nearest price first.

    Products of the same finest family that could be favourites themselves, are not sold out, and cost at most
    `price_band_bp` of the wanted price more or less.
    """
    if wanted.price_minor is None or not wanted.families:
        return ()
    family, price = wanted.families[-1], wanted.price_minor
    near = [
        (abs(other.price_minor - price), other.id, other)
        for other in shelf
        if other.id != wanted.id
        and other.families[-1:] == (family,)
        and not other.is_sold_out
        and other.price_minor is not None
        and abs(other.price_minor - price) * WHOLE_BP <= price * price_band_bp
        and rules.refusal(other) is None
    ]
    return tuple(other for _, _, other in sorted(near, key=lambda one: one[:2])[:at_most])


def expected_cost_milli(price_minor: int, discount_bp: int, expected_units: int) -> int:
    """Return what a favourite is expected to cost over its days, in thousandths of a minor unit."""
    return discount_minor(price_minor, discount_bp) * expected_units * MILLI
