"""What holds for every simulated household, whatever the policy, the seed and the company: common random numbers."""

from dataclasses import fields
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import training.simulator.world.world as simulated_world
from tests.training.simulator.conftest import SMALL, changed
from training.simulator.world import end_of_day
from training.simulator.world.households import State
from training.simulator.world.offers_and_lines import Lines, PersonalOffers, joined, personal_minor
from training.simulator.world.world import World
from training.simulator.world.world_files import load_world

DAYS = 21


def offers_for(world: World, rng: np.random.Generator, chance: float) -> PersonalOffers:
    """Offers of one day to some households at random, for products at random."""
    household = np.flatnonzero(rng.random(len(world.customer_id)) < chance)
    product = rng.integers(0, len(world.shop.product_id), len(household))
    depth = rng.choice([1000, 2000, 5000], len(household))
    count = len(household)
    return PersonalOffers(household, product, depth, np.full(count, 3), np.arange(count))


def live_with(world: World, policy_seed: int, chance: float) -> tuple[Lines, np.ndarray]:
    """Live under a random policy: all lines, and each household's first day with an offer (DAYS without one)."""
    rng = np.random.default_rng(policy_seed)
    began, first, lived = world.day, np.full(len(world.customer_id), world.day + DAYS), []
    for day in range(began, began + DAYS):
        offers = offers_for(world, rng, chance)
        lines = world.shop_day(offers)
        world.pay(lines, personal_minor(lines, offers))
        first[offers.household] = np.minimum(first[offers.household], day)
        lived.append(lines)
    return joined(lived), first


def rows(lines: Lines, until: np.ndarray) -> list[tuple[int, ...]]:
    """Lines of each household before its day in `until`, without the offers' handles."""
    before = lines.take(np.flatnonzero(lines.day < until[lines.household]))
    return list(
        zip(
            before.household.tolist(),
            before.basket.tolist(),
            before.product.tolist(),
            before.units.tolist(),
            before.promo_minor.tolist(),
            before.second.tolist(),
            strict=True,
        )
    )


@settings(max_examples=15, deadline=None)
@given(
    first_policy=st.integers(0, 10_000),
    second_policy=st.integers(0, 10_000),
    chance=st.sampled_from([0.01, 0.05, 0.3]),
    block=st.integers(1, 40),
    seed=st.integers(0, 100),
)
def test_changing_the_policy_changes_nothing_in_a_household_before_its_first_offer(
    first_policy: int, second_policy: int, chance: float, block: int, seed: int
) -> None:
    parameters = changed(load_world("calibrated"), SMALL)
    one = World.new(parameters, households=40, seed=seed)
    other, none = one.copy(), one.copy()

    with patch.object(simulated_world, "_VISITORS", block), patch.object(end_of_day, "_BLOCK", block):
        bought_one, first_one = live_with(one, first_policy, chance)
    bought_other, first_other = live_with(other, second_policy, 0.05)
    bought_none = none.live(DAYS)

    both = np.minimum(first_one, first_other)
    assert rows(bought_one, both) == rows(bought_other, both)
    assert rows(bought_one, first_one) == rows(bought_none, first_one)
    never = first_one == DAYS
    for field in fields(State):
        assert np.array_equal(getattr(one.state, field.name)[never], getattr(none.state, field.name)[never])


@settings(max_examples=10, deadline=None)
@given(chosen=st.sets(st.integers(0, 39), min_size=1), seed=st.integers(0, 100))
def test_a_household_lives_the_same_life_whoever_else_shops(chosen: set[int], seed: int) -> None:
    parameters = changed(load_world("calibrated"), SMALL)
    everybody = World.new(parameters, households=40, seed=seed)
    kept = np.array(sorted(chosen))
    some = everybody.select(kept)

    all_lines, some_lines = everybody.live(DAYS), some.live(DAYS)

    theirs = all_lines.take(np.flatnonzero(np.isin(all_lines.household, kept)))
    assert theirs.basket.tolist() == some_lines.basket.tolist()
    assert theirs.product.tolist() == some_lines.product.tolist()
    assert theirs.units.tolist() == some_lines.units.tolist()
