"""Caps against misuse of a card: one card at many tills, a card for resale.

What a basket in another till's session holds counts as if it were redeemed, so that two baskets priced side by side
cannot pass a cap together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.domain.till.basket import MILLI
from engine.domain.till.basket_pricing import WhyNot


@dataclass(frozen=True)
class Use:
    """One redemption that stands, or one basket that is held: where, when, how many units were discounted.

    A till that does not say which one it is has None.
    """

    till: tuple[str | None, str | None] | None
    at: datetime
    is_today: bool
    units_milli: int


@dataclass(frozen=True)
class Caps:
    """What one card may do."""

    redemptions_a_day: int
    units_a_day: int
    tills: int
    within: timedelta

    def blocked(
        self, uses: Sequence[Use], till: tuple[str | None, str | None] | None, now: datetime
    ) -> WhyNot | None:
        """Return why the card gets nothing at this till now, None if it may."""
        if sum(use.is_today for use in uses) >= self.redemptions_a_day:
            return WhyNot.TOO_MANY_REDEMPTIONS
        lately = {use.till for use in uses if use.till is not None and use.at > now - self.within}
        if till is not None and till not in lately and len(lately) >= self.tills:
            return WhyNot.TOO_MANY_TILLS
        return None

    def units_left_milli(self, uses: Sequence[Use]) -> int:
        """Return how many units may still be discounted today."""
        used = sum(use.units_milli for use in uses if use.is_today)
        return max(self.units_a_day * MILLI - used, 0)
