import numpy as np
import pytest

from tests.training.simulator.conftest import changed
from training.simulator.loop.counted_history import (
    HALF_LIFE_DAYS,
    SEEN_DAYS,
    CountedHistory,
    CountedScores,
)
from training.simulator.world.offers_and_lines import Lines
from training.simulator.world.world import World
from training.simulator.world.world_parameters import WorldParameters

FAMILY = np.array([0, 0, 1, 1])


def lines(*rows: tuple[int, int, int, int]) -> Lines:
    """Lines of (household, product, units, day)."""
    household, product, units, day = (np.array(column) for column in zip(*rows, strict=True))
    zeros, count = np.zeros(len(rows), np.int64), np.arange(len(rows))
    return Lines(household, count, product, units, zeros + 100, zeros, zeros - 1, day, zeros)


def test_counts_fade_by_their_half_life() -> None:
    history = CountedHistory.of(lines((0, 1, 2, 0)), 2, FAMILY, 1)
    history.learn(lines((1, 0, 1, 1)), 1 + int(HALF_LIFE_DAYS))

    assert history.bought[0, 1] == pytest.approx(0.5 ** ((1 + HALF_LIFE_DAYS) / HALF_LIFE_DAYS), rel=1e-5)
    assert history.last_bought[0, 1] == 0
    assert history.units[1] == pytest.approx(1.5)  # a first guess of one unit, and the line


def test_a_history_learnt_week_by_week_is_the_one_counted_at_once() -> None:
    every = lines((0, 1, 2, 0), (0, 2, 1, 3), (1, 1, 1, 8), (0, 1, 1, 9))
    at_once = CountedHistory.of(every, 2, FAMILY, 14)
    weekly = CountedHistory.of(every, 2, FAMILY, 7)
    weekly.learn(every.take(np.array([2, 3])), 14)

    assert weekly.bought == pytest.approx(at_once.bought, rel=1e-5)
    assert weekly.visits == pytest.approx(at_once.visits)
    assert weekly.last_visit.tolist() == at_once.last_visit.tolist() == [9, 8]


def test_what_lies_at_or_after_the_day_is_not_counted() -> None:
    history = CountedHistory.of(lines((0, 1, 1, 3), (0, 2, 1, 7)), 1, FAMILY, 7)

    assert history.bought_ever.tolist() == [[0, 1, 0, 0]]


def test_candidates_are_ones_own_items_then_new_ones_of_ones_families_then_popular_ones() -> None:
    history = CountedHistory.of(lines((0, 0, 1, 1), (1, 1, 1, 1), (1, 2, 1, 1), (1, 3, 1, 2)), 2, FAMILY, 3)
    found = history.candidates(np.array([0]))

    assert list(zip(found.product.tolist(), found.source.tolist(), strict=True)) == [
        (0, 1),
        (1, 2),
        (2, 4),
        (3, 4),
    ]


def test_who_was_not_seen_lately_gets_nothing() -> None:
    history = CountedHistory.of(lines((0, 0, 1, 0), (1, 0, 1, 9)), 3, FAMILY, SEEN_DAYS + 5)

    assert history.seen.tolist() == [1]


@pytest.fixture(scope="module")
def grown(small: WorldParameters) -> tuple[World, Lines]:
    world = World.new(changed(small, {"visits": {"joining_share": 0.0}}), 150, seed=6)
    return world, world.live(182)


def test_chances_told_from_counts_are_right_on_average_in_the_week_after(grown: tuple[World, Lines]) -> None:
    world, lived = grown[0].copy(), grown[1]
    scores = CountedScores.fit(lived, 150, world.shop.family, world.day)
    history = CountedHistory.of(lived, 150, world.shop.family, world.day)
    pairs = history.candidates(history.seen)
    expected = scores.p_buy(history, pairs)
    week = world.live(7)
    bought = np.zeros((150, len(world.shop.family)), np.bool_)
    bought[week.household, week.product] = True
    came = bought[pairs.household, pairs.product]

    assert came.sum() == pytest.approx(expected.sum(), rel=0.25)
    assert expected[came].mean() > 2 * expected[~came].mean()


def test_the_long_silent_are_likelier_to_stay_silent(grown: tuple[World, Lines]) -> None:
    world, lived = grown
    scores = CountedScores.fit(lived, 150, world.shop.family, world.day)
    history = CountedHistory.of(lived, 150, world.shop.family, world.day)
    rows = history.seen
    silent = world.day - history.last_visit[rows] > 21
    chance = scores.p_churn(history, rows)

    assert chance[silent].mean() > chance[~silent].mean()
