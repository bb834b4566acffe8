"""Whether a policy pays: worlds sorted by what the best known policy finds in them, and one policy held to that.

    pays     the best known policy gains at least PAYS a customer, surely above zero
    harms    it gains less, and the depth rule surely loses: giving is a mistake there
    neither  the rest

A share of what can be gained has a meaning only where something can; elsewhere the loss is what counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from models.ground.currencies import minor_digits
from training.simulator.scores.over_seeds import OverSeeds, SeedScores, over_seeds, plain_interval

PAYS = 0.30  # of the currency's unit, a customer
PAYING, HARMING, NEITHER = "pays", "harms", "neither"


@dataclass(frozen=True)
class JudgedWorld:
    """One world with the seeds of three policies, at least one each.

    Attributes:
        name, currency: the world's.
        draws: whether its offers can bring anybody at all (its key attention.weight).
        best, depth_rule, policy: by seed.
    """

    name: str
    currency: str
    draws: bool
    best: Sequence[SeedScores]
    depth_rule: Sequence[SeedScores]
    policy: Sequence[SeedScores]

    @property
    def kind(self) -> str:
        """PAYING, HARMING or NEITHER."""
        best = over_seeds(self.best).gain
        if best.value >= PAYS * 10 ** minor_digits(self.currency) and best.above_zero:
            return PAYING
        return HARMING if over_seeds(self.depth_rule).gain.below_zero else NEITHER

    def money(self, minor: float) -> float:
        """In units of the currency."""
        return float(minor / 10 ** minor_digits(self.currency))

    @property
    def gain(self) -> float:
        """The policy's, in units of the currency, a customer."""
        return self.money(over_seeds(self.policy).gain.value)

    @property
    def share(self) -> float:
        """The policy's gain over the best known's."""
        return over_seeds(self.policy).gain.value / over_seeds(self.best).gain.value

    @property
    def worst_seed(self) -> float:
        """The policy's gain in the seed in which it is least."""
        return self.money(min(one.gain for one in self.policy))


@dataclass(frozen=True)
class Held:
    """One figure of a policy: its value, None where nothing could be measured, in which world, and what is asked.

    Attributes:
        asked: of 2,000 customers over 12 weeks, and of 10,000 over 26, as (least, most); None is no end.
    """

    name: str
    value: float | None
    where: str
    asked: tuple[tuple[float | None, float | None], tuple[float | None, float | None]]
    unit: str = "share"


def held(worlds: Sequence[JudgedWorld]) -> list[Held]:
    """The figures that a policy is judged by, over all worlds and seeds."""
    paying = [world for world in worlds if world.kind == PAYING]
    harming = [world for world in worlds if world.kind == HARMING]
    drawing_nobody = [world for world in worlds if not world.draws and world.kind != PAYING]
    poorest = min(paying, key=lambda world: world.share, default=None)
    vainest = min(drawing_nobody, key=lambda world: world.gain, default=None)
    unluckiest = min(drawing_nobody, key=lambda world: world.worst_seed, default=None)
    worst = min(harming, key=lambda world: world.gain, default=None)
    mine, best = _together(paying, "policy"), _together(paying, "best")
    everywhere = _together(worlds, "policy")
    more_anyway = (
        None
        if mine is None or best is None or mine.anyway is None or best.anyway is None
        else mine.anyway - best.anyway
    )
    return [
        Held(
            "share of best known, median of paying worlds",
            median(world.share for world in paying) if paying else None,
            f"{len(paying)} worlds",
            ((0.60, None), (0.75, None)),
        ),
        Held(
            "share of best known, worst paying world",
            None if poorest is None else poorest.share,
            _name(poorest),
            ((0.40, None), (0.60, None)),
        ),
        Held(
            "gain where offers draw nobody and nothing pays, worst world",
            None if vainest is None else vainest.gain,
            _name(vainest),
            ((-0.05, None), (-0.03, None)),
            "money",
        ),
        Held(
            "the same in its worst seed: not below minus the sum of learning",
            None if unluckiest is None else unluckiest.worst_seed,
            _name(unluckiest),
            ((None, None), (None, None)),
            "money",
        ),
        Held(
            "gain in the worst world where offers harm",
            None if worst is None else worst.gain,
            _name(worst),
            ((-0.30, None), (-0.10, None)),
            "money",
        ),
        Held(
            "discount on bought anyway, more than best known's",
            more_anyway,
            "paying worlds",
            ((None, 0.08), (None, 0.05)),
        ),
        Held(
            "offers redeemed",
            None if mine is None else mine.used,
            "paying worlds",
            ((0.05, None), (0.08, None)),
        ),
        Held(
            "weeks whose gain lay in the policy's own forecast",
            None if everywhere is None else everywhere.coverage,
            "all worlds",
            ((0.88, None), (0.90, None)),
        ),
        Held(
            "given over planned, after four weeks",
            None if everywhere is None else everywhere.settled_share,
            "all worlds",
            ((0.9, 1.1), (0.95, 1.05)),
        ),
    ]


def as_plain(world: JudgedWorld) -> dict[str, Any]:
    """Plain JSON content of one world; money in minor units."""
    runs: Mapping[str, Sequence[SeedScores]] = {
        "best_known": world.best,
        "depth_rule": world.depth_rule,
        "policy": world.policy,
    }
    gains = {name: plain_interval(over_seeds(found).gain) for name, found in runs.items()}
    share = world.share if world.kind == PAYING else None
    return {
        "world": world.name,
        "kind": world.kind,
        "currency": world.currency,
        "gain": gains,
        "share_of_best_known": share,
    }


def _together(worlds: Sequence[JudgedWorld], whose: str) -> OverSeeds | None:
    """All seeds of all these worlds."""
    found = [one for world in worlds for one in getattr(world, whose)]
    return over_seeds(found) if found else None


def _name(world: JudgedWorld | None) -> str:
    return "no such world" if world is None else world.name
