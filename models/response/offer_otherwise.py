"""An offer at another depth, or not made at all, from what a night logged of it and the response that the night was told of.

Nothing of the night is computed again: growth follows the elasticity that the logged chance and units imply, a discount is in
proportion to its depth, and what is kept of a unit's margin is that which the logged own gain implies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.response.elasticities import Doubles, log_cut
from models.response.visit_effects import KINDS, VisitEffects

SAVES = "saves_"  # how the parts of a place are called that say what it saves of each of KINDS
_PLAUSIBLE = KINDS.index("plausible")  # grows with the chance of use, too
_MOST_CHANCE = 1 - 1e-9


@dataclass(frozen=True)
class LoggedOffer:
    """One place of a bundle.

    Attributes:
        depth_bp: of the offer; 0 for none.
        p_buy, units: within the window and if bought, without the offer.
        p_buy_offer, units_offer: with it.
        own_gain, discount: minor units, the second expected to be given and net of VAT.
        savings: of one unit by kind, in the order of KINDS, minor units.
    """

    depth_bp: int
    p_buy: float
    units: float
    p_buy_offer: float
    units_offer: float
    own_gain: float
    discount: float
    savings: tuple[float, ...]

    @classmethod
    def told(
        cls, depth_bp: int, p_buy: float, units: float, parts: Mapping[str, float]
    ) -> "LoggedOffer | None":
        """Of a slot's log and its `value_parts`; None where the policy does not count in money."""
        if "p_buy_offer" not in parts:
            return None
        return cls(
            depth_bp,
            p_buy,
            units,
            parts["p_buy_offer"],
            parts["units_offer"],
            parts["own_gain"],
            parts["discount"],
            tuple(parts[f"{SAVES}{kind}"] for kind in KINDS),
        )

    def without(self) -> "LoggedOffer":
        """The same item without an offer."""
        return replace(
            self,
            depth_bp=0,
            p_buy_offer=self.p_buy,
            units_offer=self.units,
            own_gain=0.0,
            discount=0.0,
            savings=(0.0,) * len(KINDS),
        )

    def at(self, depth_bp: int) -> "LoggedOffer":
        """The same offer at another depth, above 0."""
        further = float(log_cut(depth_bp) / log_cut(self.depth_bp))
        usual = -np.log1p(-min(self.p_buy, _MOST_CHANCE))
        growth = -np.log1p(-min(self.p_buy_offer, _MOST_CHANCE)) / usual if usual > 0 else 1.0
        chance = float(-np.expm1(-usual * growth**further))
        units = self.units * (self.units_offer / self.units) ** further if self.units > 0 else 0.0
        deeper = depth_bp / self.depth_bp
        given, before = self.p_buy_offer * self.units_offer, self.p_buy * self.units
        extra = given - before
        kept = (self.own_gain + self.discount) / extra if extra > 0 else 0.0
        discount = self.discount * deeper * chance * units / given if given > 0 else 0.0
        savings = [saved * deeper for saved in self.savings]
        likelier = chance / self.p_buy_offer if self.p_buy_offer > 0 else 1.0
        savings[_PLAUSIBLE] *= min(likelier, 1.0)
        return LoggedOffer(
            depth_bp,
            self.p_buy,
            self.units,
            chance,
            units,
            kept * (chance * units - before) - discount,
            discount,
            tuple(savings),
        )


def visits_minor(offers: Sequence[LoggedOffer], effects: VisitEffects, usual_minor: float) -> float:
    """Margin of the visits that a bundle of these brings, minor units; nothing where none of them is an offer.

    Args:
        offers: of all places, those without an offer included.
        effects: what savings do to visits.
        usual_minor: margin of the window's visits without offers, as far as one brought is one more.
    """
    if not any(offer.depth_bp for offer in offers):
        return 0.0
    saved: Doubles = np.array([offer.savings for offer in offers], dtype=np.float64).sum(axis=0)
    worth, _ = effects.visits_worth(effects.doses(saved))
    return float(usual_minor * worth)
