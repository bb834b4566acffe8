"""From which age customers may be offered goods that the law keeps from the young: pure functions, by the product's flag.

Who was born nobody knows when is too young for such goods, like who was born longer ago than anybody lives, which is what
a form without an answer leaves.
"""

from collections.abc import Mapping
from datetime import date

# What holds where a programme says nothing: it is the law, and a shop must say if its own is another one.
LEGAL_AGES: Mapping[str, int] = {"alcohol": 18, "tobacco": 18}
OLDEST_YEARS = 115


def age_years(born: date | None, day: date) -> int | None:
    """Return whole years on a local day, None where the age is not known; who was born on 29 February ages on 1 March."""
    if born is None:
        return None
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return years if 0 <= years <= OLDEST_YEARS else None


def flags_of_age(born: date | None, day: date, ages: Mapping[str, int]) -> frozenset[str]:
    """Return the flags of goods for which a customer is known to be old enough; `ages` are years by flag."""
    years = age_years(born, day)
    return frozenset(flag for flag, least in ages.items() if years is not None and years >= least)
