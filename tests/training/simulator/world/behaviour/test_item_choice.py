import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.training.simulator.conftest import changed
from training.simulator.world.behaviour.item_choice import (
    acquired_utility,
    best,
    inclusive_gain,
    pointed_at,
    price_response,
    probabilities,
)
from training.simulator.world.draws import Purpose, gumbel, keyed
from training.simulator.world.world_parameters import WorldParameters

ONE = np.ones(1, np.float32)


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def response(price: float, reference: float, parameters: WorldParameters, habit: float = 0.0) -> float:
    return float(
        price_response(floats(price), floats(reference), floats(habit), floats(2), parameters.choice)[0]
    )


def test_habit_speaks_for_what_was_bought_and_the_taste_for_novelty_for_what_never_was() -> None:
    assert acquired_utility(floats(0.5, 0), floats(3, 3), floats(-1, -1)).tolist() == [1.5, -1]


def test_the_shelf_price_that_is_expected_moves_nothing(small: WorldParameters) -> None:
    assert response(1.0, 1.0, small) == pytest.approx(0)


def test_without_a_reference_the_response_is_the_weight_times_the_log_price(small: WorldParameters) -> None:
    plain = changed(small, {"choice": {"reference_share": 0.0}})

    assert response(0.8, 0.9, plain) == pytest.approx(2 * np.log(1 / 0.8), rel=1e-5)


def test_a_shelf_price_above_the_one_expected_loses_more_than_as_much_below_it_gains(
    small: WorldParameters,
) -> None:
    only_reference = changed(small, {"choice": {"reference_share": 1.0, "loss_aversion": 2.0}})

    assert response(1.0, 0.8, only_reference) == pytest.approx(
        -2 * response(0.8, 1.0, only_reference), rel=1e-5
    )


def test_habit_damps_the_response_to_price(small: WorldParameters) -> None:
    damped = changed(small, {"choice": {"habit_damps_price": 0.5}})

    assert response(0.8, 1.0, damped, habit=1.0) == pytest.approx(0.5 * response(0.8, 1.0, damped), rel=1e-5)


def test_mailer_and_personal_offer_point_at_an_item(small: WorldParameters) -> None:
    pointed = changed(small, {"choice": {"mailer_weight": 0.3, "offer_weight": 0.2}})
    none, both = np.array([False]), np.array([True])

    assert pointed_at(none, none, pointed.choice).tolist() == [0]
    assert pointed_at(both, both, pointed.choice) == pytest.approx([0.5])


def test_probabilities_are_the_logit_of_each_family() -> None:
    """Two families: utilities 0 and log 3; a single item."""
    assert probabilities(floats(0, np.log(3), 7), np.array([0, 2])) == pytest.approx([0.25, 0.75, 1])


def test_a_gain_on_an_item_raises_its_family_by_the_items_share() -> None:
    """An item with a quarter of the choices becomes worth as much as 3 of it: 1/4 x 3 + 3/4."""
    gain = inclusive_gain(floats(0, np.log(3)), floats(np.log(3), 0), np.array([0]))

    assert gain == pytest.approx([np.log(1.5)])


SMALL_FLOATS = st.floats(-5, 5, width=32)


@given(arrays(np.float32, 6, elements=SMALL_FLOATS), arrays(np.float32, 6, elements=SMALL_FLOATS))
def test_a_familys_gain_never_exceeds_its_largest_response(utility: np.ndarray, respond: np.ndarray) -> None:
    gains = inclusive_gain(utility, respond, np.array([0, 2]))

    assert gains[0] <= respond[:2].max() + 1e-4
    assert gains[1] <= respond[2:].max() + 1e-4


def test_the_best_with_gumbel_draws_added_is_a_draw_of_the_logit() -> None:
    utility = np.tile(floats(0, 1, 2), 20_000)
    perturbed = utility + gumbel(keyed(1, Purpose.CHOICE, np.arange(60_000)))

    chosen = best(perturbed, np.arange(0, 60_000, 3)) % 3

    shares = np.bincount(chosen) / 20_000
    assert shares == pytest.approx(probabilities(floats(0, 1, 2), np.array([0])), abs=0.01)


def test_of_equals_the_first_is_the_best() -> None:
    assert best(floats(1, 1, 0, 2, 2), np.array([0, 3])).tolist() == [0, 3]
