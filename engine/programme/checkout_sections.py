"""The programme's sections [checkout] and [velocity]: what happens at the till, and what one card may do.

Part of `engine.programme`; the rules themselves are in `engine.domain.till.basket_pricing` and `engine.domain.till.velocity_caps`.
"""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from engine.domain.money import WHOLE_BP
from engine.domain.till.velocity_caps import Caps
from engine.programme.section import Section


class Checkout(Section):
    """How offers meet the till's prices and promotions, and how long a basket may be held."""

    stacking: Literal["best_wins", "promotion_first"] = Field(description='"best_wins" or "promotion_first"')
    price_rise_bp: int = Field(ge=0, le=WHOLE_BP, description="bp of the price shown, from 0 to 10000")
    session_max_seconds: int = Field(ge=1, le=86_400, description="a whole number of seconds from 1 to 86400")


class Velocity(Section):
    """Caps of one customer's card."""

    redemptions_a_day: int = Field(ge=1, le=1000, description="a whole number of redemptions from 1 to 1000")
    units_a_day: int = Field(ge=1, le=100_000, description="a whole number of units from 1 to 100000")
    tills: int = Field(ge=1, le=1000, description="a whole number of tills from 1 to 1000")
    within_minutes: int = Field(ge=1, le=1440, description="a whole number of minutes from 1 to 1440")

    @property
    def caps(self) -> Caps:
        """The caps as the domain knows them."""
        return Caps(
            self.redemptions_a_day, self.units_a_day, self.tills, timedelta(minutes=self.within_minutes)
        )
