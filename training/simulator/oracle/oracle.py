"""The oracle: chooses bundles knowing the world's parameters and state, but not its dice.

For every household it compares a few plans for tonight's bundle, made from the one-period values of
`training.simulator.oracle.offer_worth`: the items that gain most by themselves; those that gain most with the visits they bring;
those that reward most. Some nights it lives all plans on in Monte Carlo futures and learns how their gains follow from
those values (`training.simulator.oracle.rollout`); every night it gives each household the plan with the largest expected
gain, and no bundle where none is surely worth it. So it is a lower bound of what could be gained: it chooses among
the night's candidates and these plans only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.simulator.oracle.offer_worth import Worth, worth
from training.simulator.oracle.rollout import LIVED_DAYS, Doubles, Lesson, leaving, roll_out
from training.simulator.world.draws import Flags, Ints
from training.simulator.world.flat_runs import totals
from training.simulator.world.offers_and_lines import PersonalOffers
from training.simulator.world.world import World

# So many lives of a household on each plan a lesson rests on, in at least two futures and at most twenty.
LIVES, FEWEST_FUTURES, MOST_FUTURES = 4_000, 2, 20
# A plan is taken if its expected gain is so many standard errors above nothing.
SURE_ERRORS = 2.0
VALID_DAYS = 7
MAX_UNITS = 4
PLANS = ("items", "visits", "rewards")
_ROUNDS = 3  # of choosing items at the marginal worth of their saving, which falls with the bundle's

# Values (N, D) of a night's candidates -> (chosen (N,), depth (N,)): bundles by the engine's own rules.
Bundler = Callable[[Doubles], tuple[Flags, Ints]]


@dataclass(frozen=True)
class Foresight:
    """What the oracle expects of tonight's bundles, minor units, with the Monte Carlo error of its lessons."""

    gain_minor: float
    error_minor: float
    bundles: dict[str, int]  # customers with one, by plan


Lessons = dict[
    str, tuple[Lesson, Lesson]
]  # by plan: margin gained while it is lived, chance of staying gained


