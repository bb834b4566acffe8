"""What the policy `value` sees of tonight's candidates: own gain, and what each saves of every kind (docs/policy.md)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.money import WHOLE_BP
from engine.nightly.choosing.offer_options import DAYS_A_WEEK, Context
from engine.nightly.choosing.slot_money import OffersInMoney
from models.response.price_response import PriceResponse
from models.response.visit_effects import VisitEffects

_FULL_CHANCE = 0.1  # of use at a visit, from which a saving counts in full
_FEWEST_VISITS = 0.2  # a week

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ValueEvening:
    """Tonight's candidates; arrays as in `Context`."""

    context: Context
    price: PriceResponse
    visits: VisitEffects
    least_chance: float

    @cached_property
    def _response(self) -> tuple[Doubles, Doubles, Doubles, Doubles]:
        """Chance and units with the offer, (N, D); kappa and its deviation, (N, 1)."""
        seen = self.context
        family = self.price.family_numbers(seen.response_family)
        product = self.price.product_numbers(seen.item_id)
        found = self.price.chances(
            seen.p_buy, seen.expected_units, seen.buys, family, seen.depths_bp, product
        )
        kappa = self.price.kappa(family)
        units = np.minimum(found.units, seen.max_units)
        return found.chance, units, kappa.value[:, None], kappa.error[:, None]

    @cached_property
    def extra_minor(self) -> Doubles:
        """(N, D) margin at list price of the units that the offer adds to the window."""
        chance, units, _, _ = self._response
        before = self.context.p_buy * self.context.expected_units
        return np.asarray(
            (chance * units - before[:, None]) * self.context.margin_minor[:, None], dtype=np.float64
        )

    @cached_property
    def own_gain(self) -> Doubles:
        """(N, D) minor units; of the discount what the shop pays itself."""
        chance, units, kappa, _ = self._response
        seen = self.context
        net = seen.own_minor * WHOLE_BP / (WHOLE_BP + seen.vat_bp[:, None])
        return np.asarray(kappa * self.extra_minor - chance * units * net, dtype=np.float64)

    @cached_property
    def own_deviation(self) -> Doubles:
        """(N, D) what kappa leaves open of it; the same error for all items."""
        return np.abs(self.extra_minor) * self._response[3]

    @cached_property
    def offers(self) -> OffersInMoney:
        """The same in one, for the log."""
        chance, units, kappa, _ = self._response
        discount = kappa * self.extra_minor - self.own_gain
        return OffersInMoney(chance, units, self.own_gain, self.own_deviation, discount, self.savings)

    @cached_property
    def _family_buys(self) -> Doubles:
        """(N,) days on which the customer bought any candidate of the item's family."""
        family, _ = pd.factorize(self.context.response_family)
        _, pair = np.unique(
            self.context.customer * (int(family.max(initial=0)) + 2) + family + 1, return_inverse=True
        )
        return np.asarray(np.bincount(pair, self.context.buys)[pair], dtype=np.float64)

    @cached_property
    def savings(self) -> Doubles:
        """(N, D, kinds) discount of a unit as far as it is a saving of each kind."""
        seen = self.context
        known = seen.buys > 0
        chance = self._response[0]
        visits = np.maximum(self.visits_ahead[seen.customer], 1.0)[:, None]
        at_a_visit = -np.expm1(np.log1p(-np.minimum(chance, 1 - 1e-9)) / visits)
        plausible = np.minimum(at_a_visit / _FULL_CHANCE, 1.0)
        due = np.where(known, np.clip(np.nan_to_num(seen.overdue), 0.0, 1.0), 0.0)
        loved = seen.buys / (self._family_buys + 1.0)
        alone = np.column_stack([due, loved, ~known])[:, None, :]
        share = np.concatenate(
            [plausible[:, :, None], np.broadcast_to(alone, (*chance.shape, alone.shape[2]))], axis=2
        )
        return np.asarray(share * seen.discount_minor[:, :, None], dtype=np.float64)

    @cached_property
    def visits_ahead(self) -> Doubles:
        """(n,) visits of the window without offers."""
        seen = self.context
        weeks = seen.window_days / DAYS_A_WEEK
        return np.maximum(np.nan_to_num(seen.visits_per_week, nan=_FEWEST_VISITS), 0.0) * weeks

    @cached_property
    def visit_minor(self) -> Doubles:
        """(n,) margin of the visits of the window, as far as one brought is one more; none where unknown or a loss."""
        margin = np.nan_to_num(self.context.margin_per_visit_minor)
        return self.visits_ahead * self.visits.lasting * np.maximum(margin, 0.0)

    @cached_property
    def relevant(self) -> npt.NDArray[np.bool_]:
        """(N, D) items that may be used: the new have places of their own."""
        return np.asarray((self._response[0] >= self.least_chance) | (self.context.buys == 0)[:, None])

    def values(self, mix: Doubles, in_bundle: float) -> Doubles:
        """(N, D) own gain and the worth of one more saving, by a mix (kinds,) of log hazards at a dose of 1."""
        trip = self.visits.half_minor
        slope = trip / (trip * (1 + in_bundle)) ** 2
        worth = (self.visit_minor * slope)[self.context.customer]
        return np.where(self.relevant, self.own_gain + worth[:, None] * (self.savings @ mix), -np.inf)
