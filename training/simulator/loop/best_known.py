"""The yardstick: the best policy that is known for a world, found on training dice with the world's truth.

The oracle alone is beaten by simple rules in some worlds, because its lessons are noisy and it gives one bundle at a time. So
rules with given weights are searched as well: `pull` with other parameters, and true one-period values with other weights,
coarsely at first and then around the best of them. Training shops have seeds of their own, which no study may draw; what is
best there over several seeds is the best known, and is scored on other dice. Choosing by the scored dice would flatter the
yardstick by the luck of the best of many. The oracle lives on, to learn, in the first training shop only: what it learnt
there is taught to it everywhere else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.pull import pull
from models.ground.errors import BadInput
from training.simulator.loop.counted_history import USUAL, WIDE, Breadth
from training.simulator.loop.fast_weeks import FastShop, PolicyOfNight
from training.simulator.loop.rhythms import ALWAYS, RHYTHMS, in_turn
from training.simulator.loop.simulated_policies import POLICIES, true_value_policy
from training.simulator.oracle.oracle import Lessons, Oracle, lessons_as_dict, lessons_from
from training.simulator.oracle.true_value_rule import TrueValueRule
from training.simulator.scores.policy_scores import margin
from training.simulator.scores.ranking import NO_OFFERS, ORACLE
from training.simulator.world.world_parameters import WorldParameters

BEST_KNOWN = "best_known"
# Seeds of training shops lie above all that a study may draw.
TRAINING_SEED = 1_000_000_000
# Nights on which the oracle lives on to learn: when nobody had an offer yet, and after four bundles.
LEARNING_NIGHTS = (0, 4)
_PULL, _TRUE_VALUE = "pull", "true_value"


@dataclass(frozen=True)
class Rule:
    """One of the policies among which is searched: a name of POLICIES, or a family of rules with its parameters.

    Attributes:
        family, parameters: what chooses bundles.
        rhythm: on which nights, and for whom: a name of `rhythms.RHYTHMS`.
        next: the rule of every second night, where two take turns.
        lessons: of the oracle, by the night from which on they hold; it lives on to learn where there are none.
    """

    family: str
    parameters: tuple[tuple[str, Any], ...] = ()
    rhythm: str = ALWAYS
    next: "Rule | None" = None
    lessons: Mapping[int, Lessons] = field(default_factory=dict, compare=False, repr=False)

    def __call__(self, night: int, oracle: Oracle) -> Policy:
        """Tonight's policy."""
        if self.next is not None and night % 2 == 1:
            return self.next(night, oracle)
        return in_turn(self._policy(night, oracle), self.rhythm, night, oracle.world)

    def _policy(self, night: int, oracle: Oracle) -> Policy:
        if self.family == _PULL:
            return pull.with_parameters(dict(self.parameters))
        if self.family == _TRUE_VALUE:
            return true_value_policy(TrueValueRule(**dict(self.parameters)), oracle)
        if self.lessons:
            oracle.lessons = self.lessons[max(since for since in self.lessons if since <= night)]
        return POLICIES[self.family](night, oracle)

    @property
    def breadth(self) -> Breadth:
        """Among how many candidates it chooses."""
        return WIDE if self.family == ORACLE else USUAL

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON content."""
        after = None if self.next is None else self.next.as_dict()
        return {
            "family": self.family,
            "parameters": dict(self.parameters),
            "rhythm": self.rhythm,
            "next": after,
            "lessons": {str(night): lessons_as_dict(learnt) for night, learnt in self.lessons.items()},
        }

    @classmethod
    def read(cls, content: dict[str, Any]) -> "Rule":
        """Read what `as_dict` gave."""
        after = None if content["next"] is None else cls.read(content["next"])
        read = {int(night): lessons_from(told) for night, told in content["lessons"].items()}
        lessons = {night: learnt for night, learnt in read.items() if learnt is not None}
        return cls(content["family"], tuple(content["parameters"].items()), content["rhythm"], after, lessons)


def _true_value(visits: float, rewards: float, an_offer_minor: float = 0.0, plan: str = "") -> Rule:
    return Rule(
        _TRUE_VALUE,
        (("visits", visits), ("rewards", rewards), ("an_offer_minor", an_offer_minor), ("plan", plan)),
    )


PULLS = tuple(
    Rule(
        _PULL,
        (("depth_bp", depth_bp), ("factor", factor), ("least_p_buy", floor), ("liking_new", new)),
    )
    for factor, depth_bp, new, floor in (
        (8.0, 2000, 0.8, 0.0),
        (8.0, 2000, 0.8, 0.02),
        (2.0, 1000, 0.2, 0.02),
    )
)
TRUE_VALUES = (
    *(_true_value(visits, rewards) for visits in (0.5, 1.0, 2.0) for rewards in (0.0, 0.6)),
    _true_value(1.0, 1.2),
    _true_value(1.0, 0.6, plan="win_back"),
    _true_value(1.0, 0.6, plan="thank_you"),
)
_VISITS_STEP, _REWARDS_STEP, _AN_OFFER_MINOR = 0.3, 0.3, 3.0


@dataclass(frozen=True)
class Search:
    """How much is searched.

    Attributes:
        customers, weeks: of the training shops; offers pay over weeks, so as many as will be scored.
        shops: with seeds of their own; the first weeds out, all of them choose.
        keep: rules by true values that the first shop leaves, beside one `pull`, one sequence and the oracle.
    """

    customers: int
    weeks: int
    shops: int = 3
    keep: int = 2


@dataclass(frozen=True)
class Searched:
    """The best rule, and what those that were left gained on training dice, minor units a customer, best first."""

    rule: Rule
    gains: tuple[tuple[Rule, float], ...]


def best_known(world: WorldParameters, search: Search) -> Searched:
    """Search a world: weed out on the first training shop, try the best in sequences there, choose by the mean over all."""
    first = _TrainingShop.open(world, search, 0)
    gains = first.gains((*PULLS, *TRUE_VALUES))
    # of bundles with a plan of their own weights only decide who gets one
    weighed = [rule for rule in TRUE_VALUES if not dict(rule.parameters)["plan"]]
    closer = around(_best(gains, weighed, 1)[0])
    gains |= first.gains(one for one in closer if one not in gains)
    left = [*_best(gains, PULLS, 1), *_best(gains, dict.fromkeys((*TRUE_VALUES, *closer)), search.keep)]
    oracle, gains[oracle] = first.taught_oracle()
    played = sequences(_best(gains, (*left, oracle), 1)[0], left[1:2])
    gains |= first.gains(played)
    left = [*left, *_best(gains, played, 1), oracle]
    others = (_TrainingShop.open(world, search, number) for number in range(1, search.shops))
    found = [gains, *(shop.gains(left) for shop in others)]
    means = [(rule, float(np.mean([one[rule] for one in found]))) for rule in left]
    ranked = tuple(sorted([*means, (Rule(NO_OFFERS), 0.0)], key=lambda pair: -pair[1]))
    return Searched(ranked[0][0], ranked)


def around(rule: Rule) -> tuple[Rule, ...]:
    """Rules by true values with weights next to those of one of them."""
    told = dict(rule.parameters)
    return tuple(
        _true_value(**told | change)
        for change in (
            {"visits": told["visits"] - _VISITS_STEP},
            {"visits": told["visits"] + _VISITS_STEP},
            {"rewards": told["rewards"] - _REWARDS_STEP},
            {"rewards": told["rewards"] + _REWARDS_STEP},
            {"an_offer_minor": told["an_offer_minor"] + _AN_OFFER_MINOR},
        )
        if change.get("visits", 0.0) >= 0
    )


def sequences(best: Rule, others: Iterable[Rule]) -> tuple[Rule, ...]:
    """The best rule in every other rhythm, and in turns with others."""
    paused = (replace(best, rhythm=rhythm) for rhythm in RHYTHMS if rhythm != ALWAYS)
    return (*paused, *(replace(best, next=other) for other in others if other != best))


def require_no_training_seed(seeds: Iterable[int]) -> None:
    """BadInput where a study would be scored on the shops that its yardstick was chosen in."""
    if max(seeds) >= TRAINING_SEED:
        raise BadInput(
            f"Seeds from {TRAINING_SEED:,} on are those of the yardstick's training; choose smaller --seeds."
        )


@dataclass(frozen=True)
class _TrainingShop:
    """A shop with a training seed: its year, and what its weeks without offers leave, minor units a household."""

    shop: FastShop
    weeks: int
    without: npt.NDArray[np.float64]

    @classmethod
    def open(cls, world: WorldParameters, search: Search, number: int) -> "_TrainingShop":
        shop = FastShop.open(world, search.customers, TRAINING_SEED + number)
        return cls(shop, search.weeks, margin(shop.without(search.weeks)))

    def gain(self, policy: PolicyOfNight, breadth: Breadth) -> float:
        """What a policy gains a customer, minor units."""
        return float((margin(self.shop.live(policy, self.weeks, breadth)) - self.without).mean())

    def gains(self, rules: Iterable[Rule]) -> dict[Rule, float]:
        """What rules gain a customer, minor units."""
        return {rule: self.gain(rule, rule.breadth) for rule in rules}

    def taught_oracle(self) -> tuple[Rule, float]:
        """The oracle with what it learns here on the nights of LEARNING_NIGHTS, and what it gains the while."""
        asked: dict[int, Oracle] = {}

        def learning(night: int, oracle: Oracle) -> Policy:
            since = max(first for first in LEARNING_NIGHTS if first <= night)
            oracle.lessons = asked[since].lessons if since in asked else None
            asked[night] = oracle
            return POLICIES[ORACLE](night, oracle)

        gained = self.gain(learning, Rule(ORACLE).breadth)
        learnt = {night: asked[night].lessons for night in LEARNING_NIGHTS if night in asked}
        return Rule(ORACLE, lessons={night: one for night, one in learnt.items() if one is not None}), gained


def _best(gains: dict[Rule, float], among: Iterable[Rule], many: int) -> list[Rule]:
    return sorted(among, key=lambda rule: -gains[rule])[:many]
