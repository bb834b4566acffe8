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


def test_where_offers_tire_useless_ones_cost_goodwill() -> None:
    assert life("offers_tire", 1000).here <= life("offers_tire", 0).here
    assert life("offers_tire", 2000).margin_minor < life("offers_tire", 0).margin_minor


def test_cherry_pickers_come_more_often_and_leave_less() -> None:
    assert life("cherry_pickers", 2000).visits > life("cherry_pickers", 0).visits
    assert life("cherry_pickers", 2000).margin_minor < life("cherry_pickers", 0).margin_minor


def test_loved_goods_bring_and_keep() -> None:
    assert life("loved_goods", 1000).visits > life("loved_goods", 0).visits
    assert life("loved_goods", 1000).here >= life("loved_goods", 0).here


def test_where_only_the_new_attracts_deals_on_habits_bring_hardly_anybody() -> None:
    more = life("novelty_attracts", 2000).visits - life("novelty_attracts", 0).visits
    loved = life("loved_goods", 2000).visits - life("loved_goods", 0).visits

    assert more < loved / 2
