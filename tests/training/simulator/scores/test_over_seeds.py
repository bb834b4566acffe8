"""Scores of several seeds together; the literal intervals are those of a table of Student's t."""

from dataclasses import replace

import numpy as np
import pytest

from training.simulator.scores.over_seeds import SeedScores, as_plain, over_seeds, regret, t_interval

SEED = SeedScores(
    gain=100.0,
    discount=50.0,
    anyway=0.8,
    offers=40.0,
    used=0.1,
    visits=0.2,
    retained=0.01,
    budget_error=-0.5,
    settled=(40.0, 50.0),
    forecasts=(8, 6),
)


def test_three_seeds_have_the_interval_of_students_t_with_two_degrees_of_freedom() -> None:
    found = t_interval([1.0, 2.0, 3.0])

    assert found.value == 2.0
    assert found.high - found.value == pytest.approx(4.3027 / np.sqrt(3), abs=1e-4)


def test_a_single_seed_has_no_interval_and_is_sure_of_nothing() -> None:
    found = t_interval([5.0])

    assert np.isnan([found.low, found.high]).all()
    assert not found.above_zero
    assert as_plain(over_seeds([SEED]))["gain"] == {"value": 100.0, "low": None, "high": None}


def test_shares_are_those_of_all_discount_and_all_offers_together() -> None:
    other = replace(SEED, discount=150.0, anyway=0.4, offers=10.0, used=0.6, budget_error=0.5)
    found = over_seeds([SEED, other])

    assert found.anyway == pytest.approx((0.8 * 50 + 0.4 * 150) / 200)
    assert found.used == pytest.approx((4 + 6) / 50)
    assert found.budget_error == pytest.approx((50 + 150) / (100 + 100) - 1)


def test_a_seed_without_offers_counts_for_no_share() -> None:
    nothing = replace(SEED, discount=0.0, anyway=None, offers=0.0, used=None, budget_error=None)

    assert over_seeds([SEED, nothing]).used == pytest.approx(0.1)
    assert over_seeds([nothing, nothing]).used is None


def test_money_given_and_weeks_foreseen_are_those_of_all_seeds_together() -> None:
    other = replace(SEED, settled=(20.0, 10.0), forecasts=(2, 2))
    silent = replace(SEED, settled=(0.0, 0.0), forecasts=(0, 0))
    found = over_seeds([SEED, other])

    assert (found.settled_share, found.coverage) == (1.0, 0.8)
    assert (over_seeds([silent]).settled_share, over_seeds([silent]).coverage) == (None, None)


def test_regret_is_reckoned_seed_by_seed() -> None:
    best = {0: replace(SEED, gain=300.0), 1: replace(SEED, gain=100.0)}
    policy = {0: replace(SEED, gain=200.0), 1: replace(SEED, gain=0.0), 2: SEED}
    found = regret(best, policy)

    assert (found.value, found.low, found.high) == (100.0, 100.0, 100.0)
