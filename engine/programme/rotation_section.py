"""The programme's section [rotation]: what may come again, how soon, and in how many bundles at once.

Part of `engine.programme`. A key that is left out is off; how each works is in docs/rotation.md.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from engine.programme.section import Section

_BUNDLES = "a whole number of bundles from 0 to 20"
_DAYS = "a whole number of days from 0 to 365"
_ITEMS = "a whole number of items from 0 to 20"
# A bundle that ended longer ago is nobody's last one any more.
FORGOTTEN_DAYS = 91


class Rotation(Section):
    """Variety over time and over customers."""

    item_bundles: int = Field(default=0, ge=0, le=20, description=_BUNDLES)
    item_days: int = Field(default=0, ge=0, le=365, description=_DAYS)
    family_bundles: int = Field(default=0, ge=0, le=20, description=_BUNDLES)
    family_days: int = Field(default=0, ge=0, le=365, description=_DAYS)
    family_level: Literal["family_1", "family_2", "family_3", "family_4"] | None = Field(
        default=None, description='one of "family_1" .. "family_4", or no such line for the finest one known'
    )
    staple_gap_days: float = Field(default=0.0, ge=0, le=365, description="days from 0 to 365")
    staple_bundles: int = Field(default=0, ge=0, le=20, description=_BUNDLES)
    staple_days: int = Field(default=0, ge=0, le=365, description=_DAYS)
    returning: int | None = Field(default=None, ge=0, le=20, description=_ITEMS)
    families: int = Field(default=0, ge=0, le=20, description="a whole number of families from 0 to 20")
    fatigue_offers: int = Field(default=0, ge=0, le=20, description="a whole number of offers from 0 to 20")
    fatigue_days: int = Field(default=0, ge=0, le=365, description=_DAYS)
    staples_share: float = Field(default=1.0, gt=0, le=1, description="a share of bundles above 0, up to 1")

    @property
    def remembers(self) -> bool:
        """Whether it matters what a customer was offered before."""
        return self.returning is not None or self.memory_days > 0

    @property
    def memory_bundles(self) -> int:
        """How many of a customer's last bundles matter."""
        last = 0 if self.returning is None else 1
        return max(self.item_bundles, self.family_bundles, self.staple_bundles, last)

    @property
    def memory_days(self) -> int:
        """How long after its end a bundle may still matter."""
        tired = self.fatigue_days + FORGOTTEN_DAYS if self.fatigue_offers else 0
        by_bundles = FORGOTTEN_DAYS if self.memory_bundles else 0
        return max(self.item_days, self.family_days, self.staple_days, tired, by_bundles)

    def impossibilities(self, min_items: int, item_level: str) -> Iterator[str]:
        """What cannot be meant, in the owner's words."""
        if self.families > min_items:
            yield (
                f"rotation.families = {self.families} is above bundle.min_items = {min_items}; a bundle of {min_items} items "
                f"cannot hold {self.families} families: lower the first or raise the second."
            )
        if (self.fatigue_offers > 0) != (self.fatigue_days > 0):
            yield (
                f"rotation.fatigue_offers = {self.fatigue_offers} and rotation.fatigue_days = {self.fatigue_days}: the first "
                "says after how many unused offers an item loses its place, the second for how long; write both or neither."
            )
        for unit in ("bundles", "days"):
            staple, item = getattr(self, f"staple_{unit}"), getattr(self, f"item_{unit}")
            if staple > item:
                yield (
                    f"rotation.staple_{unit} = {staple} is above rotation.item_{unit} = {item}; staples return sooner than "
                    "other items or as soon: lower the first or raise the second."
                )
        if (self.staple_bundles or self.staple_days) and not self.staple_gap_days:
            yield (
                "rotation.staple_bundles and rotation.staple_days are of items that a customer buys at least every "
                "rotation.staple_gap_days days; write that key, such as staple_gap_days = 14.0, or leave them out."
            )
        if self.family_level is not None and item_level not in {"product", *_coarser(self.family_level)}:
            yield (
                f'rotation.family_level = "{self.family_level}" is not coarser than prediction.item_level = "{item_level}"; '
                "name a coarser one, or none."
            )


def _coarser(level: str) -> list[str]:
    """The levels of items that still have families of a level."""
    return [f"family_{number}" for number in range(int(level[-1]) + 1, 5)]
