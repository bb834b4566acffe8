"""What a basket saves: every offer is applied, or there is a key that says why not.

The lines are taken in their order. On each one the offer that takes off most is compared with the till's own
promotion, and the better of the two counts for the whole line; they never add up. An offer of a bundle takes one of
its slots with its first line and keeps it for all its units, so the first k distinct items of the basket win. The
favourite takes no slot.

    unit discount = discount_bp of the shelf price, but of no more than the price shown and `price_rise_bp` of it,
                    and never below the price floor
    line discount = unit discount x units, rounded once; units up to the offer's cap

A customer may have bundles of several programmes. Where an item is in two of them, the better one counts with its bundle's slot,
and the other waits: a basket uses one of them for that item.

So what a phone shows as one unit's saving is what the till takes off for each, and a total is the sum of its lines.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from engine.domain.eligibility import exclusion, keeps_assumed_margin, keeps_margin
from engine.domain.favourite_rules import Product
from engine.domain.money import WHOLE_BP, discount_minor
from engine.domain.till.basket import BasketLine, amount_minor


class WhyNot(StrEnum):
    """Why an offer does not apply to a basket; the values are the keys that tills read."""

    # of the offer itself
    EXPIRED = "expired"  # it counted at the till's time and no longer does at ours
    NOT_YET_VALID = "not_yet_valid"
    NOT_ACTIVATED = "not_activated"
    ALREADY_REDEEMED = "already_redeemed"
    RESERVED = "reserved_elsewhere"  # another basket holds it
    RECALLED = "product_recalled"  # the shop withdrew the product from all offers
    STOPPED = "offers_stopped"  # the shop has stopped all personal offers
    # of the card
    TOO_MANY_REDEMPTIONS = "too_many_redemptions"
    TOO_MANY_TILLS = "too_many_tills"
    TOO_MANY_UNITS = "too_many_units"
    # of the basket
    NOT_IN_BASKET = "item_not_in_basket"
    EXCLUDED = "product_excluded"  # of the family, but never discounted
    LEGAL_AGE = "legal_age"  # the customer is too young for it, or their age is not known
    PRICE_FLOOR = "price_floor"
    MARGIN_FLOOR = "margin_floor"
    UNIT_CAP = "unit_cap_reached"
    SLOTS = "slots_used_up"
    BETTER_OFFER = (
        "better_offer"  # another offer takes more off every line it would fit, or is taken for the item
    )
    PROMO = "promo_better"
    NOTHING_TO_PAY = (
        "nothing_to_pay"  # of a grant: other discounts and grants leave nothing that it may pay for
    )


class StoodIn(NamedTuple):
    """A product that counts in the place of an offer's, at the price at which it was shown."""

    product_id: str
    price_minor: int


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
        stood_in: what counts instead of `items`, because they are sold out: the basket's first of all these takes the offer.

    """

    offer_id: str
    items: frozenset[str]
    is_family: bool
    discount_bp: int
    price_minor: int | None
    units_milli: int
    bundle_no: int | None
    blocked: WhyNot | None = None
    stood_in: tuple[StoodIn, ...] = ()

    def fits(self, product_id: str, product: Product | None) -> bool:
        """True if it is on this product; a product that the shop does not know has no family."""
        if not self.is_family:
            return product_id in self.items or any(one.product_id == product_id for one in self.stood_in)
        return product is not None and not self.items.isdisjoint(product.families)

    def shown_minor(self, product_id: str) -> int | None:
        """The price at which the customer was shown a product that it fits; None for a family's."""
        for one in self.stood_in:
            if one.product_id == product_id and product_id not in self.items:
                return one.price_minor
        return self.price_minor


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
    too_young_for: frozenset[str] = frozenset()  # flags of goods that this customer may not have cheaper


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
    recalled: Collection[str] = (),
) -> Priced:
    """Apply every deal that can be applied.

    Args:
        lines: the basket, checked by `engine.domain.till.basket.check_basket`.
        deals: what the customer has, in the order in which they see it.
        products: what the shop knows of the basket's products; unknown ones are absent.
        rules: the programme's.
        free_slots: of each bundle, how many distinct items may still be redeemed.
        units_left_milli: units that this card may still have discounted today.
        recalled: products on which nothing is given, whatever they are offered by.

    """
    left = _Left(free_slots, units_left_milli, {deal: deal.units_milli for deal in deals}, {})
    usable = [deal for deal in deals if deal.blocked is None]
    why = {deal.offer_id: deal.blocked for deal in deals if deal.blocked is not None}
    applied: list[Applied] = []
    for line in lines:
        product = products.get(line.product_id)
        if line.product_id in recalled:
            fitting = (deal for deal in usable if deal.fits(line.product_id, product))
            why = {deal.offer_id: WhyNot.RECALLED for deal in fitting} | why
            continue
        judged = _judge_line(line, usable, product, rules, left)
        why = judged.why | why  # the first line's reason stands
        if judged.applied is not None:
            applied.append(judged.applied)
            left = left.without(judged.applied)
    return Priced(tuple(applied), _not_applied(deals, applied, why))


