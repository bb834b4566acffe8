"""What tills send and get: baskets, sessions, redemptions and what came back.

Money and quantities are bounded so that no sum of a basket leaves 64 bits.
"""

from datetime import datetime, timedelta
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from engine.day.till.look_up import FoundRedemption
from engine.day.till.redeem import Redeemed
from engine.day.till.rollback import RolledBack
from engine.day.till.validate import Hold, Validation
from engine.domain.till.basket import Basket, BasketLine, Unit
from engine.serving.http.outside_ids import Id
from engine.serving.tills.grant_shapes import (
    GrantsOfBasket,
    GrantsOfRedemption,
    grants_of_basket,
    grants_of_redemption,
    is_absent,
)

_MOST_LINES = 500
_MOST_MINOR = 10**9
_MOST_MILLI = 10**9
_BASKET: dict[str, Any] = {
    "customer_id": "1029",
    "store_id": "330",
    "till_id": "7",
    "at": "2017-12-05T17:04:00Z",
    "lines": [
        {
            "line_id": "1",
            "product_id": "995242",
            "quantity_milli": 2000,
            "unit": "piece",
            "shelf_price_minor": 299,
            "promo_discount_minor": 0,
        }
    ],
}
_APPLIED: dict[str, Any] = {
    "applied": [{"line_id": "1", "offer_id": "o_1", "units_milli": 2000, "discount_minor": 90}],
    "total_discount_minor": 90,
    "not_applied": [{"offer_id": "o_2", "key": "item_not_in_basket"}],
}
VALIDATION_REQUEST = _BASKET | {"session": {"key": "330-7-8812", "ttl_seconds": 300}}
VALIDATION_HELD = _APPLIED | {"session": {"key": "330-7-8812", "expires_at": "2017-12-05T17:09:00Z"}}
VALIDATION_DRY = _APPLIED | {"session": None}
REDEMPTION_REQUESTS: dict[str, Any] = {"session": {"session": {"key": "330-7-8812"}}, "basket": _BASKET}
REDEMPTION = {"redemption_id": "r_5d0c"} | _APPLIED
FOUND_REDEMPTION = {
    "redemption_id": "r_5d0c",
    "redeemed_at": "2017-12-05T17:05:10Z",
    "store_id": "330",
    "till_id": "7",
    "standing": _APPLIED["applied"],
    "standing_discount_minor": 90,
    "rolled_back": [],
}
ROLLBACK = {
    "redemption_id": "r_5d0c",
    "rolled_back": [{"line_id": "1", "offer_id": "o_1", "units_milli": 2000, "discount_minor": 90}],
    "total_discount_minor": 90,
    "standing_discount_minor": 0,
}


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Line(_Shape):
    """One line of the basket."""

    line_id: Id
    product_id: Id
    quantity_milli: int = Field(
        strict=True, ge=1, le=_MOST_MILLI, description="Thousandths of the unit; whole thousands for pieces."
    )
    unit: Literal["piece", "kg"] = "piece"
    shelf_price_minor: int = Field(
        strict=True, ge=0, le=_MOST_MINOR, description="For one piece or kilogram, minor units."
    )
    promo_discount_minor: int = Field(
        default=0,
        strict=True,
        ge=0,
        le=_MOST_MINOR * _MOST_MILLI,
        description="What the till's own promotions take off the whole line.",
    )


class SessionRequest(_Shape):
    """For which basket, and for how long, to keep what applies from every other basket."""

    key: Id = Field(description="The till's own name for the basket, different at every till of the shop.")
    ttl_seconds: int = Field(
        default=300,
        strict=True,
        ge=1,
        le=86_400,
        description="At most the programme's checkout.session_max_seconds.",
    )


class ValidationRequest(_Shape):
    """A basket, and with `session` the wish to hold what applies."""

    customer_id: Id
    store_id: Id | None = None
    till_id: Id | None = None
    at: AwareDatetime | None = Field(
        default=None,
        description="The till's clock: of two states of one session's basket the later counts. It decides nothing else.",
    )
    lines: list[Line] = Field(max_length=_MOST_LINES)
    session: SessionRequest | None = None

    def basket(self) -> Basket:
        """Return the basket as the domain knows it."""
        return _basket(self.customer_id, self.lines, self.store_id, self.till_id, self.at)

    def hold(self) -> Hold | None:
        """Return what is to be held, if anything."""
        return (
            None
            if self.session is None
            else Hold(self.session.key, timedelta(seconds=self.session.ttl_seconds))
        )


class SessionKey(_Shape):
    """A session that was opened by a validation."""

    key: Id


class RedemptionRequest(_Shape):
    """A session's key alone, or a basket; a basket with a session's key ends that session."""

    customer_id: Id | None = None
    store_id: Id | None = None
    till_id: Id | None = None
    at: AwareDatetime | None = None
    lines: list[Line] | None = Field(default=None, max_length=_MOST_LINES)
    session: SessionKey | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if (self.customer_id is None) != (self.lines is None):
            raise ValueError("a basket needs customer_id and lines")
        if self.lines is None and self.session is None:
            raise ValueError("give a basket, or the key of its session")
        if self.lines is None and (self.store_id, self.till_id, self.at) != (None, None, None):
            raise ValueError("a session knows its till; give a basket, or nothing beside the session's key")
        return self

    def basket(self) -> Basket | None:
        """Return the basket, None where the session's is meant."""
        if self.customer_id is None or self.lines is None:
            return None
        return _basket(self.customer_id, self.lines, self.store_id, self.till_id, self.at)


