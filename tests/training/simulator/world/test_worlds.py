"""Each world keeps the promise of its name, at a size that a test can afford."""

from functools import cache

import pytest

from tests.training.simulator.conftest import Life, changed, lived
from training.simulator.world.world import World
from training.simulator.world.world_files import load_world

pytestmark = pytest.mark.slow

HOUSEHOLDS, BURN_IN, WEEKS = 250, 84, 8


@cache
def life(name: str, depth_bp: int) -> Life:
    """Weeks in a world of thirty families under offers of a depth on everybody's habits; 0 for none."""
    parameters = changed(load_world(name), {"assortment": {"families": 30, "products_per_family": 8.0}})
    world = World.new(parameters, HOUSEHOLDS, seed=4)
    world.live(BURN_IN)
    return lived(world, depth_bp, WEEKS)


@pytest.mark.parametrize("depth_bp", [1000, 2000])
def test_promotions_never_pay(depth_bp: int) -> None:
    assert life("promotions_never_pay", depth_bp).margin_minor < life("promotions_never_pay", 0).margin_minor


def test_where_promotions_never_pay_they_bring_nobody_to_the_shop() -> None:
    assert life("promotions_never_pay", 2000).visits <= life("promotions_never_pay", 0).visits


def test_where_promotions_never_pay_what_was_stocked_up_is_missing_later() -> None:
    assert life("promotions_never_pay", 5000).units_after < life("promotions_never_pay", 0).units_after


def test_churn_can_be_stopped() -> None:
    assert life("churn_can_be_stopped", 2000).here > life("churn_can_be_stopped", 0).here + 0.02


def test_deal_seekers_come_for_the_deals() -> None:
    assert life("deal_seekers", 2000).visits > life("deal_seekers", 0).visits
