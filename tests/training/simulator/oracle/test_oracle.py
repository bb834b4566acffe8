"""The oracle on a small world, with bundles of the five best candidates of everybody."""

import json

import numpy as np
import pandas as pd
import pytest

from training.simulator.oracle.bundle_plans import PLANS, Evening
from training.simulator.oracle.oracle import Lessons, Oracle, lessons_as_dict, lessons_from
from training.simulator.oracle.rollout import Lesson
from training.simulator.oracle.true_value_rule import TrueValueRule
from training.simulator.world.world import World
from training.simulator.world.world_parameters import WorldParameters

MANY, EACH = 30, 8
DEPTHS = np.array([1000, 2000])


@pytest.fixture(scope="module")
def evening(small: WorldParameters) -> World:
    world = World.new(small, MANY, 4)
    world.live(42)
    return world


def candidates(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Ids of each household's strongest habits, sorted by household."""
    best = np.argsort(-world.state.habit, axis=1)[:, :EACH].ravel()
    customers, products = (np.array(ids, dtype=object) for ids in (world.customer_id, world.shop.product_id))
    return np.repeat(customers, EACH), products[best]


def best_five(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    depth = values.argmax(axis=1)
    best = pd.Series(values.max(axis=1)).groupby(np.repeat(np.arange(MANY), EACH))
    chosen = best.rank(method="first", ascending=False) <= 5
    return chosen.to_numpy() & np.isfinite(values.max(axis=1)), depth


def values_of(world: World, lessons: Lessons | None, days_left: int = 100) -> tuple[np.ndarray, Oracle]:
    oracle = Oracle(world, days_left, lessons)
    customer_id, item_id = candidates(world)
    allowed = np.ones((len(item_id), len(DEPTHS)), dtype=np.bool_)
    return oracle.values(customer_id, item_id, DEPTHS, allowed, best_five), oracle


def lessons(**gain_of_every_bundle: float) -> Lessons:
    """As if everybody's bundle by a plan gained so much, surely, and kept nobody."""
    nothing = Lesson(np.zeros(3), np.zeros((3, 3)))
    return {
        plan: (
            Lesson(np.array([gain_of_every_bundle.get(plan, -1.0), 0.0, 0.0, 0.0]), np.zeros((4, 4))),
            nothing,
        )
        for plan in PLANS
    }


def test_where_every_plan_loses_nobody_gets_a_bundle(evening: World) -> None:
    values, oracle = values_of(evening, lessons())
    assert np.isneginf(values).all()
    assert oracle.foresight is not None
    assert oracle.foresight.bundles == dict.fromkeys(PLANS, 0)


def test_everybody_gets_the_plan_that_gains_most_and_its_gain_is_shared_by_its_items(evening: World) -> None:
    values, oracle = values_of(evening, lessons(items=5.0, rewards=20.0))
    assert oracle.foresight is not None
    assert oracle.foresight.bundles == dict.fromkeys(PLANS, 0) | {"rewards": MANY}
    assert (np.isfinite(values).sum(axis=1).reshape(MANY, EACH).sum(axis=1) == 5).all()
    assert np.allclose(values[np.isfinite(values)], 4.0)
    assert oracle.foresight.gain_minor == pytest.approx(20.0 * MANY)


def test_a_gain_within_its_error_is_not_taken(evening: World) -> None:
    unsure = lessons(items=5.0)
    unsure["items"] = (Lesson(unsure["items"][0].coefficients, np.diag([9.0, 0, 0, 0])), unsure["items"][1])
    assert np.isneginf(values_of(evening, unsure)[0]).all()


def test_keeping_a_customer_is_worth_the_days_that_are_left(evening: World) -> None:
    keeps = lessons()
    keeps["rewards"] = (keeps["rewards"][0], Lesson(np.array([0.1, 0.0, 0.0]), np.zeros((3, 3))))
    gains = []
    for days_left in (40, 100):
        foresight = values_of(evening, keeps, days_left)[1].foresight
        assert foresight is not None
        gains.append(foresight.gain_minor)
    assert 0 < gains[0] < gains[1]


def test_without_lessons_the_oracle_lives_on_and_learns_them(evening: World) -> None:
    _, oracle = values_of(evening, None)
    assert oracle.lessons is not None
    assert set(oracle.lessons) == set(PLANS)
    assert all(np.isfinite(both[0].coefficients).all() for both in oracle.lessons.values())


def test_lessons_survive_being_written_down() -> None:
    known = lessons(items=2.5)
    again = lessons_from(json.loads(json.dumps(lessons_as_dict(known))))
    assert again is not None
    assert np.array_equal(again["items"][0].coefficients, known["items"][0].coefficients)
    assert lessons_from(lessons_as_dict(None)) is None


def test_lessons_of_other_plans_are_learnt_anew() -> None:
    written = lessons_as_dict(lessons(items=2.5))
    assert written is not None
    del written["loved"]
    assert lessons_from(written) is None


def night(world: World) -> Evening:
    customer_id, item_id = candidates(world)
    allowed = np.ones((len(item_id), len(DEPTHS)), dtype=np.bool_)
    return Evening.of(world, customer_id, item_id, DEPTHS, allowed, best_five)


def test_plans_give_away_most_save_most_of_what_is_loved_and_differ(evening: World) -> None:
    at = night(evening)
    plans, worth = at.plans, at.worth
    saved = evening.state.habit[at.household, at.product]

    def mean(plan: str, of: np.ndarray) -> float:
        return float(of[plans[plan].rows, plans[plan].depth[plans[plan].rows]].mean())

    for_everybody = [plan for plan in PLANS if plan not in {"win_back", "thank_you"}]
    assert mean("rewards", worth.reward_minor) == max(
        mean(plan, worth.reward_minor) for plan in for_everybody
    )
    assert mean("dear", worth.reward_minor) < mean("rewards", worth.reward_minor)
    assert saved[plans["loved"].rows].mean() > saved[plans["items"].rows].mean()


def test_who_is_silent_is_won_back_and_who_comes_as_ever_is_thanked(evening: World) -> None:
    at = night(evening)
    silent_gaps = (evening.day - evening.state.last_visit) / evening.traits.gap_days
    won_back, thanked = (np.unique(at.household[at.plans[plan].rows]) for plan in ("win_back", "thank_you"))

    assert len(won_back) > 0
    assert set(np.flatnonzero(silent_gaps > 2)) <= set(won_back)
    assert 0 < len(thanked) <= MANY // 3
    assert silent_gaps[thanked].max() <= 1


def test_a_plan_that_few_households_lived_is_not_taken_for_sure() -> None:
    few = Lesson.learn(np.array([[900.0, 800.0, 900.0]]), np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]]))

    assert few.expect(np.array([[1.0, 2.0]])) == [0.0]
    assert few.error(np.array([[1.0, 2.0]]))[0] > 1e5


