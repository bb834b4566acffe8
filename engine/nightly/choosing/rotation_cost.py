"""What rotation takes from a bucket's bundles, against the bundles that the same policy would make without it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.domain.eligibility import Removal
from engine.nightly.choosing.bundling import NO_ROW
from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.plans import PricedPlans
from engine.nightly.shelf.assortment import REMOVALS
from engine.nightly.shelf.offered_before import Numbers
from engine.nightly.shelf.variety import Limits

OF_CANDIDATES = frozenset({Removal.ITEM_RESTS, Removal.FAMILY_RESTS, Removal.TIRED})


@dataclass(frozen=True)
class RotationCost:
    """Sums over bundles at the budget's lowest price, before staples are exchanged; thousandths of uses.

    Attributes:
        bundles: without rotation, of customers who may be served.
        bundles_kept: with it.
        uses_milli: expected without it.
        uses_kept_milli: expected with it.
        places: by rule, offers that would have stood in a bundle.
        taken_milli: by rule, uses expected of these.
    """

    bundles: int = 0
    bundles_kept: int = 0
    uses_milli: int = 0
    uses_kept_milli: int = 0
    places: Mapping[str, int] = field(default_factory=dict)
    taken_milli: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "RotationCost") -> "RotationCost":
        """Both together."""
        return RotationCost(
            self.bundles + other.bundles,
            self.bundles_kept + other.bundles_kept,
            self.uses_milli + other.uses_milli,
            self.uses_kept_milli + other.uses_kept_milli,
            _summed(self.places, other.places),
            _summed(self.taken_milli, other.taken_milli),
        )


def rotation_cost(
    free: PricedPlans, kept: PricedPlans, context: Context, limits: Limits | None, served: Numbers
) -> RotationCost:
    """Compare a bucket's bundles with those that it would have without rotation.

    Args:
        free: laid out without the rules of rotation, from the same candidates in the same order.
        kept: laid out with them.
        context: with them.
        limits: what bundles as a whole kept to.
        served: (n,) places of the customers who may be served.
    """
    was, now = (plans.bundles(plans.taken(0))[0][served] for plans in (free, kept))
    still = np.zeros(len(context) + 1, dtype=np.bool_)
    still[now[now != NO_ROW]] = True
    gone = was[(was != NO_ROW) & ~still[was]]
    rule = np.array([_rule(int(code)) for code in context.removed_by[gone]], dtype=object)
    if limits is not None:
        other = rule == ""
        instead = Removal.FAMILIES.value if limits.least_families else ""
        returning = (
            limits.returns[gone] if limits.most_returning is not None else np.zeros(len(gone), dtype=np.bool_)
        )
        rule[other] = np.where(returning, Removal.RETURNING.value, instead)[other]
    named = sorted(set(rule.tolist()) - {""})
    return RotationCost(
        bundles=int((was != NO_ROW).any(axis=1).sum()),
        bundles_kept=int((now != NO_ROW).any(axis=1).sum()),
        uses_milli=_milli(context.p_buy[was[was != NO_ROW]]),
        uses_kept_milli=_milli(context.p_buy[now[now != NO_ROW]]),
        places={name: int((rule == name).sum()) for name in named},
        taken_milli={name: _milli(context.p_buy[gone[rule == name]]) for name in named},
    )


def _rule(code: int) -> str:
    removal = REMOVALS[code]
    return removal.value if removal in OF_CANDIDATES else ""


def _milli(uses: npt.NDArray[np.float64]) -> int:
    return round(1000 * float(uses.sum()))


def _summed(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}
