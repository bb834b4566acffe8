import numpy as np
import pytest

from training.simulator.world.behaviour.dropout import dropout_probability
from training.simulator.world.world_files import load_world
from training.simulator.world.world_parameters import WorldParameters

USUAL = {"satisfaction": 0.0, "complaint": False, "fatigue": 0.0, "reward": 0.0}


def leaving(parameters: WorldParameters, **moved: float | bool) -> float:
    state = {name: np.array([value]) for name, value in (USUAL | moved).items()}
    return float(dropout_probability(np.array([0.01], np.float32), parameters=parameters.dropout, **state)[0])


def test_a_household_moved_by_nothing_leaves_by_its_own_hazard(small: WorldParameters) -> None:
    assert leaving(small) == pytest.approx(1 - np.exp(-0.01))


@pytest.mark.parametrize(
    ("moved", "more"),
    [
        ({"satisfaction": 1.0}, False),
        ({"complaint": True}, True),
        ({"fatigue": 1.0}, True),
        ({"reward": 1.0}, False),
    ],
    ids=["satisfaction", "complaint", "fatigue", "reward"],
)
def test_what_moves_a_household_to_leave(
    moved: dict[str, float | bool], more: bool, small: WorldParameters
) -> None:
    assert (leaving(small, **moved) > leaving(small)) == more


def test_where_promotions_never_pay_a_reward_keeps_nobody() -> None:
    world = load_world("promotions_never_pay")

    assert leaving(world, reward=5.0) == leaving(world)
