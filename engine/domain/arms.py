"""Who is held out: customers who are kept without offers, so that the offers' worth can be measured.

A customer's arm is a hash of a salt and their id: it depends on nothing else, so it is the same every night, for
ids never seen before, in any order, on any number of machines. The salt comes from the programme's seed;
changing the seed draws the arms anew and ends every comparison that runs, so a night refuses it while anybody is held out.
"""

import hashlib
from enum import StrEnum

from engine.domain.offer_errors import BadRequest

_HASH_BITS = 64


class Arm(StrEnum):
    """What a customer may receive: nothing (`holdout`) or the programme's offers (`treated`)."""

    HOLDOUT = "holdout"
    TREATED = "treated"


def salt_of(seed: int, purpose: str) -> bytes:
    """Derive a salt from the programme's seed; different purposes draw independently."""
    return hashlib.sha256(f"{seed}/{purpose}".encode()).digest()


def arm_of(customer_id: str, salt: bytes, holdout_share: float) -> Arm:
    """Return the arm of one customer: the first 64 bits of sha256(salt, id) below the holdout's share."""
    if not 0 <= holdout_share < 1:
        raise BadRequest(f"expected a holdout share of at least 0 and below 1, got {holdout_share}")
    return Arm.HOLDOUT if is_drawn(customer_id, salt, holdout_share) else Arm.TREATED


def is_drawn(name: str, salt: bytes, share: float) -> bool:
    """Tell whether a name is among the given share of all names: the first 64 bits of sha256(salt, name) say so."""
    draw = int.from_bytes(hashlib.sha256(salt + name.encode()).digest()[: _HASH_BITS // 8], "big")
    return draw < int(share * 2**_HASH_BITS)