class Oracle:
    """The truth of one evening.

    Attributes:
        world: as it is tonight.
        days_left: for how many days from now margin counts.
        lessons: what it has learnt by living on; learnt tonight where none were given.
        foresight: what it expects of the bundles that it chose, None before `values`.
    """

    def __init__(self, world: World, days_left: int, lessons: Lessons | None = None) -> None:
        self.world = world
        self.days_left = days_left
        self.lessons = lessons
        self.foresight: Foresight | None = None

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
        self.lessons = self.lessons or night.live_on()
        values, self.foresight = night.choose(self.lessons, self.days_left)
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

    @cached_property
    def people(self) -> Ints:
        """Households with candidates."""
        return np.unique(self.household)

    @cached_property
    def place(self) -> Ints:
        """Each candidate's household as a place in `people`."""
        return np.searchsorted(self.people, self.household)

    @cached_property
    def plans(self) -> dict[str, _Plan]:
        """A bundle for everybody who can have one, by each of PLANS."""
        made = (self._plan(self.worth.gain_minor), self._with_visits(), self._plan(self.worth.reward_minor))
        return dict(zip(PLANS, made, strict=True))

    def live_on(self) -> Lessons:
        """Live every plan in some futures and learn how its gain follows from what was expected of it."""
        futures = int(np.clip(np.ceil(LIVES / len(self.people)), FEWEST_FUTURES, MOST_FUTURES))
        first = self.world.day * 1_000_003 + self.world.seed * 1_009 + 1  # another evening, other futures
        offers = [self._offers(plan) for plan in self.plans.values()]
        lived = roll_out(self.world, self.people, offers, VALID_DAYS, list(range(first, first + futures)))
        lessons = {}
        for number, (name, plan) in enumerate(self.plans.items()):
            has = self._has(plan)
            while_lived, kept = self._explained(plan)
            lessons[name] = (
                Lesson.learn(lived.lived[:, number, has], while_lived[has]),
                Lesson.learn(lived.kept[:, number, has], kept[has]),
            )
        return lessons

    def choose(self, lessons: Lessons, days_left: int) -> tuple[Doubles, Foresight]:
        """Give each household the plan that gains most within the days left, or none."""
        n = len(self.people)
        beyond = (self.worth.margin_per_day * self._days_as_customer(days_left - LIVED_DAYS))[self.people]
        gain, sure = np.full((len(PLANS), n), -np.inf), np.full((len(PLANS), n), -np.inf)
        for number, (name, plan) in enumerate(self.plans.items()):
            (lived, stays), (while_lived, kept) = lessons[name], self._explained(plan)
            error = np.hypot(lived.error(while_lived), stays.error(kept) * beyond)
            has = self._has(plan)
            gain[number, has] = (lived.expect(while_lived) + stays.expect(kept) * beyond)[has]
            sure[number, has] = (gain[number] - SURE_ERRORS * error)[has]
        best = gain.argmax(axis=0)
        taken = sure[best, np.arange(n)] > 0
        values, total, variance, bundles = np.full(self.allowed.shape, -np.inf), 0.0, 0.0, {}
        for number, (name, plan) in enumerate(self.plans.items()):
            chosen = taken & (best == number)
            rows = plan.rows[chosen[self.place[plan.rows]]]
            size = np.bincount(self.place[plan.rows], minlength=n)
            values[rows, plan.depth[rows]] = (gain[number] / np.maximum(size, 1))[self.place[rows]]
            total += float(gain[number, chosen].sum())
            variance += lessons[name][0].error_of_sum(self._explained(plan)[0][chosen]) ** 2
            bundles[name] = int(chosen.sum())
        return values, Foresight(total, float(np.sqrt(variance)), bundles)

    def _days_as_customer(self, days: int) -> Doubles:
        """Of so many days after those lived, how many a household that is still there remains a customer."""
        hazard = np.maximum(leaving(self.world), 1e-9)
        return np.asarray(-np.expm1(-hazard * max(days, 0)) / hazard, dtype=np.float64)

    def _has(self, plan: _Plan) -> Flags:
        return np.bincount(self.place[plan.rows], minlength=len(self.people)) > 0

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

    def _explained(self, plan: _Plan) -> tuple[Doubles, Doubles]:
        """What is known of a plan before it is lived: for the margin, and for staying.

        For the margin the gain of the items, of the visits, and the reward; for staying the reward in tenths of a
        usual basket, as the world remembers it, times the hazard of leaving, and that hazard.
        """
        reward = self._sum(plan, self.worth.reward_minor)
        margin = np.column_stack(
            [
                self._sum(plan, self.worth.gain_minor),
                self.worth.attention(self._sum(plan, self.worth.saving_minor)),
                reward,
            ]
        )
        hazard = LIVED_DAYS * leaving(self.world)
        tenths = reward / np.maximum(self.world.state.basket_minor / 10, 1)
        return margin[self.people], np.column_stack([hazard * tenths, hazard])[self.people]

    def _offers(self, plan: _Plan) -> PersonalOffers:
        rows = plan.rows[np.argsort(self.place[plan.rows], kind="stable")]
        return PersonalOffers(
            household=self.place[rows],
            product=self.product[rows],
            discount_bp=self.depths_bp[plan.depth[rows]],
            max_units=np.full(len(rows), MAX_UNITS),
            offer_no=np.arange(len(rows)),
        )


def lessons_as_dict(lessons: Lessons | None) -> dict[str, Any] | None:
    """Plain JSON content."""
    if lessons is None:
        return None
    return {
        plan: [
            {"coefficients": one.coefficients.tolist(), "covariance": one.covariance.tolist()} for one in both
        ]
        for plan, both in lessons.items()
    }


def lessons_from(content: dict[str, Any] | None) -> Lessons | None:
    """Read what `lessons_as_dict` gave."""
    if content is None:
        return None
    return {plan: (_lesson(both[0]), _lesson(both[1])) for plan, both in content.items()}


def _lesson(content: dict[str, Any]) -> Lesson:
    return Lesson(np.array(content["coefficients"]), np.array(content["covariance"]))
