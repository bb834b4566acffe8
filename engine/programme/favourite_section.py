"""The programme's section [favourite]: the one product that customers pick themselves.

Part of `engine.programme`; the rules themselves are in `engine.domain.favourite_rules`.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field

from engine.domain.budget import BudgetPeriod
from engine.domain.favourite_rules import FavouriteRules
from engine.domain.money import WHOLE_BP
from engine.programme.bundle_sections import AssumedMargin, Exclusions, Flag
from engine.programme.section import Section, as_tuple, member


class Substitutes(Section):
    """What gets the discount while the favourite is sold out."""

    at_most: int = Field(ge=0, le=20, description="a whole number of products from 0 to 20")
    price_band_bp: int = Field(ge=0, le=WHOLE_BP, description="bp of the favourite's price, from 0 to 10000")


class FavouriteBudget(Section):
    """What favourites may cost, as expected discount; a line of its own beside [budget]."""

    amount_minor: int = Field(ge=0, le=10**15, description="minor units, from 0 to 10^15")
    period: Annotated[BudgetPeriod, member(BudgetPeriod)] = Field(description='"day", "week" or "month"')
    expected_units: int = Field(ge=1, le=1000, description="a whole number of units from 1 to 1000")


class FavouriteSection(Section):
    """One product at a discount of its own, for some days, at the customer's choice."""

    offered: bool = Field(description="true or false")
    discount_bp: int = Field(ge=1, le=WHOLE_BP - 1, description="bp of the price, from 1 to 9999")
    days: int = Field(ge=1, le=60, description="a whole number of local days from 1 to 60")
    choices_a_day: int = Field(ge=1, le=100, description="a whole number of choices from 1 to 100")
    at_once_for_new: bool = Field(description="true or false")
    max_units_a_day: int = Field(ge=1, le=100, description="a whole number of units from 1 to 100")
    min_price_minor: int = Field(ge=0, le=10**9, description="minor units, from 0 to 1000000000")
    max_price_minor: int = Field(ge=1, le=10**9, description="minor units, from 1 to 1000000000")
    margin_bp: int = Field(ge=-WHOLE_BP, le=WHOLE_BP - 1, description="bp of the offer price, -10000 to 9999")
    suggestions: int = Field(ge=0, le=50, description="a whole number of products from 0 to 50")
    flags: Annotated[tuple[Flag, ...], BeforeValidator(as_tuple)] = Field(
        description="a list of alcohol, tobacco, fuel, coupon, partner, own_brand, not_offered"
    )
    families: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = Field(
        description="a list of family names"
    )
    substitutes: Substitutes
    budget: FavouriteBudget

    def rules(self, exclusions: Exclusions, margins: AssumedMargin) -> FavouriteRules:
        """Return the rules for products: what [exclusions] keeps out of every offer is no favourite either."""
        return FavouriteRules(
            discount_bp=self.discount_bp,
            min_price_minor=self.min_price_minor,
            max_price_minor=self.max_price_minor,
            margin_floor_bp=self.margin_bp,
            flags=frozenset((*exclusions.flags, *self.flags)),
            families=frozenset((*exclusions.families, *self.families)),
            default_margin_bp=margins.default,
            family_margins_bp=dict(margins.families),
        )
