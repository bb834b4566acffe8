"""The programme's section [assigned]: whom it is for, where a shop runs several, and how much a customer may have at once.

Part of `engine.programme`. A key that is left out assigns nobody in particular: without `to` and `arm` a programme is for
everybody whom the other sections let have offers. Stores are [eligibility] stores.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from engine.programme.section import Section, as_tuple

Standing = Literal[
    "suspect",
    "prospect",
    "disqualified",
    "first_time",
    "repeat",
    "client",
    "advocate",
    "lapsing",
    "lost",
    "won_back",
    "loyalty_true",
    "loyalty_latent",
    "loyalty_spurious",
    "loyalty_none",
    "at_a_loss",
    "deal_only",
    "at_height",
    "reward_alarm",
]


class Assignment(Section):
    """Whom a programme is for."""

    to: Annotated[tuple[Standing, ...] | None, BeforeValidator(as_tuple)] = Field(
        default=None,
        min_length=1,
        description="a list of rungs (first_time, client, lapsing, ...), loyalty_true .. loyalty_none and flags (deal_only, ...)",
    )
    arm: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9-]{0,30}/[a-z0-9][a-z0-9-]{0,30}$",
        description='an experiment and one of its arms, such as "spring/daily"',
    )
    max_bundles: int | None = Field(
        default=None, ge=1, le=20, description="a whole number of bundles from 1 to 20"
    )
    max_items: int | None = Field(
        default=None, ge=1, le=400, description="a whole number of items from 1 to 400"
    )

    def impossibilities(self, max_items: int) -> Iterator[str]:
        """What cannot be meant, in the owner's words."""
        if self.max_items is not None and self.max_items < max_items:
            yield (
                f"assigned.max_items = {self.max_items} is below bundle.max_items = {max_items}, so that nobody could have a "
                "bundle; raise the first or lower the second."
            )

    @property
    def experiment(self) -> tuple[str, str] | None:
        """The experiment and the arm that the programme is for."""
        if self.arm is None:
            return None
        name, _, arm = self.arm.partition("/")
        return name, arm
