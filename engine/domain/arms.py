"""Who is held out: customers who are kept without offers, so that the offers' worth can be measured.

A unit's arm is a hash of a salt and its name: it depends on nothing else, so it is the same every night, for ids never
seen before, in any order, on any number of machines. The unit is the household where the shop's customers table names
one, else the customer. The salt is the holdout's own: a first one comes from the programme's seed or `holdout.salt`, and
is frozen with the first published night, so that no later edit draws anybody anew.
"""

import hashlib
from enum import StrEnum

from engine.domain.offer_errors import BadRequest

_HASH_BITS = 64


class Arm(StrEnum):
    """What a customer may receive: nothing (`holdout`) or the programme's offers (`treated`)."""

    HOLDOUT = "holdout"
    TREATED = "treated"


class DrawnAs(StrEnum):
    """What is drawn as one: every customer, or a household with all its customers."""

    CUSTOMER = "customer"
    HOUSEHOLD = "household"


def salt_of(seed: int | str, purpose: str) -> bytes:
    """Derive a salt from the programme's seed, or words of its own; different purposes draw independently."""
    return salt_from(f"{seed}/{purpose}")


def salt_from(words: str) -> bytes:
    """The salt that words stand for: they are kept and shown, the salt is what is hashed."""
    return hashlib.sha256(words.encode()).digest()


def first_salt(seed: int) -> str:
    """The words of a holdout's salt where the programme gives none of its own."""
    return f"{seed}/arms"


def unit_of(customer_id: str, household_id: str | None, drawn_as: DrawnAs) -> str:
    """The name under which a customer is drawn. No id holds a slash, so no household is taken for a customer."""
    return (
        customer_id if household_id is None or drawn_as is DrawnAs.CUSTOMER else f"household/{household_id}"
    )


def arm_of(name: str, salt: bytes, holdout_share: float) -> Arm:
    """Return the arm of one unit: the first 64 bits of sha256(salt, name) below the holdout's share."""
    if not 0 <= holdout_share < 1:
        raise BadRequest(f"expected a holdout share of at least 0 and below 1, got {holdout_share}")
    return Arm.HOLDOUT if is_drawn(name, salt, holdout_share) else Arm.TREATED


def is_drawn(name: str, salt: bytes, share: float) -> bool:
    """Tell whether a name is among the given share of all names: the first 64 bits of sha256(salt, name) say so."""
    return place_of(name, salt) < int(share * 2**_HASH_BITS)


def place_of(name: str, salt: bytes) -> int:
    """Where a name falls among 2^64 places, all alike: the first 64 bits of sha256(salt, name)."""
    return int.from_bytes(hashlib.sha256(salt + name.encode()).digest()[: _HASH_BITS // 8], "big")
