"""What each place of a bundle is worth in money, as its part of what the whole bundle is worth: for the log and who explains it.

A bundle's savings bring visits together, and the worth of a visit brought saturates. So each kind's dose is parted among the
places in proportion to what each saves of that kind, and wear among all places alike; the parts add up to the bundle's.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.nightly.choosing.plan_policy import LaidOut
from models.response.offer_otherwise import SAVES
from models.response.visit_effects import KINDS, VisitEffects

_DECIMALS = 6  # of chances, units and minor units in the log

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class OffersInMoney:
    """N candidates at D depths, minor units where nothing else is said.

    Attributes:
        chance: (N, D) of a purchase within the window with the offer.
        units: (N, D) if bought, with it.
        own_gain: (N, D) what the offer brings by itself.
        own_deviation: (N, D) what is not known of it.
        discount: (N, D) expected to be given, net of VAT, by chance and units with the offer.
        savings: (N, D, kinds) discount of one unit as far as it is a saving of each of KINDS.
    """

    chance: Doubles
    units: Doubles
    own_gain: Doubles
    own_deviation: Doubles
    discount: Doubles
    savings: Doubles


def slot_money(
    plan: LaidOut, effects: VisitEffects, offers: OffersInMoney, usual_minor: Doubles
) -> dict[str, Doubles]:
    """What is logged of every place, (n, S) each, 0 where it is empty.

    Args:
        plan: n bundles of S places.
        effects: what savings do to visits.
        offers: the candidates.
        usual_minor: (n,) margin of the window's visits without offers, as far as one brought is one more.

    Returns:
        p_buy_offer and units_offer with the offer; own_gain, visits (margin of those brought) and discount, minor units;
        deviation, what is not known of own gain and visits together; saves_<kind>, of one unit.
    """
    savings = np.stack([plan.of(offers.savings[:, :, kind]) for kind in range(len(KINDS))], axis=-1)
    total = savings.sum(axis=1, keepdims=True)
    share = np.divide(savings, total, out=np.zeros_like(savings), where=total > 0)
    doses = effects.doses(total)
    places = np.maximum(plan.filled.sum(axis=1), 1)
    wear = np.where(plan.filled, 1 / places[:, None], 0.0)
    theirs = np.concatenate([share, wear[:, :, None]], axis=-1) * doses
    worth, worth_open = effects.visits_worth(theirs)
    usual = usual_minor[:, None]
    own_open = plan.of(offers.own_deviation)
    found = {
        "p_buy_offer": plan.of(offers.chance),
        "units_offer": plan.of(offers.units),
        "own_gain": plan.of(offers.own_gain),
        "visits": usual * worth,
        "deviation": np.sqrt(own_open**2 + usual**2 * worth_open),
        "discount": plan.of(offers.discount),
    } | {f"{SAVES}{kind}": savings[:, :, place] for place, kind in enumerate(KINDS)}
    return {name: np.round(array, _DECIMALS) for name, array in found.items()}
