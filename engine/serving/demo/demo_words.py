"""Names, prices and days as the demo page says them."""

import re
from datetime import date
from html import escape

from engine.wording.spoken_words import readable

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
_WITHOUT_MINOR_UNITS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})
# "FLUID MILK WHITE ONLY 1 GA": the package size is what follows from the first number on.
_SIZE = re.compile(r"(?P<name>.*\D)\s(?P<size>\d[\w./ -]*)")


def money(amount_minor: int, currency: str) -> str:
    """`299` in USD becomes `$2.99`; currencies without a known sign stand behind the amount."""
    amount = f"{amount_minor:,}" if currency in _WITHOUT_MINOR_UNITS else f"{amount_minor / 100:,.2f}"
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{amount}" if symbol else f"{amount} {currency}"


def percent(discount_bp: int) -> str:
    """`1500` becomes `15`, `1250` becomes `12.5`."""
    return f"{discount_bp / 100:g}"


def long_day(day: date) -> str:
    """`Saturday, 9 December`."""
    return f"{DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]}"


def name_html(name: str) -> str:
    """A product's name in readable case, its package size apart."""
    found = _SIZE.fullmatch(name)
    said, size = (found["name"], found["size"].lower()) if found else (name, "")
    return f"{escape(readable(said))}{f'<span class=size>{escape(size)}</span>' if size else ''}"


def prices_html(price_minor: int, offer_price_minor: int, currency: str) -> str:
    """What a unit costs now, and what it cost."""
    new, old = (escape(money(amount, currency)) for amount in (offer_price_minor, price_minor))
    return f'<span class="hidden">Now </span><ins>{new}</ins><span class="hidden"> instead of </span><del>{old}</del>'
