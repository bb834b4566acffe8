"""A priced basket as sessions keep it and redemptions book it."""

import json
from datetime import date, datetime
from typing import NamedTuple

from engine.store.grants.grant_ledger import GrantPart


class ReceiptLine(NamedTuple):
    """One line with its discount: of a bundle's offer (bundle_no and slot) or of a favourite (favourite_no)."""

    line_no: int  # place in the basket, from 0
    line_id: str
    product_id: str
    offer_id: str
    bundle_no: int | None
    slot: int | None
    favourite_no: int | None
    unit: str
    quantity_milli: int
    units_milli: int
    shelf_price_minor: int
    promo_discount_minor: int
    discount_bp: int
    discount_minor: int


class Receipt(NamedTuple):
    """What a basket saves: the lines with a discount, what grants pay, and a key for every offer and grant that does nothing."""

    customer_id: str
    store_id: str | None
    till_id: str | None
    at: datetime | None
    local_day: date  # on which it was priced
    currency: str
    lines: tuple[ReceiptLine, ...]
    not_applied: tuple[tuple[str, str], ...]
    grants: tuple[GrantPart, ...] = ()  # what they pay of the rest
    grants_not_used: tuple[tuple[str, str], ...] = ()
    granted_products: tuple[str, ...] = ()  # for which grants pay

    @property
    def products(self) -> tuple[str, ...]:
        """Products on which something is saved or paid."""
        return tuple(dict.fromkeys((*(line.product_id for line in self.lines), *self.granted_products)))

    @property
    def is_empty(self) -> bool:
        """True where nothing is saved and nothing is paid by a grant."""
        return not self.lines and not self.grants

    @property
    def discount_minor(self) -> int:
        """The sum of the lines."""
        return sum(line.discount_minor for line in self.lines)

    @property
    def units_milli(self) -> int:
        """Units with a discount."""
        return sum(line.units_milli for line in self.lines)

    def as_json(self) -> str:
        """Return it as `from_json` reads it."""
        named = self._asdict() | {
            "at": None if self.at is None else self.at.isoformat(),
            "local_day": self.local_day.isoformat(),
        }
        return json.dumps(named, ensure_ascii=False)


def from_json(text: str) -> Receipt:
    """Return the receipt that `as_json` wrote."""
    named = json.loads(text)
    return Receipt(
        **named
        | {
            "at": None if named["at"] is None else datetime.fromisoformat(named["at"]),
            "local_day": date.fromisoformat(named["local_day"]),
            "lines": tuple(ReceiptLine(*line) for line in named["lines"]),
            "not_applied": tuple((name, key) for name, key in named["not_applied"]),
            "grants": tuple(GrantPart(*part) for part in named.get("grants", ())),
            "granted_products": tuple(named.get("granted_products", ())),
            "grants_not_used": tuple((name, key) for name, key in named.get("grants_not_used", ())),
        }
    )
