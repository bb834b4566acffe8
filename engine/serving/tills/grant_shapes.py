"""What tills get of grants: a key of each answer that is absent where a customer has none."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

BASKET: dict[str, Any] = {
    "applied": [{"line_id": "1", "grant_id": "g_7", "amount_minor": 500}],
    "total_minor": 500,
    "not_used": [],
}


class _GrantShape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GrantLine(_GrantShape):
    """What a grant pays of a line, after every discount."""

    line_id: str
    grant_id: str
    amount_minor: int


class UnusedGrant(_GrantShape):
    """A grant that pays nothing of this basket, and why."""

    grant_id: str
    key: str = Field(description="Stable: see docs/grants.md for all of them.")


class GrantsOfBasket(_GrantShape):
    """What grants pay; the total is the sum of the lines."""

    applied: list[GrantLine]
    total_minor: int
    not_used: list[UnusedGrant]


class GrantsOfRedemption(_GrantShape):
    """What grants have paid of a redemption, and what of that went back to them."""

    standing: list[GrantLine]
    standing_minor: int
    returned: list[GrantLine]


def is_absent(value: object) -> bool:
    """True for a key that an answer leaves out."""
    return value is None


def grants_of_basket(receipt: Any) -> GrantsOfBasket | None:
    """Return what grants pay of a priced basket; None for a customer without open grants."""
    if not receipt.grants and not receipt.grants_not_used:
        return None
    return GrantsOfBasket(
        applied=_parts(receipt.grants),
        total_minor=sum(part.amount_minor for part in receipt.grants),
        not_used=[UnusedGrant(grant_id=name, key=key) for name, key in receipt.grants_not_used],
    )


def grants_of_redemption(standing: tuple[Any, ...], returned: tuple[Any, ...]) -> GrantsOfRedemption | None:
    """Return what grants paid; None where they paid nothing."""
    if not standing and not returned:
        return None
    return GrantsOfRedemption(
        standing=_parts(standing),
        standing_minor=sum(part.amount_minor for part in standing),
        returned=_parts(returned),
    )


def _parts(parts: tuple[Any, ...]) -> list[GrantLine]:
    return [
        GrantLine(line_id=part.line_id, grant_id=part.grant_id, amount_minor=part.amount_minor)
        for part in parts
    ]
