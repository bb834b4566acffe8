"""A shop in a few figures: what a programme's amounts have to fit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ShopFigures:
    """Figures of a shop's lines, money in minor units of `currency`.

    Attributes:
        price_low, price_middle, price_high: at most so much cost, undiscounted, a tenth, half and nine tenths of
            what is bought.
        sales_a_week: the median of the typical weeks.
        customers: who bought in them.
        families: names of all families.
        flags: which flags products bear.
    """

    currency: str
    price_low: int
    price_middle: int
    price_high: int
    sales_a_week: int
    customers: int
    families: frozenset[str]
    flags: frozenset[str]
