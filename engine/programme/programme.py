"""All rules of one programme: its sections together, what is impossible between them, what they need of others."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import time
from difflib import get_close_matches
from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.domain.eligibility import UNCONFIRMED, keeps_assumed_margin
from engine.domain.favourite_promise import Pace
from engine.domain.favourite_rules import FavouriteRules
from engine.domain.legal_age import LEGAL_AGES
from engine.domain.offer_errors import BadProgramme
from engine.domain.till.basket_pricing import PricingRules
from engine.domain.validity_window import LocalDays
from engine.programme.assigned_section import Assignment
from engine.programme.bundle_sections import (
    Activation,
    AssumedMargin,
    Budget,
    BundleSize,
    ConsentRule,
    Depths,
    Eligibility,
    Exclusions,
    Floors,
    Holdout,
    Novelty,
    Prediction,
    Validity,
)
from engine.programme.checkout_sections import Checkout, Velocity
from engine.programme.claim_section import ClaimedSets
from engine.programme.explore_section import Explore
from engine.programme.favourite_section import FavouriteSection
from engine.programme.grants_section import Grants
from engine.programme.guard_section import GuardLimits
from engine.programme.law_section import Law
from engine.programme.loyalty_section import LoyaltyThresholds
from engine.programme.outreach_section import Outreach
from engine.programme.policy_section import LEARNS_BY_LOT, SHIPPED_CHOICE, PolicyChoice
from engine.programme.rotation_section import Rotation
from engine.programme.rules_section import CustomerRules
from engine.programme.section import Section, time_of_day
from engine.programme.shelf_section import Shelf

# A shop with one programme need not name it.
UNNAMED = ""


class Programme(Section):
    """All rules of one programme."""

    name: str = Field(
        default=UNNAMED,
        pattern=r"^([a-z][a-z0-9-]{0,15})?$",
        description='small letters, digits and -, at most 16, such as "weekly"; no such line for a shop with one programme',
    )
    language: str = Field(pattern=r"^[a-z]{2}$", description='two small letters, such as "en"')
    day_starts_at: Annotated[time, BeforeValidator(time_of_day)] = Field(description='a time such as "00:00"')
    seed: int = Field(ge=0, le=2**63 - 1, description="a whole number from 0 to 2^63 - 1")
    prediction: Prediction
    holdout: Holdout
    consent: ConsentRule
    bundle: BundleSize
    activation: Activation
    claim: ClaimedSets | None = None
    depths: Depths
    policy: PolicyChoice = SHIPPED_CHOICE
    explore: Explore | None = None
    rotation: Rotation | None = None
    law: Law | None = None
    rules: CustomerRules | None = None
    assigned: Assignment | None = None
    validity: Validity
    novelty: Novelty
    eligibility: Eligibility
    shelf: Shelf | None = None
    exclusions: Exclusions
    floors: Floors
    assumed_margin_bp: AssumedMargin
    budget: Budget
    loyalty: LoyaltyThresholds
    favourite: FavouriteSection
    grants: Grants | None = None
    checkout: Checkout
    velocity: Velocity
    outreach: Outreach
    guard: GuardLimits

    def _impossibilities(self) -> Iterator[str]:
        bundle, novelty, validity, depths = self.bundle, self.novelty, self.validity, self.depths.bp
        margin_floor = self.floors.margin_bp
        margins = {self.assumed_margin_bp.default, *self.assumed_margin_bp.families.values()}
        for section, low, high in (
            ("bundle", ("min_items", bundle.min_items), ("max_items", bundle.max_items)),
            ("validity", ("min_days", validity.min_days), ("max_days", validity.max_days)),
            ("novelty", ("min_slots", novelty.min_slots), ("max_slots", novelty.max_slots)),
            (
                "loyalty",
                ("lapsing_gaps", self.loyalty.lapsing_gaps),
                ("lost_gaps", self.loyalty.lost_gaps),
            ),
            (
                "loyalty",
                ("lapsing_days", self.loyalty.lapsing_days),
                ("lost_days", self.loyalty.lost_days),
            ),
        ):
            if low[1] > high[1]:
                yield (
                    f"{section}.{low[0]} = {low[1]} is above {section}.{high[0]} = {high[1]}; "
                    "lower the first or raise the second."
                )
        if list(depths) != sorted(set(depths)):
            yield f"depths.bp = {list(depths)} must be ascending; write each depth once, smallest first."
        if novelty.max_slots > bundle.max_items:
            yield (
                f"novelty.max_slots = {novelty.max_slots} is above bundle.max_items = {bundle.max_items}; "
                "a bundle cannot hold that many new items."
            )
        if not any(keeps_assumed_margin(min(depths), margin, margin_floor) for margin in margins):
            yield (
                f"floors.margin_bp = {margin_floor} leaves no depth: with the highest assumed margin of "
                f"{max(margins)} bp even {min(depths)} bp off goes below it; lower the floor, offer a smaller "
                "depth, or correct assumed_margin_bp."
            )
        if self.holdout.share > 0 and not self.holdout.covers:
            yield (
                f"holdout.share = {self.holdout.share} but holdout.covers is empty, so nobody would be held out "
                'from anything; write covers = ["bundle"] or share = 0.'
            )
        if self.activation.slots > bundle.max_items:
            yield (
                f"activation.slots = {self.activation.slots} is above bundle.max_items = {bundle.max_items}; "
                "nobody can redeem more items than they are offered."
            )
        yield from self._impossible_customers()
        yield from self._impossible_learning()
        yield from self._impossible_favourite()

    def _impossible_customers(self) -> Iterator[str]:
        bundle = self.bundle
        if self.rotation is not None:
            yield from self.rotation.impossibilities(bundle.min_items, self.prediction.item_level)
        if self.claim is not None:
            yield from self.claim.impossibilities(
                bundle, self.activation, self.validity, self.rotation, self.policy.name
            )
        if self.rules is not None:
            yield from self.rules.impossibilities(self.depths.bp)
        if self.assigned is not None:
            yield from self.assigned.impossibilities(bundle.max_items)

    def _impossible_learning(self) -> Iterator[str]:
        learns = self.policy.name == LEARNS_BY_LOT
        if learns and self.explore is None:
            yield (
                f'policy.name = "{LEARNS_BY_LOT}" learns by lot what offers bring, and nothing says how much that may cost: write '
                "[explore] with first_share (of the customers, so many by lot at first) and amount_minor (the fixed sum that "
                "learning may lose in all; 0 learns nothing)."
            )
        if self.explore is not None and not learns:
            yield (
                f'[explore] is read by the policy "{LEARNS_BY_LOT}" only, and policy.name = "{self.policy.name}" would not heed it; '
                "leave the section out, or choose that policy."
            )

    def _impossible_favourite(self) -> Iterator[str]:
        favourite, margins = self.favourite, self.assumed_margin_bp
        if not favourite.offered:
            return
        if favourite.min_price_minor > favourite.max_price_minor:
            yield (
                f"favourite.min_price_minor = {favourite.min_price_minor} is above favourite.max_price_minor = "
                f"{favourite.max_price_minor}; lower the first or raise the second."
            )
        if not any(
            keeps_assumed_margin(favourite.discount_bp, margin, favourite.margin_bp)
            for margin in (margins.default, *margins.families.values())
        ):
            yield (
                f"favourite.margin_bp = {favourite.margin_bp} leaves nothing to pick where no cost is known: "
                f"{favourite.discount_bp} bp off goes below it at every assumed margin; lower the floor, give less, "
                "or correct assumed_margin_bp."
            )

    @property
    def pricing_rules(self) -> PricingRules:
        """How baskets are priced."""
        return PricingRules(
            promotion_first=self.checkout.stacking == "promotion_first",
            price_rise_bp=self.checkout.price_rise_bp,
            price_floor_minor=self.floors.price_minor,
            margin_floor_bp=self.floors.margin_bp,
            excluded_flags=frozenset((*self.exclusions.flags, UNCONFIRMED)),
            excluded_families=frozenset(self.exclusions.families),
            default_margin_bp=self.assumed_margin_bp.default,
            family_margins_bp=dict(self.assumed_margin_bp.families),
        )

    @property
    def legal_ages(self) -> dict[str, int]:
        """Years from which customers may be offered goods with a flag; flags that anybody may have are absent."""
        written = self.eligibility.legal_age or {}
        said = {**LEGAL_AGES, **{str(flag): years for flag, years in written.items()}}
        return {flag: years for flag, years in said.items() if years > 0}

    @property
    def kept_from_the_young(self) -> frozenset[str]:
        """Flags of goods that may be offered, but not to everybody: what [exclusions] keeps out needs no age."""
        return frozenset(self.legal_ages) - frozenset(self.exclusions.flags)

    @property
    def favourite_rules(self) -> FavouriteRules:
        """Which products a customer may pick."""
        return self.favourite.rules(self.exclusions, self.assumed_margin_bp)

    def favourite_rules_for(self, of_age: frozenset[str]) -> FavouriteRules:
        """Which products a customer may pick who is old enough for goods with these flags."""
        return replace(self.favourite_rules, too_young_for=self.kept_from_the_young - of_age)

    @property
    def favourite_pace(self) -> Pace:
        """How long a favourite lasts and how often it may be chosen."""
        return Pace(self.favourite.days, self.favourite.choices_a_day)

    def local_days(self, timezone: str) -> LocalDays:
        """Return the programme's days in the shop's time zone."""
        return LocalDays(timezone, self.day_starts_at)

    def require_model(
        self, *, item_level: str, window_days: tuple[int, int], churn_horizon_days: int
    ) -> None:
        """Refuse a model that was fitted for something else, as its manifest says.

        Args:
            item_level: what the model scores.
            window_days: shortest and longest window in which it predicts a purchase.
            churn_horizon_days: length of the silence that its P(churn) is about.

        Raises:
            BadProgramme: level or horizon differ, or a bundle could be valid outside the windows.

        """
        wanted, validity = self.prediction, self.validity
        differing = []
        if wanted.item_level != item_level:
            differing.append(f"prediction.item_level = {wanted.item_level!r}, the model's is {item_level!r}")
        if wanted.churn_horizon_days != churn_horizon_days:
            differing.append(
                f"prediction.churn_horizon_days = {wanted.churn_horizon_days}, the model's are {churn_horizon_days}"
            )
        both = min(validity.min_days, window_days[0]), max(validity.max_days, window_days[1])
        if both != window_days:
            differing.append(
                f"validity is {validity.min_days} to {validity.max_days} days, but the model predicts purchases "
                f"within {window_days[0]} to {window_days[1]} days"
            )
        if differing:
            raise BadProgramme(
                "The model in use was not fitted for this programme: "
                + "; ".join(differing)
                + ". Change the programme, or fit and promote such a model"
                + (
                    "."
                    if both == window_days
                    else f": `abonement-train fit --windows {both[0]}-{both[1]} --promote`."
                )
            )

    def require_families(self, known: Collection[str]) -> None:
        """Refuse families that the shop does not have: a mistyped exclusion would exclude nothing.

        Raises:
            BadProgramme: naming every such family and the likeliest one that was meant.

        """
        wanted = {
            "exclusions.families": self.exclusions.families,
            "favourite.families": self.favourite.families,
            "assumed_margin_bp.families": tuple(self.assumed_margin_bp.families),
        }
        unknown = [
            f"{key} names {name!r}"
            + "".join(f" (did you mean {near!r}?)" for near in get_close_matches(name, known, 1))
            for key, names in wanted.items()
            for name in names
            if name not in known
        ]
        if unknown:
            raise BadProgramme(
                f"The shop's products have no such family: {'; '.join(unknown)}. Write names as the products table does."
            )

    @property
    def law_in_force(self) -> Law:
        """What offers and answers tell by law: all where the file does not say whose; only a file that does refuses offers."""
        return Law() if self.law is None else self.law

    def fingerprint(self) -> str:
        """Return the sha256 of all rules, the same for files that differ in comments only."""
        # What is not there adds nothing: programmes from before it keep their fingerprint.
        sections = ("claim", "explore", "rotation", "shelf", "law", "rules", "grants", "assigned")
        absent: dict[str, bool | set[str]] = {name: True for name in sections if getattr(self, name) is None}
        unsaid = {"legal_age": None, "one_a_household": False, "household_shares": False}
        absent["eligibility"] = {
            key for key, none in unsaid.items() if getattr(self.eligibility, key) is none
        }
        if self.name == UNNAMED:
            absent["name"] = True
        if self.shelf is not None:
            stand_ins = ("substitutes", "substitute_band_bp")
            absent["shelf"] = {key for key in stand_ins if getattr(self.shelf, key) is None}
        return hashlib.sha256(self.model_dump_json(exclude=absent).encode()).hexdigest()
