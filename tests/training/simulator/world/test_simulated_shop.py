from dataclasses import replace

import numpy as np
import pytest

from models.tables import PRODUCT_FLAGS
from tests.training.simulator.conftest import changed
from training.simulator.world.simulated_shop import margin_minor, open_shop, part_minor
from training.simulator.world.world_files import load_world
from training.simulator.world.world_parameters import WorldParameters

SEED = 3


def test_products_of_a_family_stand_side_by_side(small: WorldParameters) -> None:
    shop = open_shop(small, SEED)

    assert shop.family.tolist() == np.repeat(np.arange(12), shop.sizes).tolist()
    assert shop.family[shop.starts].tolist() == list(range(12))


def test_few_families_come_from_many_departments(small: WorldParameters) -> None:
    assert len(set(open_shop(small, SEED).department)) >= 6


def test_a_whole_grocer_has_thousands_of_products_under_ids_of_their_own() -> None:
    shop = open_shop(load_world("calibrated"), SEED)

    assert len(shop.product_id) > 2000
    assert len(set(shop.product_id)) == len(shop.product_id)


def test_flags_are_those_of_the_vocabulary() -> None:
    shop = open_shop(load_world("calibrated"), SEED)

    flags = {flag for flags in shop.flags for flag in flags.split(";") if flag}
    assert flags == {"alcohol", "own_brand"}
    assert flags <= set(PRODUCT_FLAGS)


def test_costs_leave_the_margin_that_the_world_assumes(small: WorldParameters) -> None:
    even = changed(small, {"margins": {"mean_share": 0.25, "sd_share": 0.0}})
    shop = open_shop(even, SEED)

    assert shop.cost_minor / shop.price_minor == pytest.approx(0.75, abs=0.03)


def test_a_line_leaves_what_was_paid_less_what_it_cost(small: WorldParameters) -> None:
    shop = replace(open_shop(small, SEED), cost_minor=np.array([70, 200]))

    assert margin_minor(shop, np.array([0, 1]), np.array([2, 1]), np.array([180, 150])).tolist() == [40, -50]


def test_a_half_is_rounded_up() -> None:
    assert part_minor(np.array([250, 249, 30]), np.array([1000, 1000, 1500])).tolist() == [25, 25, 5]
