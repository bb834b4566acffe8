"""Worlds drawn from a declared prior over the keys: shops that neither a policy nor its maker has seen.

The worlds that come along were written with a reason each, and whoever makes a policy knows them. A prior says instead what
a shop may be like, key by key (`world_prior.toml`), and a seed that is chosen after the policy stands draws as many as one
wants. `prior:7:20` names the first twenty of seed 7; the first ten of them are `prior:7:10`.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from zlib import crc32

import numpy as np

from models.ground.errors import BadInput
from training.simulator.world.world_files import load_world
from training.simulator.world.world_parameters import WorldParameters

_ASKED = re.compile(r"prior:(\d{1,9}):(\d{1,3})")
_PREFIX = "prior:"


@dataclass(frozen=True)
class Range:
    """What a key may be.

    Attributes:
        low, high: the ends of its range, both above zero where `log`.
        log: whether its logarithm is drawn evenly, instead of itself.
        zero: share of the worlds in which it is 0 instead.
    """

    low: float
    high: float
    log: bool = False
    zero: float = 0.0

    def drawn(self, rng: np.random.Generator) -> float:
        """A value, from two dice."""
        nothing, place = rng.random(2)
        if nothing < self.zero:
            return 0.0
        if self.log:
            return float(self.low * (self.high / self.low) ** place)
        return float(self.low + (self.high - self.low) * place)


@dataclass(frozen=True)
class WorldPrior:
    """A world to begin with, and the range of each key, `section.key`, that is drawn."""

    like: str
    ranges: dict[str, Range]

    def world(self, seed: int, number: int) -> WorldParameters:
        """One of a seed's worlds; another key in the prior changes no draw of those that were there."""
        tree = load_world(self.like).model_dump()
        for key, span in self.ranges.items():
            section, _, name = key.partition(".")
            value = span.drawn(np.random.default_rng([seed, number, crc32(key.encode())]))
            tree[section][name] = float(f"{value:.4g}")
        tree["name"] = f"prior_{seed}_{number}"
        tree["unidentified"] = (
            f"World {number} that seed {seed} draws from the declared prior: {len(self.ranges)} keys drawn, the rest as in "
            f"{self.like}. No data at hand identifies any of them."
        )
        return WorldParameters.model_validate(tree)


@cache
def shipped_prior() -> WorldPrior:
    """The prior that comes along."""
    text = (
        resources.files("training.simulator.world").joinpath("world_prior.toml").read_text(encoding="utf-8")
    )
    tree = tomllib.loads(text)
    like = tree.pop("like")
    ranges = {
        f"{section}.{name}": Range(**span) for section, keys in tree.items() for name, span in keys.items()
    }
    return WorldPrior(like, ranges)


def worlds_named(name: str) -> tuple[WorldParameters, ...]:
    """One world by its name or file, or those that `prior:SEED:MANY` draws.

    Raises:
        BadInput: there is no such world, or what follows `prior:` is not a seed and a number.

    """
    if not name.startswith(_PREFIX):
        return (load_world(name),)
    asked = _ASKED.fullmatch(name)
    if asked is None or not int(asked[2]):
        raise BadInput(f"Expected prior:SEED:MANY, such as prior:7:20, got {name!r}; correct --world.")
    return tuple(shipped_prior().world(int(asked[1]), number) for number in range(int(asked[2])))
