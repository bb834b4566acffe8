"""What the shop declares about its tables: `tables.toml`, one validated dataclass.

timezone = "Europe/Berlin"   # IANA name: times without zone are read in it, local days are counted in it
currency = "EUR"             # ISO 4217
money = "decimal"            # "decimal": 1.99, "minor": 199
quantity = "decimal"         # "decimal": column quantity, 1.5; "milli": column quantity_milli, 1500
unit = "piece"               # unit of a line that names none: "piece" or "kg"
tax = "included"             # whether prices and what is paid include sales tax: "included" or "excluded"
max_bad_share = 0.01         # largest share of bad rows in a table, 0 to 1; above it the load stops

Optional, each with what it is without being named:
times = "local"              # "zoned" sets aside times without zone
times_zone = "UTC"           # zone of times without zone: the shop's
day_starts_at = "00:00"      # when a business day starts, by the shop's clock
first_day = "2022-01-01"     # lines of earlier days are set aside; last_day likewise: a rule about gaps and the clock
time_format = "%d.%m.%Y %H:%M:%S"    # times written as text: ISO 8601; the letters are strptime's
date_format = "%d.%m.%Y"     # dates written as text: ISO 8601
decimal_mark = "."           # in numbers written as text: "." or ","
thousands_mark = ""          # "", ".", ",", "'" or " "
encoding = "utf-8"           # of CSV files, by its Python name: "cp1252", "latin-1", "utf-16"
ids = "text"                 # "numbers": an id of digits is a number, so that 0042, 42 and "42.0" are the same
no_customers = ["-1"]        # ids that are no customer, such as a till's own card: what is sold under them is nobody's
real_customers = ["4711"]    # ids that are a customer although the load takes them for one that many people share
real_products = ["4711"]     # ids that are merchandise although the load takes them for postage, a deposit, a bag or the like
max_erased_share = 0.05      # share of known customers who may be gone from a complete customers table
max_delisted_share = 0.2     # share of products on sale that may be gone from a complete products table
What the shop calls its tables, columns and values stands in sections: see `models.sources.reading.vocabulary`; rates of
VAT in one more, [vat]: see `models.sources.reading.declared_vat`.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from models.ground.currencies import minor_digits
from models.ground.errors import BadInput
from models.ground.shop_ids import bare_number
from models.ground.toml_text import parse_toml
from models.sources.reading.declared_vat import VAT_SECTION, DeclaredVat, check_vat
from models.sources.reading.vocabulary import SECTIONS, Vocabulary, check_vocabulary

CHOICES = {
    "money": ("decimal", "minor"),
    "quantity": ("decimal", "milli"),
    "unit": ("piece", "kg"),
    "tax": ("included", "excluded"),
    "times": ("local", "zoned"),
    "decimal_mark": (".", ","),
    "thousands_mark": ("", ".", ",", "'", " "),
    "ids": ("text", "numbers"),
}
SHARES = ("max_bad_share", "max_erased_share", "max_delisted_share")
LISTS_OF_IDS = ("no_customers", "real_customers", "real_products")
DAYS = ("first_day", "last_day")


@dataclass(frozen=True)
class Declaration:
    """How to read a shop's tables; every value was checked. See the module's docstring for the keys."""

    timezone: str
    currency: str
    money: str
    quantity: str
    unit: str
    tax: str
    max_bad_share: float
    times: str = "local"
    times_zone: str = ""
    day_starts_at: str = "00:00"
    time_format: str = ""
    date_format: str = ""
    decimal_mark: str = "."
    thousands_mark: str = ""
    encoding: str = "utf-8"
    ids: str = "text"
    max_erased_share: float = 0.05
    max_delisted_share: float = 0.2
    no_customers: tuple[str, ...] = ()
    real_customers: tuple[str, ...] = ()
    real_products: tuple[str, ...] = ()
    first_day: str = ""
    last_day: str = ""
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    vat: DeclaredVat | None = None

    @property
    def minor_digits(self) -> int:
        """Decimal places between the currency's unit and its minor unit: 2 for EUR, 0 for JPY."""
        return minor_digits(self.currency)

    @property
    def day_start(self) -> timedelta:
        """How long after local midnight a business day starts."""
        hours, minutes = self.day_starts_at.split(":")
        return timedelta(hours=int(hours), minutes=int(minutes))


def read_declaration(folder: Path) -> Declaration:
    """Read and check `folder`/tables.toml; raises BadInput naming the key, the value and what is allowed."""
    return read_declaration_file(folder / "tables.toml")


