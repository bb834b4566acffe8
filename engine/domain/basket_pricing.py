"""What a basket saves: every offer is applied, or there is a key that says why not.

The lines are taken in their order. On each one the offer that takes off most is compared with the till's own
promotion, and the better of the two counts for the whole line; they never add up. An offer of a bundle takes one of
its slots with its first line and keeps it for all its units, so the first k distinct items of the basket win. The
favourite takes no slot.

    unit discount = discount_bp of the shelf price, but of no more than the price shown and `price_rise_bp` of it,
                    and never below the price floor
    line discount = unit discount x units, rounded once; units up to the offer's cap

So what a phone shows as one unit's saving is what the till takes off for each, and a total is the sum of its lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.basket import BasketLine, amount_minor
from engine.domain.eligibility import exclusion, keeps_assumed_margin, keeps_margin
from engine.domain.favourite_rules import Product
from engine.domain.money import WHOLE_BP, discount_minor


class WhyNot(StrEnum):
    """Why an offer does not apply to a basket; the values are the keys that tills read."""

    # of the offer itself
    EXPIRED = "expired"  # it counted at the till's time and no longer does at ours
    NOT_YET_VALID = "not_yet_valid"
    NOT_ACTIVATED = "not_activated"
    ALREADY_REDEEMED = "already_redeemed"
    RESERVED = "reserved_elsewhere"  # another basket holds it
    # of the card
    TOO_MANY_REDEMPTIONS = "too_many_redemptions"
    TOO_MANY_TILLS = "too_many_tills"
    TOO_MANY_UNITS = "too_many_units"
    # of the basket
    NOT_IN_BASKET = "item_not_in_basket"
    EXCLUDED = "product_excluded"  # of the family, but never discounted
    PRICE_FLOOR = "price_floor"
    MARGIN_FLOOR = "margin_floor"
    UNIT_CAP = "unit_cap_reached"
    SLOTS = "slots_used_up"
    BETTER_OFFER = "better_offer"  # another offer takes more off every line it would fit
    PROMO = "promo_better"


@dataclass(frozen=True)
class Deal:
    """An offer or a favourite as a till may use it.

    Attributes:
        offer_id: its name, also a favourite's.
        items: product ids, or the one family, that it is on; the favourite's substitutes among them.
        is_family: whether `items` are families.
        discount_bp: of the price.
        price_minor: of one unit as the customer was shown it; None for a family.
        units_milli: how many of it still get the discount.
        bundle_no: whose slot it takes; None for the favourite.
        blocked: why it cannot be used whatever is bought, else None.

    """

    offer_id: str
    items: frozenset[str]
    is_family: bool
    discount_bp: int
    price_minor: int | None
    units_milli: int
    bundle_no: int | None
    blocked: WhyNot | None = None

    def fits(self, product_id: str, product: Product | None) -> bool:
        """True if it is on this product; a product that the shop does not know has no family."""
        if not self.is_family:
            return product_id in self.items
        return product is not None and not self.items.isdisjoint(product.families)


@dataclass(frozen=True)
class PricingRules:
    """What the programme says about baskets; margins are needed for offers on families only."""

    promotion_first: bool  # the till's promotion counts wherever there is one, also a smaller one
    price_rise_bp: int
    price_floor_minor: int
    margin_floor_bp: int
    excluded_flags: frozenset[str]
    excluded_families: frozenset[str]
    default_margin_bp: int
    family_margins_bp: Mapping[str, int]


@dataclass(frozen=True)
class Applied:
    """A line with its offer; `discount_minor` stands in the place of the till's own promotion."""

    line: BasketLine
    deal: Deal
    units_milli: int
    discount_minor: int


@dataclass(frozen=True)
class Priced:
    """What a basket saves, in the order of its lines, and a key for every offer that saves nothing."""

    applied: tuple[Applied, ...]
    not_applied: tuple[tuple[str, WhyNot], ...]

    @property
    def total_discount_minor(self) -> int:
        """The sum of the lines."""
        return sum(one.discount_minor for one in self.applied)

    @property
    def units_milli(self) -> int:
        """Units that get a discount."""
        return sum(one.units_milli for one in self.applied)


