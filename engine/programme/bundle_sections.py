"""The sections that shape the night's bundles: who gets one, of what, how deep, how long and for how much."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictInt

from engine.domain.budget import BudgetPeriod
from engine.domain.bundle import OfferState
from engine.domain.eligibility import Consent
from engine.domain.money import WHOLE_BP
from engine.programme.section import Section, as_tuple, member

ItemLevel = Literal["product", "family_1", "family_2", "family_3", "family_4"]
Flag = Literal["alcohol", "tobacco", "fuel", "coupon", "partner", "own_brand", "not_offered", "delisted"]
Depth = Annotated[StrictInt, Field(ge=1, le=WHOLE_BP - 1)]
Years = Annotated[StrictInt, Field(ge=0, le=99)]
Margin = Annotated[StrictInt, Field(ge=0, le=WHOLE_BP - 1)]


class Prediction(Section):
    """What the model in use must have been fitted for."""

    item_level: ItemLevel = Field(description='one of "product", "family_1" .. "family_4"')
    churn_horizon_days: int = Field(ge=1, le=365, description="a whole number of days from 1 to 365")


class Holdout(Section):
    """Customers kept without offers."""

    share: float = Field(ge=0, le=0.5, description="a share of customers from 0 to 0.5")
    covers: Annotated[tuple[Literal["bundle", "favourite"], ...], BeforeValidator(as_tuple)] = Field(
        max_length=2, description='a list of "bundle" and "favourite", [] when nothing is held out'
    )
    salt: str | None = Field(default=None, min_length=1, max_length=64, description="1 to 64 characters")
    rotate_days: int | None = Field(
        default=None, ge=28, le=3650, description="a whole number of days from 28 to 3650"
    )


class ConsentRule(Section):
    """Whom the owner may make personal offers to."""

    rule: Annotated[Consent, member(Consent)] = Field(description='"required" or "unless_refused"')


class BundleSize(Section):
    """How many items, and how many units of each."""

    min_items: int = Field(ge=1, le=20, description="a whole number of items from 1 to 20")
    max_items: int = Field(ge=1, le=20, description="a whole number of items from 1 to 20")
    max_units: int = Field(ge=1, le=100, description="a whole number of units from 1 to 100")


class Activation(Section):
    """Which offers count at the till, and how many of them."""

    mode: Literal["automatic", "choose"] = Field(description='"automatic" or "choose"')
    slots: int = Field(ge=1, le=20, description="a whole number of items from 1 to 20")
    may_deactivate: bool = Field(description="true or false")

    @property
    def first_state(self) -> OfferState:
        """How an offer begins."""
        return OfferState.ACTIVATED if self.mode == "automatic" else OfferState.OFFERED

    def slots_total(self, offers: int) -> int:
        """Return how many distinct items of a bundle with so many offers can be redeemed."""
        return min(self.slots, offers)


class Depths(Section):
    """The discounts that may be given."""

    bp: Annotated[tuple[Depth, ...], BeforeValidator(as_tuple)] = Field(
        min_length=1, max_length=10, description="a list of 1 to 10 ascending depths, each from 1 to 9999 bp"
    )


class Validity(Section):
    """How long a bundle lasts, in local days."""

    min_days: int = Field(ge=1, le=60, description="a whole number of days from 1 to 60")
    max_days: int = Field(ge=1, le=60, description="a whole number of days from 1 to 60")


class Novelty(Section):
    """Places for items new to the customer."""

    min_slots: int = Field(ge=0, le=20, description="a whole number of slots from 0 to 20")
    max_slots: int = Field(ge=0, le=20, description="a whole number of slots from 0 to 20")
    launch_share: float = Field(ge=0, le=1, description="a share of customers from 0 to 1")


class Eligibility(Section):
    """Which customers a night looks at."""

    seen_days: int = Field(ge=1, le=730, description="a whole number of days from 1 to 730")
    prospects: bool = Field(description="true or false")
    stores: Annotated[tuple[str, ...] | None, BeforeValidator(as_tuple)] = Field(
        default=None, min_length=1, description="a list of store ids, or no such line for all stores"
    )
    # With a default: programmes from before it gave every member one.
    one_a_household: bool = Field(default=False, description="true or false")
    household_shares: bool = Field(default=False, description="true or false")
    # Absent, the law's ages hold; what is written changes those of its flags.
    legal_age: dict[Flag, Years] | None = Field(
        default=None, description="flags with years from 0 to 99, 0 for goods that anybody may have"
    )

    def _impossibilities(self) -> Iterator[str]:
        if self.household_shares and not self.one_a_household:
            yield (
                "eligibility.household_shares = true lets all members of a household use its one bundle, and "
                "eligibility.one_a_household = false gives each member their own; write one_a_household = true, or leave out the first."
            )


class Exclusions(Section):
    """What is never offered."""

    flags: Annotated[tuple[Flag, ...], BeforeValidator(as_tuple)] = Field(
        description="a list of alcohol, tobacco, fuel, coupon, partner, own_brand, not_offered"
    )
    families: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = Field(
        description="a list of family names"
    )


class Floors(Section):
    """Below what no offer goes."""

    price_minor: int = Field(ge=1, le=10**9, description="minor units, from 1 to 1000000000")
    margin_bp: int = Field(ge=-WHOLE_BP, le=WHOLE_BP - 1, description="bp of the offer price, -10000 to 9999")


class AssumedMargin(Section):
    """The margin on the undiscounted price where no cost is known."""

    default: Margin = Field(description="bp of the price, from 0 to 9999")
    families: dict[str, Margin] = Field(description="family names with bp of the price, from 0 to 9999")

    def of(self, families: tuple[str, ...]) -> int:
        """Return the margin for an item, its families given coarsest first: the finest that is named counts."""
        return next(
            (self.families[name] for name in reversed(families) if name in self.families), self.default
        )


class Budget(Section):
    """What the offers may cost, as expected discount."""

    amount_minor: int = Field(ge=0, le=10**15, description="minor units, from 0 to 10^15")
    period: Annotated[BudgetPeriod, member(BudgetPeriod)] = Field(description='"day", "week" or "month"')
    # With a default: programmes from before it are planned by what tills gave, too.
    from_tills: bool = Field(default=True, description="true or false")
