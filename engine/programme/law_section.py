"""The programme's section [law]: which country's rules bind the offers, and what differs from its pack.

Part of `engine.programme`. The packs are data, each rule with its source: `law_packs.toml`, docs/law.md.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from pydantic import Field

from engine.programme.countries import is_country, meant_by
from engine.programme.section import Section

STRICTEST = "strictest"
LOWEST_PRICE_DAYS = 30


class Law(Section):
    """The rules in force; a key that is left out is as the country's pack has it."""

    country: str = Field(
        default=STRICTEST,
        pattern=r"^([A-Z]{2}(-[A-Z0-9]{1,3})?|strictest)$",
        description='a country such as "DE" or "US-NY", or "strictest"',
    )
    lowest_price: bool | None = Field(default=None, description="true or false")
    disclosure: bool | None = Field(default=None, description="true or false")
    terms_days: int | None = Field(
        default=None, ge=0, le=7305, description="a whole number of days from 0 to 7305"
    )

    def _impossibilities(self) -> Iterator[str]:
        if self.country == STRICTEST or is_country(self.country):
            return
        meant = meant_by(self.country)
        hint = f'did you mean "{meant}"?' if meant else 'write one such as "DE" or "US-NY".'
        yield (
            f'law.country = "{self.country}" is no country of ISO 3166, and would count as "{STRICTEST}": write that, if it is '
            f"what you mean; {hint}"
        )

    @property
    def is_known(self) -> bool:
        """Whether the country, or the one that it is a part of, has a pack of its own."""
        return self.pack is not law_packs()["packs"][STRICTEST]

    @property
    def tells_lowest_price(self) -> bool:
        """Whether offers carry the lowest price of the last 30 days, and must be below it."""
        return self.pack["lowest_price"] if self.lowest_price is None else self.lowest_price

    @property
    def discloses(self) -> bool:
        """Whether answers say that an algorithm set their prices."""
        return self.pack["disclosure"] if self.disclosure is None else self.disclosure

    @property
    def keeps_terms_days(self) -> int:
        """For how many days after its end the terms of an offer are kept at least."""
        return self.pack["terms_days"] if self.terms_days is None else self.terms_days

    @property
    def pack(self) -> dict[str, Any]:
        """The country's rules: its own, else those of the country that it is a part of, else all of them."""
        packs = law_packs()["packs"]
        named = (self.country, self.country.partition("-")[0])
        return next((packs[name] for name in named if name in packs), packs[STRICTEST])


@cache
def law_packs() -> dict[str, Any]:
    """All packs, and the source of every rule."""
    file = resources.files("engine.programme").joinpath("law_packs.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
