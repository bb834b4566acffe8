import numpy as np
import pytest

from engine.nightly.choosing.allocation import (
    NOTHING,
    SHADOW_PRICES,
    find_shadow_price,
    planned_cost,
    reaches,
    shadow_price_per_minor,
)
from models.ground.errors import BadInput
from tests.engine.nightly.bucket import levels_taken

# No bundle, then depth caps 10, 15 and 20 % for three customers: worth little, worth much, without a bundle.
VALUE = np.array([[0.0, 0.9, 0.95, 0.96], [0.0, 1.9, 1.95, 1.96], [0.0, -np.inf, -np.inf, -np.inf]])
COST = np.array([[0, 1000, 1500, 2000], [0, 1000, 1500, 2000], [0, 0, 0, 0]])


def levels_with(allowance_milli: int) -> list[int]:
    reach = reaches(VALUE, COST)
    return levels_taken(reach, find_shadow_price(planned_cost(reach, COST), allowance_milli)).tolist()


def test_with_enough_money_everybody_gets_the_deepest_level() -> None:
    assert levels_with(4000) == [3, 3, 0]


def test_less_money_makes_offers_shallower_before_it_takes_bundles_away() -> None:
    assert levels_with(2000) == [1, 1, 0]


def test_little_money_goes_where_it_is_worth_most() -> None:
    assert levels_with(1999) == [0, 1, 0]


def test_without_money_nobody_gets_anything() -> None:
    assert levels_with(0) == [0, 0, 0]


def test_a_level_that_brings_nothing_more_is_not_paid_for() -> None:
    reach = reaches(np.array([[0.0, 1.0, 1.0]]), np.array([[0, 100, 200]]))
    assert levels_taken(reach, 0).tolist() == [1]


def test_a_bundle_of_negative_value_is_never_taken() -> None:
    reach = reaches(np.array([[0.0, -1.0]]), np.array([[0, 0]]))
    assert reach.tolist() == [[NOTHING + 1, 0]]


def test_a_bundle_that_costs_nothing_is_taken_at_every_shadow_price() -> None:
    reach = reaches(np.array([[0.0, 0.1]]), np.array([[0, 0]]))
    assert reach.tolist() == [[NOTHING + 1, NOTHING]]


def test_the_planned_cost_of_two_buckets_is_their_sum() -> None:
    reach = reaches(VALUE, COST)
    parts = [planned_cost(reach[rows], COST[rows]) for rows in (slice(0, 1), slice(1, 3))]
    assert (parts[0] + parts[1]).tolist() == planned_cost(reach, COST).tolist()


def test_an_empty_bucket_plans_nothing() -> None:
    empty = np.zeros((0, 4))
    assert planned_cost(reaches(empty, empty.astype(np.int64)), empty.astype(np.int64)).tolist() == [0] * (
        NOTHING + 1
    )


def test_the_shadow_price_reads_in_value_per_minor_unit() -> None:
    assert shadow_price_per_minor(10) == SHADOW_PRICES[10] * 1000
    assert shadow_price_per_minor(NOTHING) == float("inf")


def test_a_negative_allowance_is_refused() -> None:
    with pytest.raises(BadInput, match="got -1"):
        find_shadow_price(np.zeros(NOTHING + 1, dtype=np.int64), -1)


def test_one_shadow_price_loses_less_than_a_thousandth_of_the_best_plan() -> None:
    rng = np.random.default_rng(5)
    cost = np.column_stack([np.zeros(4000), rng.gamma(3, 3000, 4000)[:, None] * [1.0, 1.5, 2.0]]).astype(
        np.int64
    )
    value = np.column_stack([np.zeros(4000), rng.gamma(2, 1, 4000)[:, None] * [0.95, 0.99, 1.0]])
    reach = reaches(value, cost)
    planned = planned_cost(reach, cost)
    allowance = int(planned[0] // 3)
    index = find_shadow_price(planned, allowance)
    taken = levels_taken(reach, index)
    got = value[np.arange(4000), taken].sum()
    # The dual bound: no plan within the allowance is worth more than this at any shadow price.
    bound = (value - SHADOW_PRICES[index] * cost).max(axis=1).sum() + SHADOW_PRICES[index] * allowance
    assert cost[np.arange(4000), taken].sum() <= allowance
    assert got > 0.999 * bound
