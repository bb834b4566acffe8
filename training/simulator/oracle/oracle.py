"""The oracle: chooses bundles knowing the world's parameters and state, but not its dice.

For every household it compares a few plans for tonight's bundle (`training.simulator.oracle.bundle_plans`), made from the
one-period values of `training.simulator.oracle.offer_worth`. Some nights it lives all plans on in Monte Carlo futures and
learns how their gains follow from those values (`training.simulator.oracle.rollout`); every night it gives each household
the plan with the largest expected gain, and no bundle where none is surely worth it. So it is a lower bound of what could
be gained: it chooses among the night's candidates and these plans only.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from training.simulator.oracle.bundle_plans import PLANS, VALID_DAYS, Bundler, Evening, Plan
from training.simulator.oracle.rollout import LIVED_DAYS, Doubles, Lesson, leaving, roll_out
from training.simulator.world.draws import Flags, Ints
from training.simulator.world.offers_and_lines import PersonalOffers
from training.simulator.world.world import World

# So many lives of a household on each plan a lesson rests on, in at least two futures and at most twenty.
LIVES, FEWEST_FUTURES, MOST_FUTURES = 4_000, 2, 20
# A plan is taken if its expected gain is so many standard errors above nothing.
SURE_ERRORS = 2.0


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
        night = Evening.of(self.world, customer_id, item_id, depths_bp, allowed, bundler)
        self.lessons = self.lessons or _live_on(night)
        values, self.foresight = _choose(night, self.lessons, self.days_left)
        return values


def _live_on(night: Evening) -> Lessons:
    """Live every plan in some futures and learn how its gain follows from what was expected of it.

    Where there are more households than LIVES want, evenly spaced ones of them are lived on.
    """
    step = max(1, len(night.people) * FEWEST_FUTURES // LIVES)
    taught = np.arange(0, len(night.people), step)
    futures = int(np.clip(np.ceil(LIVES / len(taught)), FEWEST_FUTURES, MOST_FUTURES))
    first = night.world.day * 1_000_003 + night.world.seed * 1_009 + 1  # another evening, other futures
    offers = [_of_taught(night.offers(plan), taught) for plan in night.plans.values()]
    seeds = list(range(first, first + futures))
    lived = roll_out(night.world, night.people[taught], offers, VALID_DAYS, seeds)
    lessons = {}
    for number, (name, plan) in enumerate(night.plans.items()):
        has = night.has(plan)[taught]
        while_lived, kept = (explained[taught][has] for explained in _explained(night, plan))
        lessons[name] = (
            Lesson.learn(lived.lived[:, number, has], while_lived),
            Lesson.learn(lived.kept[:, number, has], kept),
        )
    return lessons


def _of_taught(offers: PersonalOffers, taught: Ints) -> PersonalOffers:
    """The offers of some of the night's people; `household` becomes a place among them."""
    place = np.minimum(np.searchsorted(taught, offers.household), len(taught) - 1)
    mine = taught[place] == offers.household
    return replace(offers.take(np.flatnonzero(mine)), household=place[mine])


def _choose(night: Evening, lessons: Lessons, days_left: int) -> tuple[Doubles, Foresight]:
    """Give each household the plan that gains most within the days left, or none."""
    n = len(night.people)
    beyond = (night.worth.margin_per_day * _days_as_customer(night.world, days_left - LIVED_DAYS))[
        night.people
    ]
    gain, sure = np.full((len(PLANS), n), -np.inf), np.full((len(PLANS), n), -np.inf)
    for number, (name, plan) in enumerate(night.plans.items()):
        (lived, stays), (while_lived, kept) = lessons[name], _explained(night, plan)
        error = np.hypot(lived.error(while_lived), stays.error(kept) * beyond)
        has = night.has(plan)
        gain[number, has] = (lived.expect(while_lived) + stays.expect(kept) * beyond)[has]
        sure[number, has] = (gain[number] - SURE_ERRORS * error)[has]
    best = gain.argmax(axis=0)
    taken = sure[best, np.arange(n)] > 0
    values, total, variance, bundles = np.full(night.allowed.shape, -np.inf), 0.0, 0.0, {}
    for number, (name, plan) in enumerate(night.plans.items()):
        chosen = taken & (best == number)
        night.shared(plan, chosen, gain[number], values)
        total += float(gain[number, chosen].sum())
        variance += lessons[name][0].error_of_sum(_explained(night, plan)[0][chosen]) ** 2
        bundles[name] = int(chosen.sum())
    return values, Foresight(total, float(np.sqrt(variance)), bundles)


def _days_as_customer(world: World, days: int) -> Doubles:
    """Of so many days after those lived, how many a household that is still there remains a customer."""
    hazard = np.maximum(leaving(world), 1e-9)
    return np.asarray(-np.expm1(-hazard * max(days, 0)) / hazard, dtype=np.float64)


def _explained(night: Evening, plan: Plan) -> tuple[Doubles, Doubles]:
    """What is known of a plan before it is lived: for the margin, and for staying.

    For the margin the gain of the items, of the visits, and the reward; for staying the reward in tenths of a
    usual basket, as the world remembers it, times the hazard of leaving, and that hazard.
    """
    worth = night.worth
    reward = night.total(plan, worth.reward_minor)
    margin = np.column_stack(
        [
            night.total(plan, worth.gain_minor),
            worth.attention(night.total(plan, worth.saving_minor)),
            reward,
        ]
    )
    hazard = LIVED_DAYS * leaving(night.world)
    tenths = reward / np.maximum(night.world.state.basket_minor / 10, 1)
    return margin[night.people], np.column_stack([hazard * tenths, hazard])[night.people]


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
    """Read what `lessons_as_dict` gave; None, to be learnt anew, where it is of other plans than today's."""
    if content is None or content.keys() != set(PLANS):
        return None
    return {plan: (_lesson(both[0]), _lesson(both[1])) for plan, both in content.items()}


def _lesson(content: dict[str, Any]) -> Lesson:
    return Lesson(np.array(content["coefficients"]), np.array(content["covariance"]))
