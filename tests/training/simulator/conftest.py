from typing import Any

import pytest

from training.simulator.parameters import WorldParameters, load_world
from training.simulator.world import World

SMALL = {"assortment": {"families": 12, "products_per_family": 5.0}}


def changed(parameters: WorldParameters, changes: dict[str, dict[str, Any]]) -> WorldParameters:
    """The world with other values in some sections, checked like a file."""
    tree = parameters.model_dump()
    for section, values in changes.items():
        tree[section] |= values
    return WorldParameters.model_validate(tree)


@pytest.fixture(scope="session")
def small() -> WorldParameters:
    """The calibrated world with twelve families of about five products."""
    return changed(load_world("calibrated"), SMALL)


@pytest.fixture
def world(small: WorldParameters) -> World:
    """Sixty households of the small world after four weeks."""
    lived = World.new(small, households=60, seed=5)
    lived.live(28)
    return lived
