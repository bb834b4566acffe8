"""The oracle: chooses bundles knowing the world's parameters and state, but not its dice.

For every household it compares a few plans for tonight's bundle, made from the one-period values of
`training.simulator.worth`: the items that gain most by themselves; those that gain most with the visits they bring;
those that reward most. It lives each plan on in Monte Carlo futures (`rollout`) and takes the plan with the largest
expected gain, or no bundle where none gains. So it is a lower bound of what could be gained: it chooses among the
night's candidates and these plans only, and looks no further than the bundle at hand.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.simulator.draws import Flags, Ints
from training.simulator.rollout import BEYOND_DAYS, Doubles, pooled, roll_out
from training.simulator.runs import totals
from training.simulator.till import Offers
from training.simulator.world import World
from training.simulator.worth import Worth, worth

FUTURES = 2
VALID_DAYS = 7
MAX_UNITS = 4
PLANS = ("items", "visits", "rewards")
_ROUNDS = 3  # of choosing items at the marginal worth of their saving, which falls with the bundle's

# Values (N, D) of a night's candidates -> (chosen (N,), depth (N,)): bundles by the engine's own rules.
Bundler = Callable[[Doubles], tuple[Flags, Ints]]


@dataclass(frozen=True)
class Foresight:
    """What the oracle expects of tonight's bundles.

    Attributes:
        gain_minor: of all of them together.
        error_minor: its Monte Carlo standard error.
        bundles: how many customers get one, by plan.
    """

    gain_minor: float
    error_minor: float
    bundles: dict[str, int]


class Oracle:
    """The truth of one evening; `foresight` tells afterwards what it expects of the bundles it chose."""

    def __init__(self, world: World, futures: int = FUTURES) -> None:
        self.world = world
        self.futures = futures
        self.foresight = Foresight(0.0, 0.0, dict.fromkeys(PLANS, 0))

    def values(
        self,
        customer_id: npt.NDArray[np.object_],
        item_id: npt.NDArray[np.object_],
        depths_bp: Ints,
        allowed: Flags,
        bundler: Bundler,
    ) -> Doubles:
        """Value a night's candidates, (N, D): a chosen bundle's expected gain shared by its items, else minus infinity.

        Args:
            customer_id, item_id: (N,) the candidates, sorted by customer.
            depths_bp: (D,).
            allowed: (N, D).
            bundler: makes bundles of values.
        """
        household = pd.Index(self.world.customer_id).get_indexer(pd.Index(customer_id))
        product = pd.Index(self.world.shop.product_id).get_indexer(pd.Index(item_id))
        order = np.argsort(household, kind="stable")
        found = worth(self.world, household[order], product[order], depths_bp, MAX_UNITS, VALID_DAYS)
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        night = _Evening(self.world, household, product, depths_bp, allowed, bundler, _reordered(found, back))
        values, self.foresight = night.choose(self.futures)
        return values


def _reordered(found: Worth, rows: Ints) -> Worth:
    return Worth(
        found.gain_minor[rows],
        found.saving_minor[rows],
        found.reward_minor[rows],
        found.attention_minor,
        found.attended_at_minor,
        found.margin_per_day,
    )


@dataclass(frozen=True)
class _Plan:
    """One bundle for each household that gets any: rows of candidates and their depths."""

    rows: Ints
    depth: Ints


@dataclass(frozen=True)
class _Evening:
    world: World
    household: Ints
    product: Ints
    depths_bp: Ints
    allowed: Flags
    bundler: Bundler
    worth: Worth

    def choose(self, futures: int) -> tuple[Doubles, Foresight]:
        plans = {
            "items": self._plan(self.worth.gain_minor),
            "visits": self._with_visits(),
            "rewards": self._plan(self.worth.reward_minor),
        }
        people = np.unique(self.household)
        place = np.searchsorted(people, self.household)
        n = len(people)
        offers = [self._offers(plan, place) for plan in plans.values()]
        first = self.world.day * 1_000_003 + self.world.seed  # other futures every night
        lived = roll_out(
            self.world, people, offers, VALID_DAYS, [first * 100 + number for number in range(1, futures + 1)]
        )
        gains, errors = np.zeros((len(plans), n)), np.zeros((len(plans), n))
        beyond = self.worth.margin_per_day[people] * BEYOND_DAYS
        for number, plan in enumerate(plans.values()):
            gains[number], errors[number] = pooled(lived.lived[:, number], self._explained(plan, people))
            gains[number] += lived.kept[:, number].mean(axis=0) * beyond
            without = np.bincount(place[plan.rows], minlength=n) == 0
            gains[number, without] = 0.0
        best = gains.argmax(axis=0)
        taken = gains[best, np.arange(n)] > 0
        values = np.full(self.allowed.shape, -np.inf)
        for number, plan in enumerate(plans.values()):
            theirs = plan.rows[(taken & (best == number))[place[plan.rows]]]
            size = np.bincount(place[plan.rows], minlength=n)
            values[theirs, plan.depth[theirs]] = gains[number, place[theirs]] / size[place[theirs]]
        return values, Foresight(
            float(gains[best, np.arange(n)][taken].sum()),
            float(np.sqrt((errors[best, np.arange(n)][taken] ** 2).sum())),
            {name: int((taken & (best == number)).sum()) for number, name in enumerate(plans)},
        )

    def _plan(self, values: Doubles) -> _Plan:
        chosen, depth = self.bundler(np.where(self.allowed, values, -np.inf))
        return _Plan(np.flatnonzero(chosen), depth)

    def _with_visits(self) -> _Plan:
        """Items by their own gain and the marginal worth of their saving at the bundle they make."""
        n = len(self.world.state.here)
        saving = np.zeros(n)
        plan = self._plan(self.worth.gain_minor)
        for _ in range(_ROUNDS):
            half = self.worth.attended_at_minor
            marginal = self.worth.attention_minor * half / (saving + half) ** 2
            plan = self._plan(
                self.worth.gain_minor + marginal[self.household][:, None] * self.worth.saving_minor
            )
            saving = (saving + self._sum(plan, self.worth.saving_minor)) / 2
        return plan

    def _sum(self, plan: _Plan, of: Doubles) -> Doubles:
        """A plan's total by household of the world."""
        chosen = of[plan.rows, plan.depth[plan.rows]]
        return totals(self.household[plan.rows], chosen, len(self.world.state.here))

    def _explained(self, plan: _Plan, people: Ints) -> Doubles:
        """What is known of a plan before it is lived: gain of items, of visits, and the reward."""
        saving = self._sum(plan, self.worth.saving_minor)
        return np.column_stack(
            [
                self._sum(plan, self.worth.gain_minor)[people],
                self.worth.attention(saving)[people],
                self._sum(plan, self.worth.reward_minor)[people],
            ]
        )

    def _offers(self, plan: _Plan, place: Ints) -> Offers:
        rows = plan.rows[np.argsort(place[plan.rows], kind="stable")]
        return Offers(
            household=place[rows],
            product=self.product[rows],
            discount_bp=self.depths_bp[plan.depth[rows]],
            max_units=np.full(len(rows), MAX_UNITS),
            offer_no=np.arange(len(rows)),
        )
