"""The policy `value` lives in the fast loop: it learns by lot, within its sum, and goes on from its memory."""

from functools import cache

import numpy as np
import pytest

from models.response.exposure import LearningState
from training.simulator.loop.fast_weeks import FastShop
from training.simulator.loop.learner import policy_named
from training.simulator.loop.policy_memory import Memory
from training.simulator.loop.value_learner import ValueLearner
from training.simulator.oracle.oracle import Oracle
from training.simulator.scores.forecasts import Forecast
from training.simulator.scores.policy_scores import margin
from training.simulator.world.world_files import load_world

HOUSEHOLDS = 150


@cache
def shop() -> FastShop:
    return FastShop.open(load_world("promotions_never_pay"), HOUSEHOLDS, 5)


def begun(learner: ValueLearner) -> ValueLearner:
    learner.begin(
        np.array(shop().world.customer_id, dtype=object), shop().lines_before, shop().price_response
    )
    return learner


def test_where_offers_never_pay_a_few_are_tried_and_then_nobody() -> None:
    learner = ValueLearner(first_share=0.3, learning_minor=3.0)

    lived = shop().live(learner, 3)

    served = lived.offers.groupby("first_day")["household"].nunique()
    assert 0 < served.iloc[0] < 0.45 * HOUSEHOLDS
    assert learner.states[0] is LearningState.EXPLORING
    loss = (margin(shop().without(3)) - margin(lived)).mean()
    assert loss < 30.0  # minor units a customer: the year's margin is some thousands


def test_a_week_that_no_bundle_touches_has_no_forecast() -> None:
    heard: dict[int, Forecast] = {}

    shop().live(ValueLearner(first_share=0.3, learning_minor=0.0), 2, heard=heard)
    assert heard == {}

    shop().live(ValueLearner(first_share=0.3, learning_minor=0.5), 2, heard=heard)
    assert heard[0].low_minor < 0 < heard[0].high_minor


def test_without_a_sum_for_learning_nobody_is_offered_anything() -> None:
    lived = shop().live(ValueLearner(learning_minor=0.0), 2)

    assert len(lived.offers) == 0


def test_a_learner_goes_on_from_its_memory_as_if_it_had_never_stopped(
    tmp_path: pytest.TempPathFactory,
) -> None:
    first = begun(ValueLearner(first_share=0.3, learning_minor=50.0))
    week = shop().live(first, 1)
    first.memory().save(tmp_path / "memory")  # type: ignore[operator]
    again = ValueLearner()
    again.recall(Memory.load(tmp_path / "memory"))  # type: ignore[operator]

    assert again.memory().digest == first.memory().digest
    assert again.knowledge(1).digest == first.knowledge(1).digest
    assert len(week.offers) > 0


def test_it_is_found_by_its_name_and_gives_the_policy_with_its_parameters() -> None:
    found = policy_named("value")

    assert isinstance(found, ValueLearner)
    assert ValueLearner(assurance=1.0)(0, Oracle(shop().world, 0)).parameters["assurance"] == 1.0
