"""Sequences over weeks: whose turn it is on a night, so that a bundle can pause, alternate, or answer what was used.

    always        everybody, every night
    every_second  everybody, every second night
    halves        one half of the customers on one night, the other half on the next
    pauses        four nights on, two off
    after_use     who used an offer within the last two weeks; everybody on every fourth night, to begin with

What a world's fatigue, trust and stocked cupboards make of the same bundles depends on them.
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.nightly.choosing.offer_options import Options
from engine.nightly.choosing.policy import Policy, Valuation
from training.simulator.world.world import World

ALWAYS = "always"
_ON, _ROUND = 4, 6  # nights of `pauses`
_INVITED = 4  # every so many nights `after_use` is for everybody
_USED_DAYS = 14

Turns = npt.NDArray[np.bool_]


def _all(world: World, *, on: bool) -> Turns:
    return np.full(len(world.customer_id), on)


def _used(world: World) -> Turns:
    """Who used an offer within _USED_DAYS."""
    least = np.float32(0.5 ** (_USED_DAYS / world.parameters.attention.used_days))
    return np.asarray(world.state.used_lately >= least, dtype=np.bool_)


RHYTHMS: Mapping[str, Callable[[int, World], Turns]] = {
    ALWAYS: lambda _night, world: _all(world, on=True),
    "every_second": lambda night, world: _all(world, on=night % 2 == 0),
    "halves": lambda night, world: np.arange(len(world.customer_id)) % 2 == night % 2,
    "pauses": lambda night, world: _all(world, on=night % _ROUND < _ON),
    "after_use": lambda night, world: _all(world, on=night % _INVITED == 0) | _used(world),
}


def in_turn(policy: Policy, rhythm: str, night: int, world: World) -> Policy:
    """The policy for those whose turn it is, nothing for others."""
    if rhythm == ALWAYS:
        return policy
    turn = RHYTHMS[rhythm](night, world)
    customers = pd.Index(world.customer_id)

    def value(options: Options) -> Valuation:
        found = policy(options)
        mine = turn[customers.get_indexer(pd.Index(options.customer_id))][options.customer]
        return Valuation(np.where(mine[:, None], found.value, -np.inf), found.propensity, found.parts)

    needs = policy.needs | {"customer", "customer_id"}
    return Policy(f"{policy.name}_{rhythm}", value, needs, state=f"{policy.state} {night}")
