from dataclasses import replace

import numpy as np
import pytest

from models.tables import PRODUCT_FLAGS
from tests.training.simulator.conftest import changed
from training.simulator.parameters import WorldParameters, load_world
from training.simulator.shop import margin_minor, open_shop, open_week, part_minor

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


def test_promotions_come_as_often_and_as_deep_as_the_world_says() -> None:
    parameters = changed(
        load_world("calibrated"),
        {"promotions": {"product_share": 0.3, "depths_bp": (2000,), "depth_weights": (1.0,)}},
    )
    shop = open_shop(parameters, SEED)
    weeks = [open_week(shop, parameters, SEED, week) for week in range(20)]

    promoted = np.array([week.promo_minor > 0 for week in weeks])
    assert promoted.mean() == pytest.approx(0.3, abs=0.02)
    assert weeks[0].price_share[promoted[0]] == pytest.approx(0.8, abs=0.03)


def test_promotions_last_as_many_weeks_as_the_world_says() -> None:
    """At half of all turns, and 3 weeks a turn, a promoted product is promoted next week in 2/3 + 1/3 x 1/2."""
    parameters = changed(
        load_world("calibrated"),
        {"promotions": {"product_share": 0.5, "concentration": 1000.0, "weeks": 3.0}},
    )
    shop = open_shop(parameters, SEED)
    promoted = np.array([open_week(shop, parameters, SEED, week).promo_minor > 0 for week in range(20)])

    again = (promoted[1:] & promoted[:-1]).sum() / promoted[:-1].sum()
    assert again == pytest.approx(5 / 6, abs=0.02)


def test_only_what_is_promoted_stands_in_the_mailer(small: WorldParameters) -> None:
    shop = open_shop(small, SEED)
    week = open_week(shop, changed(small, {"promotions": {"mailer_share": 1.0}}), SEED, 1)

    assert week.mailer.tolist() == (week.promo_minor > 0).tolist()


def test_a_familys_best_gain_is_that_of_its_deepest_promotion(small: WorldParameters) -> None:
    shop = open_shop(small, SEED)
    week = open_week(shop, small, SEED, 4)

    cheapest = np.array([week.price_share[shop.family == family].min() for family in range(12)])
    assert cheapest.min() < 1
    assert week.best_gain == pytest.approx(-np.log(cheapest))
