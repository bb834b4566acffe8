"""What lies on the belt: lines as a till knows them, and what a line costs before any offer.

Quantities are thousandths of the line's unit, a piece or a kilogram; prices are minor units for one of it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.domain.offer_errors import Refused

MILLI = 1000


class Unit(StrEnum):
    """What a quantity counts."""

    PIECE = "piece"
    KG = "kg"


@dataclass(frozen=True)
class BasketLine:
    """One line; the till's own promotion is what it would take off the whole line."""

    line_id: str
    product_id: str
    quantity_milli: int
    unit: Unit
    shelf_price_minor: int
    promo_discount_minor: int = 0

    @property
    def gross_minor(self) -> int:
        """What the line costs without any discount."""
        return amount_minor(self.shelf_price_minor, self.quantity_milli)

    def whole(self, units_milli: int) -> int:
        """Return how many of so many thousandths can be had: whole pieces, or any weight."""
        return units_milli if self.unit is Unit.KG else units_milli // MILLI * MILLI


@dataclass(frozen=True)
class Basket:
    """A customer's lines at a till, in the order in which they were scanned.

    `at` is what the till's clock says; it explains answers and decides nothing.
    """

    customer_id: str
    lines: tuple[BasketLine, ...]
    store_id: str | None = None
    till_id: str | None = None
    at: datetime | None = None

    @property
    def till(self) -> tuple[str | None, str | None] | None:
        """Which till it is; None where it does not say."""
        return till_named(self.store_id, self.till_id)


def till_named(store_id: str | None, till_id: str | None) -> tuple[str | None, str | None] | None:
    """Return which till a basket was at; None where neither shop nor till is known."""
    return None if store_id is None and till_id is None else (store_id, till_id)


def amount_minor(unit_minor: int, quantity_milli: int) -> int:
    """Return an amount for one unit times a quantity, rounded to the nearest minor unit, a half upwards."""
    return (unit_minor * quantity_milli + MILLI // 2) // MILLI


def check_basket(lines: tuple[BasketLine, ...]) -> None:
    """Refuse a basket that cannot be what was sold: 422 basket_impossible, naming the line."""
    seen: set[str] = set()
    for line in lines:
        if line.line_id in seen:
            raise Refused("basket_impossible", f"Line {line.line_id} is there twice; name each line once.")
        seen.add(line.line_id)
        if line.quantity_milli <= 0 or line.whole(line.quantity_milli) != line.quantity_milli:
            raise Refused(
                "basket_impossible",
                f"Line {line.line_id} has {line.quantity_milli} thousandths of a {line.unit}; expected more than "
                "zero, and whole thousands for pieces. Goods that come back are rolled back.",
            )
        if not 0 <= line.promo_discount_minor <= line.gross_minor:
            raise Refused(
                "basket_impossible",
                f"Line {line.line_id} is promoted by {line.promo_discount_minor} of {line.gross_minor}; expected "
                "no more than the line costs.",
            )
