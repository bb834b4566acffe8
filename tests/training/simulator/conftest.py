from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from training.simulator.world.offers_and_lines import PersonalOffers, personal_minor
from training.simulator.world.simulated_shop import margin_minor as margin_minor_of
from training.simulator.world.world import World
from training.simulator.world.world_files import load_world
from training.simulator.world.world_parameters import WorldParameters

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


@pytest.fixture(scope="session")
def after_four_weeks(small: WorldParameters) -> World:
    lived = World.new(small, households=60, seed=5)
    lived.live(28)
    return lived


@pytest.fixture
def world(after_four_weeks: World) -> World:
    """Sixty households of the small world after four weeks."""
    return after_four_weeks.copy()


@dataclass(frozen=True)
class Life:
    """What some weeks brought, all households together."""

    margin_minor: int
    visits: int
    here: float  # share still customers
    units_after: int  # in the four weeks after the last offer


def lived(world: World, depth_bp: int, weeks: int) -> Life:
    """Live weeks with offers at a depth on every household's six strongest habits (0: none), then four without."""
    world = world.copy()
    households = len(world.customer_id)
    margin_minor, visits = 0, 0
    for _ in range(weeks):
        items = np.argsort(-world.state.habit, axis=1)[:, :6].ravel()
        rows = np.repeat(np.arange(households), 6)
        count = len(rows)
        offers = PersonalOffers(rows, items, np.full(count, depth_bp), np.full(count, 3), np.arange(count))
        for _ in range(7):
            lines = world.shop_day(offers if depth_bp else None)
            off_minor = personal_minor(lines, offers) if depth_bp else np.zeros(len(lines), np.int64)
            world.pay(lines, off_minor)
            paid_minor = lines.shelf_price_minor * lines.units - lines.discount_minor(off_minor)
            margin_minor += int(margin_minor_of(world.shop, lines.product, lines.units, paid_minor).sum())
            visits += len(np.unique(lines.household))
    here = float(world.state.here.mean())
    return Life(margin_minor, visits, here, int(world.live(28).units.sum()))
