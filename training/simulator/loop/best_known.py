"""The yardstick: the best policy that is known for a world, found on training dice with the world's truth.

The oracle alone is beaten by simple rules in some worlds, because its lessons are noisy and it gives one bundle at a time. So
rules with given weights are searched as well: `pull` with other parameters, and true one-period values with other weights.
Training shops have seeds of their own, which no study may draw; what is best there over several seeds is the best known, and
is scored on other dice. Choosing by the scored dice would flatter the yardstick by the luck of the best of many.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.pull import pull
from models.ground.errors import BadInput
from training.simulator.loop.counted_history import USUAL, WIDE, Breadth
from training.simulator.loop.fast_weeks import FastShop
from training.simulator.loop.rhythms import ALWAYS, RHYTHMS, in_turn
from training.simulator.loop.simulated_policies import POLICIES, true_value_policy
from training.simulator.oracle.oracle import Oracle
from training.simulator.oracle.true_value_rule import TrueValueRule
from training.simulator.scores.policy_scores import margin
from training.simulator.scores.ranking import NO_OFFERS, ORACLE
from training.simulator.world.world_parameters import WorldParameters

BEST_KNOWN = "best_known"
# Seeds of training shops lie above all that a study may draw.
TRAINING_SEED = 1_000_000_000
_PULL, _TRUE_VALUE = "pull", "true_value"


@dataclass(frozen=True)
class Rule:
    """One of the policies among which is searched: a name of POLICIES, or a family of rules with its parameters.

    Attributes:
        family, parameters: what chooses bundles.
        rhythm: on which nights, and for whom: a name of `rhythms.RHYTHMS`.
        next: the rule of every second night, where two take turns.
    """

    family: str
    parameters: tuple[tuple[str, Any], ...] = ()
    rhythm: str = ALWAYS
    next: "Rule | None" = None

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
        }

    @classmethod
    def read(cls, content: dict[str, Any]) -> "Rule":
        """Read what `as_dict` gave."""
        after = None if content["next"] is None else cls.read(content["next"])
        return cls(content["family"], tuple(content["parameters"].items()), content["rhythm"], after)


PULLS = tuple(
    Rule(
        _PULL,
        (("depth_bp", depth_bp), ("factor", factor), ("least_p_buy", floor), ("liking_new", new)),
    )
    for factor in (2.0, 8.0)
    for depth_bp, new, floor in (
        (2000, 0.8, 0.0),
        (1000, 0.8, 0.0),
        (2000, 0.2, 0.0),
        (2000, 0.8, 0.02),
        (2000, 0.2, 0.02),
    )
)
TRUE_VALUES = tuple(
    Rule(
        _TRUE_VALUE, (("visits", visits), ("rewards", rewards), ("an_offer_minor", an_offer), ("plan", plan))
    )
    for visits, rewards, an_offer, plan in (
        *((visits, rewards, 0.0, "") for visits in (0.0, 1.0, 2.0) for rewards in (-0.5, 0.0, 0.6, 1.2)),
        (1.0, 0.0, 2.0, ""),
        (1.0, 0.6, 2.0, ""),
        (2.0, 0.0, 5.0, ""),
        (1.0, 0.6, 0.0, "win_back"),
        (1.0, 2.0, 0.0, "win_back"),
        (1.0, 0.6, 0.0, "thank_you"),
        (1.0, 2.0, 0.0, "thank_you"),
    )
)


@dataclass(frozen=True)
class Search:
    """How much is searched.

    Attributes:
        customers, weeks: of the training shops; offers pay over weeks, so as many as will be scored.
        shops: with seeds of their own; the first weeds out, all of them choose.
        keep: rules of either family that the first shop leaves.
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
    first = _gains(world, search, 0, (*PULLS, *TRUE_VALUES))
    left = [*_best(first, PULLS, search.keep), *_best(first, TRUE_VALUES, search.keep)]
    always = (Rule(NO_OFFERS), Rule(ORACLE))
    first |= _gains(world, search, 0, always)
    played = sequences(_best(first, (*left, Rule(ORACLE)), 1)[0], left)
    first |= _gains(world, search, 0, played)
    left = [*left, *_best(first, played, search.keep)]
    found = [first, *(_gains(world, search, shop, (*left, *always)) for shop in range(1, search.shops))]
    means = ((rule, float(np.mean([gains[rule] for gains in found]))) for rule in (*left, *always))
    ranked = tuple(sorted(means, key=lambda pair: -pair[1]))
    return Searched(ranked[0][0], ranked)


def sequences(best: Rule, others: Iterable[Rule]) -> tuple[Rule, ...]:
    """The best rule in every other rhythm, and in turns with the others."""
    paused = (replace(best, rhythm=rhythm) for rhythm in RHYTHMS if rhythm != ALWAYS)
    return (*paused, *(replace(best, next=other) for other in others if other != best))


def require_no_training_seed(seeds: Iterable[int]) -> None:
    """BadInput where a study would be scored on the shops that its yardstick was chosen in."""
    if max(seeds) >= TRAINING_SEED:
        raise BadInput(
            f"Seeds from {TRAINING_SEED:,} on are those of the yardstick's training; choose smaller --seeds."
        )


def _gains(world: WorldParameters, search: Search, shop: int, rules: Iterable[Rule]) -> dict[Rule, float]:
    """What rules gain a customer in a training shop, minor units."""
    opened = FastShop.open(world, search.customers, TRAINING_SEED + shop)
    without = margin(opened.without(search.weeks))
    return {
        rule: float((margin(opened.live(rule, search.weeks, rule.breadth)) - without).mean())
        for rule in rules
    }


def _best(gains: dict[Rule, float], among: Iterable[Rule], many: int) -> list[Rule]:
    return sorted(among, key=lambda rule: -gains[rule])[:many]
