"""The console's texts: one message file a language, figures and days as that language writes them.

A message is named by its section and key, `today.heading`. Where a count decides between two forms, the message is a table with `one`
and `other`, told `n`. What is filled in is data: it is formatted as it stands and escaped by the template.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib import resources
from typing import Any

from models.ground.currencies import minor_digits

LANGUAGES = {"en": "English", "de": "Deutsch"}
ENGLISH = "en"
NO_FIGURE = "\N{EN DASH}"


@dataclass(frozen=True)
class Texts:
    """One language: call it with a message's name and what is to be filled in."""

    language: str
    messages: Mapping[str, Any]

    def __call__(self, name: str, /, **values: object) -> str:
        """Return a message; KeyError where the language has none of that name, or a value is missing."""
        found = self.messages[name]
        if not isinstance(found, str):
            count = values["n"]
            found = found["one" if count == 1 else "other"]
            if isinstance(count, int):
                values["n"] = self.number(count)
        return str(found).format(**values)

    def has(self, name: str) -> bool:
        """Whether there is a message of that name."""
        return name in self.messages

    def number(self, number: float, digits: int = 0) -> str:
        """`1,234.5` in English, `1.234,5` in German."""
        text = f"{number:,.{digits}f}"
        marks = str(self.messages["figures.marks"])  # for thousands, then for decimals
        return text.translate(str.maketrans(",.", marks))

    def money(self, minor: float, currency: str) -> str:
        """An amount with its currency."""
        digits = minor_digits(currency)
        return f"{self.number(minor / 10**digits, digits)} {currency}".strip()

    def percent(self, share: float, digits: int = 0) -> str:
        """A share of 1."""
        return f"{self.number(100 * share, digits)} %"

    def join_bounds(self, low: str | None, high: str | None) -> str:
        """What a limit allows: from, to, or both; nothing where there is none."""
        if low is not None and high is not None:
            return self("figures.between", low=low, high=high)
        if low is not None:
            return self("figures.at_least", low=low)
        return "" if high is None else self("figures.at_most", high=high)

    def day(self, day: date) -> str:
        """`Monday, 4 December 2017`."""
        weekday = self.messages["figures.weekdays"][day.weekday()]
        return self("figures.long_day", weekday=weekday, date=self.date(day))

    def date(self, day: date) -> str:
        """`4 December 2017`."""
        return self(
            "figures.day", day=day.day, month=self.messages["figures.months"][day.month - 1], year=day.year
        )

    def moment(self, moment: datetime) -> str:
        """`4 Dec 2017, 09:15`, by the zone that the moment has."""
        month = self.messages["figures.months"][moment.month - 1][:3]
        return f"{self('figures.day', day=moment.day, month=month, year=moment.year)}, {moment:%H:%M}"


@lru_cache
def texts_in(language: str) -> Texts:
    """A language's texts, English for one that there is not."""
    language = language if language in LANGUAGES else ENGLISH
    file = resources.files("engine.console.frame").joinpath("languages", f"{language}.toml")
    return Texts(language, dict(_flat(tomllib.loads(file.read_text(encoding="utf-8")))))


def language_of(header: str) -> str:
    """The first language of `Accept-Language` that there is, whatever weight it has; English without one."""
    asked = (part.partition(";")[0].strip()[:2].lower() for part in header.split(","))
    return next((one for one in asked if one in LANGUAGES), ENGLISH)


def _flat(tables: Mapping[str, Any], within: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in tables.items():
        name = f"{within}.{key}" if within else key
        if isinstance(value, dict) and set(value) != {"one", "other"}:
            found += _flat(value, name)
        else:
            found.append((name, value))
    return found
