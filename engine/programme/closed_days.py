"""Days on which nobody can buy, as an owner writes them: "12-25", "2026-07-31", "sunday", "holidays:DE-BY".

Public holidays are known by the library `holidays`, which is imported only where a programme names a country.
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

EXPECTED = (
    'a list of days: "12-25" (every year), "2026-07-31", "sunday", "holidays:DE" or, with a part of the country,'
    ' "holidays:DE-BY"'
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# The 29th of February is a day of a leap year.
LEAP_YEAR = 2000
_DATE = re.compile(r"(?:(\d{4})-)?(\d{2})-(\d{2})")
_COUNTRY = re.compile(r"holidays:([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")


def check_closed_day(text: str) -> str:
    """Return the text; raises ValueError with a sentence for the owner where it names no day."""
    country, dated = _COUNTRY.fullmatch(text), _DATE.fullmatch(text)
    if country:
        known = _is_country(country[1], country[2])
    elif dated:
        known = _is_date(int(dated[1] or LEAP_YEAR), int(dated[2]), int(dated[3]))
    else:
        known = text in WEEKDAYS
    if not known:
        raise ValueError(f"guard.closed_days = {text!r}: expected {EXPECTED}; correct the value.")
    return text


def is_closed(day: date, closed_days: Sequence[str]) -> bool:
    """Tell whether a local day is one of those that `check_closed_day` has let pass."""
    names = (day.isoformat(), f"{day:%m-%d}", WEEKDAYS[day.weekday()])
    if any(name in closed_days for name in names):
        return True
    found = (_COUNTRY.fullmatch(text) for text in closed_days)
    return any(day in _holidays(one[1], one[2], day.year) for one in found if one)


def _is_country(country: str, part: str | None) -> bool:
    from holidays import list_supported_countries

    known = list_supported_countries()
    return country in known and (part is None or part in known[country])


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=64)
def _holidays(country: str, part: str | None, year: int) -> frozenset[date]:
    from holidays import country_holidays

    return frozenset(country_holidays(country, subdiv=part, years=year))