@dataclass(frozen=True)
class _Left:
    """What the lines passed so far have left.

    Attributes:
        free_slots: of each bundle, distinct items that may still be redeemed.
        units_milli: that this card may still have discounted today.
        of_deal_milli: units of each deal that still get the discount.
        with_slot: deals that have taken their bundle's slot, with the product that took it.

    """

    free_slots: Mapping[int, int]
    units_milli: int
    of_deal_milli: Mapping[Deal, int]
    with_slot: Mapping[Deal, str]

    def has_slot(self, deal: Deal) -> bool:
        """True for a deal that takes no slot, or took it with an earlier line."""
        return deal.bundle_no is None or deal in self.with_slot

    def is_taken(self, deal: Deal, product_id: str) -> bool:
        """True where another bundle's offer is used for the same item, or for the same product in the place of another."""
        return deal.bundle_no is not None and any(
            other.bundle_no not in {None, deal.bundle_no}
            and (
                other.items == deal.items or (product_id == taken and not (deal.is_family or other.is_family))
            )
            for other, taken in self.with_slot.items()
        )

    def may_be_of(self, deal: Deal, product_id: str) -> bool:
        """False where another product has taken the deal: what stands in counts instead of the item, not beside it."""
        return not deal.stood_in or self.with_slot.get(deal, product_id) == product_id

    def without(self, one: Applied) -> "_Left":
        """Return what is left once a line's offer is taken."""
        deal, free_slots = one.deal, self.free_slots
        if deal.bundle_no is not None and not self.has_slot(deal):
            free_slots = {**free_slots, deal.bundle_no: free_slots[deal.bundle_no] - 1}
        return _Left(
            free_slots,
            self.units_milli - one.units_milli,
            {**self.of_deal_milli, deal: self.of_deal_milli[deal] - one.units_milli},
            {deal: one.line.product_id, **self.with_slot},
        )


@dataclass(frozen=True)
class _JudgedLine:
    """The offer that counts on one line, if any, and why the others that are on its product do not."""

    applied: Applied | None
    why: dict[str, WhyNot]


def _judge_line(
    line: BasketLine, usable: Sequence[Deal], product: Product | None, rules: PricingRules, left: _Left
) -> _JudgedLine:
    fitting = [
        deal
        for deal in usable
        if deal.fits(line.product_id, product) and left.may_be_of(deal, line.product_id)
    ]
    tried = {deal: _discounted(line, deal, product, rules, left) for deal in fitting}
    why = {deal.offer_id: found for deal, found in tried.items() if isinstance(found, WhyNot)}
    offers = [found for found in tried.values() if isinstance(found, Applied)]
    if not offers:
        return _JudgedLine(None, why)
    # The most money first; between equals one that needs no new slot.
    best = max(offers, key=lambda one: (one.discount_minor, left.has_slot(one.deal)))
    why |= {one.deal.offer_id: WhyNot.BETTER_OFFER for one in offers if one is not best}
    if _promotion_counts(line, best, rules):
        return _JudgedLine(None, why | {best.deal.offer_id: WhyNot.PROMO})
    return _JudgedLine(best, why)


