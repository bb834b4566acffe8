"""A bundle lived on: what it gains is a difference on the same dice, and a lesson is a line through many of them."""

import numpy as np
import pytest

from training.simulator.oracle.rollout import Lesson, roll_out
from training.simulator.world.offers_and_lines import PersonalOffers, no_offers
from training.simulator.world.world import World
from training.simulator.world.world_parameters import WorldParameters

MANY = 40


@pytest.fixture(scope="module")
def grown(small: WorldParameters) -> World:
    world = World.new(small, MANY, 1)
    world.live(30)
    return world


def on_everybodys_habit(world: World, discount_bp: int) -> PersonalOffers:
    return PersonalOffers(
        household=np.arange(MANY),
        product=world.state.habit.argmax(axis=1),
        discount_bp=np.full(MANY, discount_bp),
        max_units=np.full(MANY, 4),
        offer_no=np.arange(MANY),
    )


def test_a_plan_without_offers_gains_nothing_in_any_future(grown: World) -> None:
    futures = roll_out(grown, np.arange(MANY), [no_offers()], 7, [1, 2])
    assert not futures.lived.any()
    assert not futures.kept.any()


def test_giving_everything_away_loses_money_and_more_futures_tell_other_amounts(grown: World) -> None:
    futures = roll_out(grown, np.arange(MANY), [on_everybodys_habit(grown, 9000)], 7, [1, 2])
    assert (futures.lived[:, 0].sum(axis=1) < 0).all()
    assert not np.array_equal(futures.lived[0], futures.lived[1])


def test_the_world_that_is_lived_on_stays_as_it_was(grown: World) -> None:
    before, day = grown.state.stock_units.copy(), grown.day
    roll_out(grown, np.arange(MANY), [on_everybodys_habit(grown, 1000)], 7, [1])
    assert np.array_equal(grown.state.stock_units, before)
    assert grown.day == day


def test_a_household_gains_the_same_whoever_else_is_lived_on(grown: World) -> None:
    offers = on_everybodys_habit(grown, 2000)
    everybody = roll_out(grown, np.arange(MANY), [offers], 7, [3]).lived[0, 0]
    one = PersonalOffers(np.zeros(1, np.int64), *(column[5:6] for column in list(vars(offers).values())[1:]))
    alone = roll_out(grown, np.array([5]), [one], 7, [3])
    assert alone.lived[0, 0, 0] == everybody[5]


def test_a_lesson_finds_the_line_and_its_error() -> None:
    rng = np.random.default_rng(1)
    known = rng.normal(size=(4000, 1))
    gained = 3.0 + 2.0 * known[:, 0] + rng.normal(scale=10.0, size=(2, 4000))
    lesson = Lesson.learn(gained, known)
    assert np.abs(lesson.coefficients - [3.0, 2.0]).max() < 0.5
    assert lesson.error(np.zeros((1, 1)))[0] == pytest.approx(10 / np.sqrt(8000), rel=0.1)


def test_the_error_of_a_sum_counts_that_households_share_one_lesson() -> None:
    lesson = Lesson(np.array([1.0, 0.0]), np.array([[4.0, 0.0], [0.0, 0.0]]))
    assert lesson.error_of_sum(np.zeros((10, 1))) == 20.0