def read_declaration_file(path: Path) -> Declaration:
    """Read and check a declaration that may have another name than tables.toml; raises BadInput likewise."""
    try:
        values = parse_toml(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        raise BadInput(
            f"{path} is missing: a shop's data needs tables.toml with {', '.join(_required())}; `abonement load "
            "--tables FILE` takes one that lies elsewhere."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, IsADirectoryError) as error:
        raise BadInput(f"{path} is not valid TOML: {' '.join(str(error).split())}.") from None
    return check_declaration(values, str(path))


def check_declaration(values: dict[str, Any], where: str = "tables.toml") -> Declaration:
    """Turn the keys of tables.toml into a Declaration; raises BadInput at the first key that is wrong."""
    sections = {key: value for key, value in values.items() if key in SECTIONS}
    vat = values.get(VAT_SECTION)
    values = {key: value for key, value in values.items() if key not in {*SECTIONS, VAT_SECTION}}
    known = [name for name in _keys() if name not in {"vocabulary", VAT_SECTION}]
    for key in values:
        if key not in known:
            raise BadInput(
                f"{where}: unknown key {key!r}; expected only {', '.join((*known, *SECTIONS, VAT_SECTION))}."
            )
    for key in _required():
        if key not in values:
            raise BadInput(f"{where}: key {key!r} is missing; expected {_rule(key)[1]}.")
    for key, value in values.items():
        valid, allowed = _rule(key)
        if not valid(value):
            raise BadInput(f"{where}: {key} = {value!r} is not allowed; expected {allowed}.")
    shares = {key: float(values[key]) for key in SHARES if key in values}
    days = {key: str(values[key]) for key in DAYS if key in values}
    plain = bare_number if values.get("ids") == "numbers" else str
    listed = {
        key: tuple(sorted({plain(str(name).strip()) for name in values.get(key, [])})) for key in LISTS_OF_IDS
    }
    declaration = Declaration(
        **{
            **values,
            **shares,
            **listed,
            **days,
            "vocabulary": check_vocabulary(sections, where, values["currency"]),
            "vat": None if vat is None else check_vat(vat, values["tax"], where),
        }
    )
    if both := set(declaration.no_customers) & set(declaration.real_customers):
        raise BadInput(
            f"{where}: {min(both)!r} stands in no_customers and in real_customers; keep one of them."
        )
    if declaration.last_day and declaration.first_day > declaration.last_day:
        raise BadInput(
            f"{where}: first_day = {declaration.first_day} is after last_day = {declaration.last_day}."
        )
    if declaration.decimal_mark == declaration.thousands_mark:
        raise BadInput(f"{where}: decimal_mark and thousands_mark are both {declaration.decimal_mark!r}.")
    return declaration


def _keys() -> list[str]:
    return [field.name for field in fields(Declaration)]


def _required() -> list[str]:
    return _keys()[: _keys().index("times")]


def _rule(key: str) -> tuple[Callable[[Any], bool], str]:
    """What a key's value must be, as a predicate and in words."""
    if key in CHOICES:
        choices = CHOICES[key]
        return (
            lambda value: isinstance(value, str) and value in choices,
            " or ".join(f'"{choice}"' for choice in choices),
        )
    zone = _is_zone, 'an IANA time zone such as "Europe/Berlin"'
    letters = _is_format, 'strptime letters such as "%d.%m.%Y"'
    return {
        **dict.fromkeys(SHARES, (_is_share, "a number from 0 to 1")),
        **dict.fromkeys(LISTS_OF_IDS, (_is_list_of_ids, 'a list of ids such as ["-1"]')),
        **dict.fromkeys(DAYS, (_is_day, 'a day such as "2022-01-01"')),
        "timezone": zone,
        "times_zone": zone,
        "currency": (_is_currency, 'three capital letters of ISO 4217 such as "EUR"'),
        "time_format": letters,
        "date_format": letters,
        "day_starts_at": (_is_clock_time, 'a time such as "00:00" or "04:30"'),
        "encoding": (_is_encoding, 'an encoding of text such as "utf-8" or "cp1252"'),
    }[key]


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_list_of_ids(value: object) -> bool:
    return isinstance(value, list) and all(
        (isinstance(one, str) and one.strip()) or (isinstance(one, int) and not isinstance(one, bool))
        for one in value
    )


def _is_zone(value: object) -> bool:
    return isinstance(value, str) and value in available_timezones()


def _is_currency(value: object) -> bool:
    return (
        isinstance(value, str)
        and len(value) == len("EUR")
        and value.isascii()
        and value.isalpha()
        and value.isupper()
    )


def _is_format(value: object) -> bool:
    return isinstance(value, str) and "%" in value


def _is_clock_time(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value))


def _is_day(value: object) -> bool:
    """Tell whether it is a day of ours: text, or TOML's own date."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return True
    if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_encoding(value: object) -> bool:
    try:
        return isinstance(value, str) and bool("a".encode(value))
    except (LookupError, ValueError):  # unknown, or known and none of text
        return False
