"""A bound from above: what somebody who knew the coming dice too could gain by choosing among an evening's plans.

Whoever knows the dice can do all that anybody can who does not, so the best plan of every household in every future, or none,
gains at least as much on average as any way of choosing among these plans for this evening. It is the information
relaxation of Brown, Smith and Sun (2010, "Information relaxations and duality in stochastic dynamic programs", Operations
Research 58) with perfect information and a penalty of zero, which is dual-feasible and the loosest there is: a household's
luck in five weeks is far larger than what a bundle does to it, and here all of that luck is taken for skill. It bounds one
evening's choice among the plans, not bundles that no plan makes, and not sequences over weeks.
"""

from dataclasses import dataclass

import numpy as np

from training.simulator.oracle.bundle_plans import VALID_DAYS, Evening
from training.simulator.oracle.rollout import Doubles, roll_out


@dataclass(frozen=True)
class Hindsight:
    """Gains of one evening while it is lived on, minor units a customer, means over futures.

    Attributes:
        bound: of the best plan of every household in every future.
        error: the bound's Monte Carlo standard error over futures.
        one_plan: of the plan that is best for all together, or none: what somebody gains who knows neither dice nor households.
    """

    bound: float
    error: float
    one_plan: float

    @property
    def luck(self) -> float:
        """How loose the bound may be: all that it lies above what one plan for all gains."""
        return self.bound - self.one_plan


def hindsight(night: Evening, seeds: list[int]) -> Hindsight:
    """Live every plan on in futures of these seeds, at least two."""
    offers = [night.offers(plan) for plan in night.plans.values()]
    gains = roll_out(night.world, night.people, offers, VALID_DAYS, seeds).lived
    return bound_of(gains)


def bound_of(gains: Doubles) -> Hindsight:
    """The bound from gains (futures, plans, households) over no offers."""
    best = np.maximum(gains.max(axis=1), 0).mean(axis=1)  # of each future, a household
    of_plans = gains.mean(axis=(0, 2))
    return Hindsight(
        bound=float(best.mean()),
        error=float(best.std(ddof=1) / np.sqrt(len(best))),
        one_plan=float(max(of_plans.max(), 0.0)),
    )
