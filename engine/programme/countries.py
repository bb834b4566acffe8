"""Countries by the codes of ISO 3166, and which one a time zone is of, as the time zone database has them."""

from functools import cache
from importlib import resources

# What people write for a country whose code is another one.
_MEANT = {"UK": "GB", "EL": "GR", "SF": "FI"}


def is_country(code: str) -> bool:
    """Whether a code, or what stands before its first hyphen, is a country's."""
    return code.partition("-")[0] in _names()


def meant_by(code: str) -> str | None:
    """The code of the country that is commonly written with another one."""
    return _MEANT.get(code.partition("-")[0])


def country_of(timezone: str) -> str | None:
    """The country whose zone it is, such as DE for Europe/Berlin; None for UTC and for zones of no country."""
    return next((code for code, zone in _zones() if zone == timezone), None)


@cache
def _names() -> dict[str, str]:
    return {code: name for code, name, *_ in _rows("iso3166.tab")}


@cache
def _zones() -> tuple[tuple[str, str], ...]:
    return tuple((code, zone) for code, _, zone, *_ in _rows("zone.tab"))


def _rows(name: str) -> list[list[str]]:
    text = resources.files("tzdata.zoneinfo").joinpath(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