def _promotion_counts(line: BasketLine, best: Applied, rules: PricingRules) -> bool:
    """True where the till's own promotion stands instead of the best offer."""
    promo = line.promo_discount_minor
    return promo >= best.discount_minor or (promo > 0 and rules.promotion_first)


def _discounted(
    line: BasketLine, deal: Deal, product: Product | None, rules: PricingRules, left: _Left
) -> Applied | WhyNot:
    """Return what the deal would take off the line now, or why nothing."""
    if left.is_taken(deal, line.product_id):
        return WhyNot.BETTER_OFFER
    units = _discounted_units(line, deal, left)
    if isinstance(units, WhyNot):
        return units
    unit_minor = _unit_discount(line, deal, product, rules)
    if isinstance(unit_minor, WhyNot):
        return unit_minor
    taken = amount_minor(unit_minor, units)
    return Applied(line, deal, units, taken) if taken > 0 else WhyNot.PRICE_FLOOR


def _discounted_units(line: BasketLine, deal: Deal, left: _Left) -> int | WhyNot:
    """Return how many thousandths of the line slots and caps leave to the deal, more than zero."""
    if deal.bundle_no is not None and not left.has_slot(deal) and not left.free_slots[deal.bundle_no]:
        return WhyNot.SLOTS
    of_deal_milli = min(line.quantity_milli, left.of_deal_milli[deal])
    if line.whole(of_deal_milli) == 0:
        return WhyNot.UNIT_CAP
    return line.whole(min(of_deal_milli, left.units_milli)) or WhyNot.TOO_MANY_UNITS


def _unit_discount(
    line: BasketLine, deal: Deal, product: Product | None, rules: PricingRules
) -> int | WhyNot:
    """Return what the deal takes off one unit at the shelf's price, more than zero."""
    price_minor, shown_minor = line.shelf_price_minor, deal.shown_minor(line.product_id)
    counted = price_minor
    if shown_minor is not None:
        counted = min(price_minor, shown_minor * (WHOLE_BP + rules.price_rise_bp) // WHOLE_BP)
    unit_minor = min(discount_minor(counted, deal.discount_bp), price_minor - rules.price_floor_minor)
    if unit_minor <= 0:
        return WhyNot.PRICE_FLOOR
    if product is not None and not product.flags.isdisjoint(rules.too_young_for):
        return WhyNot.LEGAL_AGE
    # Of a product that the offer was not made for, nobody looked at cost and price when it was made.
    if product is not None and (deal.is_family or line.product_id not in deal.items):
        if exclusion(product.flags, product.families, rules.excluded_flags, rules.excluded_families):
            return WhyNot.EXCLUDED
        if not _keeps_margin(product, price_minor - unit_minor, deal.discount_bp, rules):
            return WhyNot.MARGIN_FLOOR
    return unit_minor


def _keeps_margin(product: Product, offer_price_minor: int, discount_bp: int, rules: PricingRules) -> bool:
    if product.cost_minor is not None:
        return keeps_margin(offer_price_minor, product.cost_minor, rules.margin_floor_bp)
    named = [name for name in product.families if name in rules.family_margins_bp]
    margin = rules.family_margins_bp[named[-1]] if named else rules.default_margin_bp
    return keeps_assumed_margin(discount_bp, margin, rules.margin_floor_bp)


def _not_applied(
    deals: Sequence[Deal], applied: Sequence[Applied], why: Mapping[str, WhyNot]
) -> tuple[tuple[str, WhyNot], ...]:
    """Return a key for every deal that no line uses, in the order of the deals."""
    won = {one.deal.offer_id for one in applied}
    return tuple(
        (deal.offer_id, why.get(deal.offer_id, WhyNot.NOT_IN_BASKET))
        for deal in deals
        if deal.offer_id not in won
    )
