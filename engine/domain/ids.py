"""Names of bundles, offers, favourites and grants: short, derived, the same when a night is recomputed.

80 bits of sha256, 20 hexadecimal digits. A chain of a million customers with a new bundle every five days
names 73 million bundles and 440 million offers a year; the chance that any two offers ever share a name is
about (4.4e8)^2 / 2 / 2^80 = 8e-8 a year, and for the 6 million offers of one night 1.5e-11. The run is part of
the name, so that a second attempt at a night never reuses the name of a bundle it withdraws.
"""

import hashlib
from datetime import date

_DIGITS = 20


def bundle_id(run_id: str, customer_id: str, seed: int) -> str:
    """Name the bundle that a run makes for a customer."""
    return "b_" + _short(f"{run_id}/{seed}/{customer_id}")


def offer_id(bundle: str, item_id: str) -> str:
    """Name the offer on an item within a bundle."""
    return "o_" + _short(f"{bundle}/{item_id}")


def favourite_id(customer_id: str, day: date, choice_no: int) -> str:
    """Name the n-th choice of a favourite that a customer makes on a local day."""
    return "f_" + _short(f"favourite/{day.isoformat()}/{choice_no}/{customer_id}")


def grant_id(grant_key: str) -> str:
    """Name the grant that has a key: whoever gives it twice gives one."""
    return "g_" + _short(f"grant/{grant_key}")


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
