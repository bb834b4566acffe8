"""What the shop declares about its tables: `tables.toml`, one validated dataclass.

timezone = "Europe/Berlin"   # IANA name: times without zone are read in it, local days are counted in it
currency = "EUR"             # ISO 4217
money = "decimal"            # "decimal": 1.99, "minor": 199
quantity = "decimal"         # "decimal": column quantity, 1.5; "milli": column quantity_milli, 1500
unit = "piece"               # unit of a line that names none: "piece" or "kg"
tax = "included"             # whether prices and money include sales tax: "included" or "excluded"
max_bad_share = 0.01         # largest share of bad rows in a table, 0 to 1; above it the load stops
times = "local"              # optional; "zoned" refuses times without zone
"""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from models.errors import BadInput

# ISO 4217 currencies whose minor unit is not a hundredth.
MINOR_DIGITS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND"), 0
    ),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
CHOICES = {
    "money": ("decimal", "minor"),
    "quantity": ("decimal", "milli"),
    "unit": ("piece", "kg"),
    "tax": ("included", "excluded"),
    "times": ("local", "zoned"),
}


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

    @property
    def minor_digits(self) -> int:
        """Decimal places between the currency's unit and its minor unit: 2 for EUR, 0 for JPY."""
        return MINOR_DIGITS.get(self.currency, 2)

    @property
    def quantity_column(self) -> str:
        """Name of the purchases column that holds the quantity."""
        return "quantity_milli" if self.quantity == "milli" else "quantity"


def read_declaration(folder: Path) -> Declaration:
    """Read and check `folder`/tables.toml; raises BadInput naming the key, the value and what is allowed."""
    path = folder / "tables.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(
            f"{path} is missing: a data folder needs tables.toml with {', '.join(_required())}."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not valid TOML: {error}.") from None
    return check_declaration(values, str(path))


def check_declaration(values: dict[str, Any], where: str = "tables.toml") -> Declaration:
    """Turn the keys of tables.toml into a Declaration; raises BadInput at the first key that is wrong."""
    known = [field.name for field in fields(Declaration)]
    for key in values:
        if key not in known:
            raise BadInput(f"{where}: unknown key {key!r}; expected only {', '.join(known)}.")
    for key in _required():
        if key not in values:
            raise BadInput(f"{where}: key {key!r} is missing; expected {_allowed(key)}.")
    for key, value in values.items():
        if not _valid(key, value):
            raise BadInput(f"{where}: {key} = {value!r} is not allowed; expected {_allowed(key)}.")
    return Declaration(**{**values, "max_bad_share": float(values["max_bad_share"])})


def _required() -> list[str]:
    return [field.name for field in fields(Declaration) if field.name != "times"]


def _valid(key: str, value: object) -> bool:
    if key == "max_bad_share":
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    if not isinstance(value, str):
        return False
    if key == "timezone":
        return value in available_timezones()
    if key == "currency":
        return len(value) == len("EUR") and value.isascii() and value.isalpha() and value.isupper()
    return value in CHOICES[key]


def _allowed(key: str) -> str:
    if key == "max_bad_share":
        return "a number from 0 to 1"
    if key == "timezone":
        return 'an IANA time zone such as "Europe/Berlin"'
    if key == "currency":
        return 'three capital letters of ISO 4217 such as "EUR"'
    return " or ".join(f'"{choice}"' for choice in CHOICES[key])