def price_basket(
    lines: Sequence[BasketLine],
    deals: Sequence[Deal],
    products: Mapping[str, Product],
    rules: PricingRules,
    *,
    free_slots: Mapping[int, int],
    units_left_milli: int,
) -> Priced:
    """Apply every deal that can be applied.

    Args:
        lines: the basket, checked by `engine.domain.basket.check_basket`.
        deals: what the customer has, in the order in which he sees it.
        products: what the shop knows of the basket's products; unknown ones are absent.
        rules: the programme's.
        free_slots: of each bundle, how many distinct items may still be redeemed.
        units_left_milli: units that this card may still have discounted today.

    """
    till = _Till(
        products, rules, dict(free_slots), units_left_milli, {deal: deal.units_milli for deal in deals}
    )
    why: dict[str, WhyNot] = {deal.offer_id: deal.blocked for deal in deals if deal.blocked is not None}
    usable = [deal for deal in deals if deal.blocked is None]
    applied: list[Applied] = []
    for line in lines:
        tried = {deal: till.discount(line, deal) for deal in usable if till.fits(line, deal)}
        offers = [deal for deal, found in tried.items() if not isinstance(found, WhyNot)]
        best = max(offers, key=lambda deal: till.rank(tried[deal], deal), default=None)
        for deal, found in tried.items():
            if isinstance(found, WhyNot):
                why.setdefault(deal.offer_id, found)
            elif deal is not best:
                why.setdefault(deal.offer_id, WhyNot.BETTER_OFFER)
        if best is None:
            continue
        chosen = tried[best]
        assert isinstance(chosen, Applied)  # noqa: S101 - narrowed above
        promo = line.promo_discount_minor
        if promo >= chosen.discount_minor or (promo and rules.promotion_first):
            why.setdefault(best.offer_id, WhyNot.PROMO)
            continue
        till.take(chosen)
        applied.append(chosen)
    won = {one.deal.offer_id for one in applied}
    left = ((deal.offer_id, why.get(deal.offer_id, WhyNot.NOT_IN_BASKET)) for deal in deals)
    return Priced(tuple(applied), tuple((name, key) for name, key in left if name not in won))


@dataclass
class _Till:
    """What is left while the lines pass by."""

    products: Mapping[str, Product]
    rules: PricingRules
    free_slots: dict[int, int]
    units_left_milli: int
    of_deal_milli: dict[Deal, int]

    def __post_init__(self) -> None:
        self.with_slot: set[Deal] = set()

    def fits(self, line: BasketLine, deal: Deal) -> bool:
        return deal.fits(line.product_id, self.products.get(line.product_id))

    def discount(self, line: BasketLine, deal: Deal) -> Applied | WhyNot:
        """Return what the deal would take off the line now, or why nothing."""
        if deal.bundle_no is not None and deal not in self.with_slot and not self.free_slots[deal.bundle_no]:
            return WhyNot.SLOTS
        if line.whole(min(line.quantity_milli, self.of_deal_milli[deal])) == 0:
            return WhyNot.UNIT_CAP
        units = line.whole(min(line.quantity_milli, self.of_deal_milli[deal], self.units_left_milli))
        if units == 0:
            return WhyNot.TOO_MANY_UNITS
        unit_minor = self._unit_discount(line, deal)
        if isinstance(unit_minor, WhyNot):
            return unit_minor
        taken = amount_minor(unit_minor, units)
        return Applied(line, deal, units, taken) if taken > 0 else WhyNot.PRICE_FLOOR

    def rank(self, found: Applied | WhyNot, deal: Deal) -> tuple[int, bool]:
        """The most money first; between equals one that needs no new slot."""
        money = found.discount_minor if isinstance(found, Applied) else 0
        return money, deal.bundle_no is None or deal in self.with_slot

    def take(self, one: Applied) -> None:
        self.units_left_milli -= one.units_milli
        self.of_deal_milli[one.deal] -= one.units_milli
        if one.deal.bundle_no is not None and one.deal not in self.with_slot:
            self.with_slot.add(one.deal)
            self.free_slots[one.deal.bundle_no] -= 1

    def _unit_discount(self, line: BasketLine, deal: Deal) -> int | WhyNot:
        rules, product, price = self.rules, self.products.get(line.product_id), line.shelf_price_minor
        counted = price
        if deal.price_minor is not None:
            counted = min(price, deal.price_minor * (WHOLE_BP + rules.price_rise_bp) // WHOLE_BP)
        unit_minor = min(discount_minor(counted, deal.discount_bp), price - rules.price_floor_minor)
        if unit_minor <= 0:
            return WhyNot.PRICE_FLOOR
        if deal.is_family and product is not None:
            if exclusion(product.flags, product.families, rules.excluded_flags, rules.excluded_families):
                return WhyNot.EXCLUDED
            if not self._keeps_margin(product, price - unit_minor, deal.discount_bp):
                return WhyNot.MARGIN_FLOOR
        return unit_minor

    def _keeps_margin(self, product: Product, offer_price_minor: int, discount_bp: int) -> bool:
        rules = self.rules
        if product.cost_minor is not None:
            return keeps_margin(offer_price_minor, product.cost_minor, rules.margin_floor_bp)
        named = [name for name in product.families if name in rules.family_margins_bp]
        margin = rules.family_margins_bp[named[-1]] if named else rules.default_margin_bp
        return keeps_assumed_margin(discount_bp, margin, rules.margin_floor_bp)
