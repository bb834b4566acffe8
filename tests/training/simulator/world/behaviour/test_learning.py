import numpy as np
import pytest

from tests.training.simulator.conftest import changed
from training.simulator.world.behaviour.learning import (
    closed,
    complains,
    faded_habit,
    felt_after_visit,
    learnt_reference,
    pleased_by_offers,
    recommends,
    remembered,
    taught_habit,
    tired,
    usual_basket,
)
from training.simulator.world.world_parameters import WorldParameters


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_habit_of_what_is_always_bought_stays_one(small: WorldParameters) -> None:
    always = faded_habit(floats(1), small.choice) + taught_habit(np.array([False]), small.choice)

    assert always == pytest.approx([1])


def test_what_was_once_bought_never_counts_as_never_bought(small: WorldParameters) -> None:
    habit = floats(0.2)
    for _ in range(500):
        habit = faded_habit(habit, small.choice)

    assert habit[0] > 0


def test_what_was_never_bought_has_no_habit_to_fade(small: WorldParameters) -> None:
    assert faded_habit(floats(0), small.choice).tolist() == [0]


def test_a_purchase_on_deal_teaches_its_share_of_a_habit(small: WorldParameters) -> None:
    halved = changed(small, {"choice": {"habit_from_deal": 0.5}}).choice
    plain, on_deal = taught_habit(np.array([False, True]), halved)

    assert on_deal == pytest.approx(plain / 2)


def test_the_price_expected_moves_towards_the_price_paid(small: WorldParameters) -> None:
    slow = changed(small, {"choice": {"reference_memory": 0.75}}).choice

    assert learnt_reference(floats(1.0), floats(0.8), slow) == pytest.approx([0.95])


def test_satisfaction_remembers_and_rises_with_what_was_saved(small: WorldParameters) -> None:
    feelings = changed(
        small, {"feelings": {"satisfaction_memory": 0.9, "experience_sd": 1.0, "gain_weight": 2.0}}
    ).feelings

    felt = felt_after_visit(
        floats(1, 0, 0, 0), floats(0, 1, 0, 0), floats(0, 0, 0.5, 0), floats(0, 0, 0, -2), feelings
    )

    assert felt == pytest.approx([0.9, 0.1, 0.1, -0.2])


def test_offers_used_please_and_offers_not_used_annoy(small: WorldParameters) -> None:
    feelings = changed(small, {"feelings": {"useful_weight": 0.6, "useless_weight": 0.3}}).feelings

    pleased = pleased_by_offers(floats(6, 6, 6, 0), floats(6, 2, 0, 0), feelings)

    assert pleased == pytest.approx([0.6, 0.6 / 3 - 0.3 * 2 / 3, -0.3, 0], abs=1e-6)


def test_the_satisfied_complain_less(small: WorldParameters) -> None:
    just_above = floats(small.feelings.complaint_share * 1.01)

    assert not complains(floats(0), just_above, small.feelings)[0]
    assert complains(floats(-1), just_above, small.feelings)[0]


def test_complaints_are_closed_after_their_mean_on_average(small: WorldParameters) -> None:
    rate = 1 / small.feelings.complaint_days

    assert closed(floats(rate * 0.9, rate * 1.1), small.feelings).tolist() == [True, False]


def test_fatigue_halves_in_its_half_life_and_strangers_and_the_useless_tire_more(
    small: WorldParameters,
) -> None:
    feelings = changed(
        small,
        {
            "feelings": {
                "fatigue_days": 1.0,
                "fatigue_per_offer": 0.1,
                "fatigue_strangers": 2.0,
                "fatigue_useless": 3.0,
            }
        },
    ).feelings

    found = tired(floats(1, 0, 0, 0), floats(0, 6, 6, 6), floats(0, 0, 3, 0), floats(0, 0, 0, 2), feelings)

    assert found == pytest.approx([0.5, 0.6, 1.2, 1.2])


def test_a_reward_counts_in_tenths_of_a_usual_basket(small: WorldParameters) -> None:
    feelings = changed(small, {"feelings": {"reward_days": 1.0}}).feelings

    assert remembered(floats(1, 0), floats(0, 150), floats(3000, 3000), feelings) == pytest.approx([0.5, 0.5])


def test_the_first_basket_is_the_usual_one_until_there_are_more() -> None:
    assert usual_basket(floats(0, 1000), floats(4000, 2000)) == pytest.approx([4000, 1100])


def test_answers_lie_between_0_and_10_and_rise_with_satisfaction() -> None:
    assert recommends(floats(-9, 0, 1, 9), floats(0, 0, 0, 0)).tolist() == [0, 8, 9, 10]
