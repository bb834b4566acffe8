"""Who is exposed while it is not known whether offers pay: a sum that is not exceeded by much, and states that are told."""

import numpy as np
import pytest

from models.ground.errors import BadArtifact
from models.response.exposure import Exposure, LearningNight, LearningState, by_night, uniforms


def test_exploring_goes_on_at_the_first_share_until_the_sum_is_nearly_spent_and_then_stops() -> None:
    exposure, states = Exposure.first(0.2, sum_minor=1_000.0), []
    for _ in range(4):
        exposure = exposure.after(might_cost_minor=2_000.0, share_paying=0.0)
        states.append((exposure.state, round(exposure.share, 3)))

    assert states == [
        (LearningState.EXPLORING, 0.2),
        (LearningState.EXPLORING, 0.1),
        (LearningState.STOPPED, 0.0),
        (LearningState.STOPPED, 0.0),
    ]
    assert exposure.spent_minor == 1_000.0


def test_a_programme_pays_as_soon_as_a_bundle_surely_does_and_explores_again_when_none_does() -> None:
    exposure = Exposure.first(0.2, sum_minor=1_000.0)

    paying = exposure.after(might_cost_minor=1_000.0, share_paying=0.3)
    again = paying.after(might_cost_minor=1_000.0, share_paying=0.0)

    assert (paying.state, again.state) == (LearningState.PAYING, LearningState.EXPLORING)


def test_without_a_sum_nothing_is_explored() -> None:
    assert Exposure.first(0.2, sum_minor=0.0).state is LearningState.STOPPED


def test_a_lot_is_drawn_once_for_each_customer_and_salt() -> None:
    names = [f"c{number}" for number in range(2_000)]

    drawn, again = uniforms(names, b"salt"), uniforms(names[::-1], b"salt")[::-1]

    assert np.array_equal(drawn, again)
    assert abs(drawn.mean() - 0.5) < 0.02
    assert abs(np.corrcoef(drawn, uniforms(names, b"other"))[0, 1]) < 0.06


def test_an_exposure_survives_json() -> None:
    exposure = Exposure.first(0.2, sum_minor=10.0)

    assert Exposure.read(exposure.as_dict()) == exposure


def test_what_nights_spent_stays_spent_whatever_the_share_is_now() -> None:
    nights = [LearningNight("2024-03-31.1", 0.5, 200.0, 0.0), LearningNight("2024-04-07.1", 0.1, 200.0, 0.0)]

    states = by_night(Exposure.first(0.2, 130.0, "words"), nights)

    assert [state.spent_minor for state in states] == [0.0, 100.0, 120.0]
    assert [round(state.share, 3) for state in states] == [0.2, 0.15, 0.05]
    assert {state.salt for state in states} == {"words"}


def test_a_night_that_says_something_else_of_learning_is_named() -> None:
    with pytest.raises(BadArtifact, match=r"run 2024-03-31.1 says of learning .*bring its manifest back"):
        LearningNight.told("2024-03-31.1", {"share": 0.5})
