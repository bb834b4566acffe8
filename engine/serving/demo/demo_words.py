"""Names, prices and days as the demo page says them."""

import re
from dataclasses import dataclass
from datetime import date

from engine.wording.spoken_words import readable
from models.ground.currencies import written

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
# "FLUID MILK WHITE ONLY 1 GA": the package size is what follows from the first number on.
_SIZE = re.compile(r"(?P<name>.*\D)\s(?P<size>\d[\w./ -]*)")


@dataclass(frozen=True)
class ReadableName:
    """A product's name in readable case, its package size apart; empty where there is none."""

    words: str
    size: str


def money(amount_minor: int, currency: str) -> str:
    """`299` in USD becomes `$2.99`; currencies without a known sign stand behind the amount."""
    amount = written(amount_minor, currency)
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{amount}" if symbol else f"{amount} {currency}"


def percent(discount_bp: int) -> str:
    """`1500` becomes `15`, `1250` becomes `12.5`."""
    return f"{discount_bp / 100:g}"


def long_day(day: date) -> str:
    """`Saturday, 9 December`."""
    return f"{DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]}"


def readable_name(name: str) -> ReadableName:
    """`FLUID MILK WHITE ONLY 1 GA` becomes `Fluid milk white only` and `1 ga`."""
    found = _SIZE.fullmatch(name)
    if found is None:
        return ReadableName(readable(name), "")
    return ReadableName(readable(found["name"]), found["size"].lower())