def test_a_rule_may_weigh_the_bundles_of_one_plan_only(evening: World) -> None:
    at = night(evening)
    values = TrueValueRule(visits=1.0, rewards=5.0, plan="thank_you").values(at)
    given = np.unique(at.household[np.isfinite(values).any(axis=1)])

    assert set(given) <= set(at.household[at.plans["thank_you"].rows])
    assert len(given) > 0


def test_a_rule_that_counts_nothing_for_visits_and_rewards_gives_what_gains_by_itself(evening: World) -> None:
    at = night(evening)
    values = TrueValueRule(visits=0.0, rewards=0.0).values(at)
    plan = at.plans["items"]
    gaining = at.total(plan, at.worth.gain_minor) > 0

    given = np.isfinite(values).any(axis=1)
    assert set(at.household[given]) == set(np.flatnonzero(gaining))


def test_a_rule_that_fears_every_offer_gives_none(evening: World) -> None:
    assert np.isneginf(
        TrueValueRule(visits=1.0, rewards=1.0, an_offer_minor=1e6).values(night(evening))
    ).all()


def test_a_rule_that_loves_rewards_gives_everybody_a_bundle_who_can_come(evening: World) -> None:
    at = night(evening)
    given = np.isfinite(TrueValueRule(visits=1.0, rewards=50.0).values(at)).any(axis=1)
    can_use = at.total(at.plans["rewards"], at.worth.reward_minor) > 0

    assert can_use.sum() > MANY / 2
    assert set(at.household[given]) == set(np.flatnonzero(can_use))
