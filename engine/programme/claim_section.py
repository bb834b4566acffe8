"""The programme's section [claim]: the bundle is a pool, of which the customer draws what counts for a day.

Part of `engine.programme`; without the section every offer of a bundle counts as [activation] says.
"""

from collections.abc import Iterator

from pydantic import Field

from engine.domain.claim_rules import ClaimTerms
from engine.programme.bundle_sections import Activation, BundleSize, Validity
from engine.programme.policy_section import LEARNS_BY_LOT
from engine.programme.rotation_section import Rotation
from engine.programme.section import Section


class ClaimedSets(Section):
    """How much of a pool counts, and how often it may be drawn anew."""

    shown: int = Field(ge=1, le=19, description="a whole number of items from 1 to 19")
    refreshes_a_day: int = Field(default=0, ge=0, le=20, description="a whole number of times from 0 to 20")
    swaps_a_day: int = Field(default=0, ge=0, le=20, description="a whole number of offers from 0 to 20")
    days: int = Field(default=1, ge=1, le=60, description="a whole number of local days from 1 to 60")

    def terms(self, rotation: Rotation | None) -> ClaimTerms:
        """What is promised of tonight's pools."""
        families = 0 if rotation is None else rotation.families
        return ClaimTerms(self.shown, self.days, self.refreshes_a_day, self.swaps_a_day, families)

    def impossibilities(
        self,
        bundle: BundleSize,
        activation: Activation,
        validity: Validity,
        rotation: Rotation | None,
        policy: str,
    ) -> Iterator[str]:
        """What cannot be meant, in the owner's words."""
        if self.shown > bundle.min_items:
            yield (
                f"claim.shown = {self.shown} is above bundle.min_items = {bundle.min_items}; a pool may be that small, and nobody "
                "could claim so many of it: lower the first or raise the second."
            )
        if self.shown == bundle.max_items and (self.refreshes_a_day or self.swaps_a_day):
            yield (
                f"claim.shown = {self.shown} is bundle.max_items, so there is nothing else to draw; raise bundle.max_items, or write "
                "claim.refreshes_a_day = 0 and claim.swaps_a_day = 0."
            )
        if activation.mode != "automatic" or activation.slots != self.shown:
            yield (
                f'activation.mode = "{activation.mode}" and activation.slots = {activation.slots}, but all of a claimed set counts at '
                f'the till: write mode = "automatic" and slots = {self.shown}, or leave [claim] out.'
            )
        if self.days > validity.min_days:
            yield (
                f"claim.days = {self.days} is above validity.min_days = {validity.min_days}; a set does not outlast its pool: lower "
                "the first or raise the second."
            )
        if rotation is not None and rotation.families > self.shown:
            yield (
                f"rotation.families = {rotation.families} is above claim.shown = {self.shown}; a set cannot hold so many: lower the "
                "first or raise the second."
            )
        if rotation is not None and rotation.families and rotation.family_level is not None:
            yield (
                f'rotation.family_level = "{rotation.family_level}", but a set is drawn by the finest family known: leave '
                "family_level or rotation.families out."
            )
        if policy == LEARNS_BY_LOT:
            yield (
                f'policy.name = "{LEARNS_BY_LOT}" weighs bundles of which every offer counts, and learns by them; of a pool the '
                "customer draws: choose another policy, or leave [claim] out."
            )