class RollbackRequest(_Shape):
    """Which lines came back; without `line_ids`, all that still stand."""

    line_ids: list[Id] | None = Field(default=None, min_length=1, max_length=_MOST_LINES)


class AppliedLine(_Shape):
    """What a line saves, in the place of the till's own promotion on it."""

    line_id: str
    offer_id: str
    units_milli: int = Field(description="Of the line's quantity; the rest costs its full price.")
    discount_minor: int


class UnappliedOffer(_Shape):
    """An offer that saves nothing on this basket, and why."""

    offer_id: str
    key: str = Field(description="Stable: see docs/day.md for all of them.")


class SessionAnswer(_Shape):
    """Until when the offers are held."""

    key: str
    expires_at: AwareDatetime


class ValidationAnswer(_Shape):
    """What a basket saves; the total is the sum of the lines."""

    applied: list[AppliedLine]
    total_discount_minor: int
    not_applied: list[UnappliedOffer]
    session: SessionAnswer | None = Field(description="Null where nothing is held.")
    grants: GrantsOfBasket | None = Field(
        None, exclude_if=is_absent, description="Absent for a customer without grants."
    )


class RedemptionAnswer(_Shape):
    """What was redeemed."""

    redemption_id: str
    applied: list[AppliedLine]
    total_discount_minor: int
    not_applied: list[UnappliedOffer]
    grants: GrantsOfBasket | None = Field(
        None, exclude_if=is_absent, description="Absent for a customer without grants."
    )


class RollbackAnswer(_Shape):
    """What was taken back."""

    redemption_id: str
    rolled_back: list[AppliedLine]
    total_discount_minor: int = Field(description="The discounts taken back: the sum of the lines.")
    standing_discount_minor: int = Field(description="What of the redemption still stands.")
    grants: GrantsOfRedemption | None = Field(
        None, exclude_if=is_absent, description="Absent where no grant paid anything."
    )


class FoundRedemptionAnswer(_Shape):
    """What a redemption is now."""

    redemption_id: str
    redeemed_at: datetime
    store_id: str | None
    till_id: str | None
    standing: list[AppliedLine] = Field(description="Lines that were not rolled back.")
    standing_discount_minor: int
    rolled_back: list[AppliedLine]
    grants: GrantsOfRedemption | None = Field(
        None, exclude_if=is_absent, description="Absent where no grant paid anything."
    )


def validation_answer(done: Validation) -> ValidationAnswer:
    """Return a validation as it goes out."""
    session = None
    if done.session_key is not None and done.expires_at is not None:
        session = SessionAnswer(key=done.session_key, expires_at=done.expires_at)
    return ValidationAnswer(
        applied=_applied(done.receipt.lines),
        total_discount_minor=done.receipt.discount_minor,
        not_applied=_unapplied(done.receipt.not_applied),
        session=session,
        grants=grants_of_basket(done.receipt),
    )


def redemption_answer(done: Redeemed) -> RedemptionAnswer:
    """Return a redemption as it goes out."""
    return RedemptionAnswer(
        redemption_id=done.redemption_id,
        applied=_applied(done.receipt.lines),
        total_discount_minor=done.receipt.discount_minor,
        not_applied=_unapplied(done.receipt.not_applied),
        grants=grants_of_basket(done.receipt),
    )


def rollback_answer(done: RolledBack) -> RollbackAnswer:
    """Return a rollback as it goes out."""
    return RollbackAnswer(
        redemption_id=done.redemption_id,
        rolled_back=_applied(done.lines),
        total_discount_minor=done.discount_minor,
        standing_discount_minor=done.standing_minor,
        grants=grants_of_redemption(done.grants_standing, done.grants),
    )


def found_answer(found: FoundRedemption) -> FoundRedemptionAnswer:
    """Return a redemption that was looked up as it goes out."""
    return FoundRedemptionAnswer(
        redemption_id=found.redemption_id,
        redeemed_at=found.redeemed_at,
        store_id=found.store_id,
        till_id=found.till_id,
        standing=_applied(found.standing),
        standing_discount_minor=sum(line.discount_minor for line in found.standing),
        rolled_back=_applied(found.rolled_back),
        grants=grants_of_redemption(found.grants, found.grants_returned),
    )


def _basket(
    customer_id: str, lines: list[Line], store_id: str | None, till_id: str | None, at: AwareDatetime | None
) -> Basket:
    return Basket(
        customer_id,
        tuple(
            BasketLine(
                line.line_id,
                line.product_id,
                line.quantity_milli,
                Unit(line.unit),
                line.shelf_price_minor,
                line.promo_discount_minor,
            )
            for line in lines
        ),
        store_id,
        till_id,
        at,
    )


def _applied(lines: tuple[Any, ...]) -> list[AppliedLine]:
    return [
        AppliedLine(
            line_id=line.line_id,
            offer_id=line.offer_id,
            units_milli=line.units_milli,
            discount_minor=line.discount_minor,
        )
        for line in lines
    ]


def _unapplied(not_applied: tuple[tuple[str, str], ...]) -> list[UnappliedOffer]:
    return [UnappliedOffer(offer_id=name, key=key) for name, key in not_applied]
