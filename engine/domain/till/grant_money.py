"""What grants pay of a basket: of what remains after offers, the favourite and the till's own promotions.

Grants are used in the order in which they end, each up to what is left of it and of the basket. What one pays is split
over the lines by what each still costs, so that the parts sum to the whole. Goods that get no discount by law or by the
programme are not paid for, nor is anything that the shop's tables do not know: nobody could say that it is not such goods.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.domain.eligibility import exclusion
from engine.domain.favourite_rules import Product
from engine.domain.money import apportioned
from engine.domain.till.basket import BasketLine
from engine.domain.till.basket_pricing import Priced, PricingRules, WhyNot


@dataclass(frozen=True)
class Purse:
    """A grant as a till may use it; `blocked` says why it cannot be, else None."""

    grant_id: str
    left_minor: int
    blocked: WhyNot | None = None


@dataclass(frozen=True)
class Paid:
    """What grants pay.

    Attributes:
        parts: grant id, place of the line, amount in minor units more than zero; in the order of the grants and lines.
        not_used: grant id and why it pays nothing.

    """

    parts: tuple[tuple[str, int, int], ...]
    not_used: tuple[tuple[str, WhyNot], ...]


def to_pay(
    lines: Sequence[BasketLine],
    priced: Priced,
    products: Mapping[str, Product],
    rules: PricingRules,
    recalled: Collection[str] = (),
) -> list[int]:
    """Return what each line still costs, minor units; zero for what grants do not pay for."""
    saved = {one.line.line_id: one.discount_minor for one in priced.applied}
    return [
        line.gross_minor - saved.get(line.line_id, line.promo_discount_minor)
        if line.product_id not in recalled and _may_be_paid(products.get(line.product_id), rules)
        else 0
        for line in lines
    ]


def pay(purses: Sequence[Purse], costs: Sequence[int]) -> Paid:
    """Let grants pay for lines that cost so much, in the order of the grants."""
    parts, not_used, left = list[tuple[str, int, int]](), list[tuple[str, WhyNot]](), list(costs)
    for purse in purses:
        amount = min(purse.left_minor, sum(left))
        why = purse.blocked if purse.blocked is not None or amount else WhyNot.NOTHING_TO_PAY
        if why is not None:
            not_used.append((purse.grant_id, why))
            continue
        for place, part in enumerate(apportioned(amount, left)):
            if part:
                parts.append((purse.grant_id, place, part))
                left[place] -= part
    return Paid(tuple(parts), tuple(not_used))


def _may_be_paid(product: Product | None, rules: PricingRules) -> bool:
    return (
        product is not None
        and product.flags.isdisjoint(rules.too_young_for)
        and exclusion(product.flags, product.families, rules.excluded_flags, rules.excluded_families) is None
    )
