"""Money is whole minor units, a discount is basis points of a price, and there is one rounding rule, for phones, nights and tills.

The rule: a share of an amount is rounded to the nearest minor unit, a half upwards. A discount is such a
share; an offer price is the price less the discount, so that the two always sum to the price. A basket's line
discount is the discount of one unit times the units, so that what the phone shows is what the till takes off.
An amount that is split over lines is rounded once for all of them, so that the parts sum to it.
"""

from collections.abc import Sequence

from engine.domain.offer_errors import BadRequest

WHOLE_BP = 10_000


def part_minor(amount_minor: int, share_bp: int) -> int:
    """Return `share_bp` basis points of an amount, rounded half up: the one rounding rule."""
    if amount_minor < 0 or not 0 <= share_bp <= WHOLE_BP:
        raise BadRequest(
            f"expected an amount of zero or more and a share of 0 to {WHOLE_BP} bp, "
            f"got {amount_minor} and {share_bp} bp; take a return as the negative of its purchase"
        )
    return (amount_minor * share_bp + WHOLE_BP // 2) // WHOLE_BP


def discount_minor(price_minor: int, discount_bp: int) -> int:
    """Return what one unit is cheaper by."""
    return part_minor(price_minor, discount_bp)


def offer_price_minor(price_minor: int, discount_bp: int) -> int:
    """Return what one unit costs with the offer: the price less its discount."""
    return price_minor - discount_minor(price_minor, discount_bp)


def apportioned(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by weights, in whole minor units that sum to it: largest remainders first, then the first ones.

    No part is above its weight where the amount is at most their sum. Raises BadRequest for weights that cannot carry it.
    """
    whole = sum(weights)
    if amount_minor < 0 or any(weight < 0 for weight in weights) or (amount_minor and not whole):
        raise BadRequest(
            f"expected an amount of zero or more and weights that carry it, got {amount_minor} over {list(weights)}"
        )
    parts = [amount_minor * weight // whole if whole else 0 for weight in weights]
    rests = [amount_minor * weight % whole if whole else 0 for weight in weights]
    largest = sorted(range(len(weights)), key=lambda place: -rests[place])
    for place in largest[: amount_minor - sum(parts)]:
        parts[place] += 1
    return parts
