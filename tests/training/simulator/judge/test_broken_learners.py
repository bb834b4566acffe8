"""Each broken learner is found out by the judge, and what would make it right is not; small shops, several seeds."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from engine.nightly.choosing.policy import no_offers
from tests.training.simulator.conftest import changed
from tests.training.simulator.judge.broken_learners import LotLearner, decoy
from training.simulator.loop.fast_study import Judge
from training.simulator.loop.fast_weeks import FastShop, PolicyOfNight
from training.simulator.loop.simulated_policies import POLICIES
from training.simulator.scores.doubts import DECOY, HOLLOW_VISITS, LOSES, MISSES, doubts
from training.simulator.scores.over_seeds import OverSeeds, over_seeds, regret
from training.simulator.world.world_files import load_world

pytestmark = [pytest.mark.slow, pytest.mark.long]

CUSTOMERS, WEEKS, SEEDS = 150, 6, range(4)
FEW = {"assortment": {"families": 20, "products_per_family": 6.0}}


@cache
def judge(world: str, seed: int) -> Judge:
    # errands that a few hundred customers show as plainly as tens of thousands would in the shipped world
    strong: dict[str, dict[str, Any]] = {"attention": {"weight": 4.0}} if world == "cherry_pickers" else {}
    return Judge(FastShop.open(changed(load_world(world), FEW | strong), CUSTOMERS, seed), WEEKS)


def judged(world: str, policy: Callable[[], PolicyOfNight]) -> OverSeeds:
    return over_seeds([judge(world, seed).scores(policy()) for seed in SEEDS])


def test_lots_that_are_not_centred_on_their_propensity_pay_where_nothing_pays() -> None:
    broken = judged("promotions_never_pay", lambda: LotLearner("margin_minor", by_size=True, centred=False))
    right = judged("promotions_never_pay", lambda: LotLearner("margin_minor", by_size=True, centred=True))

    assert LOSES in doubts(broken)
    assert broken.gain.value < 1.5 * right.gain.value < 0


def test_learning_from_visits_alone_calls_a_loss_a_success() -> None:
    learner = judged(
        "cherry_pickers", lambda: LotLearner("visits", by_size=False, centred=True, sure_errors=0.0)
    )

    assert {LOSES, HOLLOW_VISITS} <= set(doubts(learner))


def test_a_decoy_is_told_by_offers_that_nobody_uses() -> None:
    assert DECOY in doubts(judged("calibrated", lambda: lambda _night, _oracle: decoy))
    assert DECOY not in doubts(judged("calibrated", lambda: POLICIES["top_affinities"]))


def test_who_gives_nothing_is_doubted_only_where_something_pays() -> None:
    nothing = judged("calibrated", lambda: lambda _night, _oracle: no_offers)

    assert doubts(nothing) == ()
    assert doubts(nothing, regret_of(100.0, 110.0)) == (MISSES,)


def regret_of(*gains: float):  # noqa: ANN201 - an Interval
    nothing = judge("calibrated", 0).scores(POLICIES["no_offers"])
    best = {seed: type(nothing)(**(vars(nothing) | {"gain": gain})) for seed, gain in enumerate(gains)}
    return regret(best, dict.fromkeys(range(len(gains)), nothing))
