"""A rule of a few weights that knows the world: what a bundle is worth by the world's own one-period values.

The oracle learns by living on how its plans' gains follow from those values, and its lessons are noisy. Here the weights
are given, so a search over whole lives can find them (`training.simulator.loop.best_known`): how much a visit brought is
worth, what a minor unit given away brings back by keeping and pleasing, what an offer costs in goodwill.
"""

from dataclasses import dataclass

import numpy as np

from training.simulator.oracle.bundle_plans import Evening
from training.simulator.oracle.offer_worth import Doubles


@dataclass(frozen=True)
class TrueValueRule:
    """Weights of what a bundle does.

    Attributes:
        visits: times the margin of the visits that its savings bring, by the world's attention keys.
        rewards: minor units for each minor unit of expected discount.
        an_offer_minor: goodwill that each offer costs.
        plan: one of `bundle_plans.PLANS` whose bundles are weighed; where there is none, the best bundle by these weights.
    """

    visits: float
    rewards: float
    an_offer_minor: float = 0.0
    plan: str = ""

    def values(self, night: Evening) -> Doubles:
        """Value candidates, (N, D): a bundle's worth above zero shared by its items, else minus infinity."""
        found = night.worth
        own = found.gain_minor + self.rewards * found.reward_minor - self.an_offer_minor
        plan = night.plans[self.plan] if self.plan else night.with_visits(own, self.visits)
        drawn = found.attention(night.total(plan, found.saving_minor))
        worth = (night.total(plan, own) + self.visits * drawn)[night.people]
        values = np.full(night.allowed.shape, -np.inf)
        night.shared(plan, worth > 0, worth, values)
        return values
