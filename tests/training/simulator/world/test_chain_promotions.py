import numpy as np
import pytest

from tests.training.simulator.conftest import changed
from training.simulator.world.chain_promotions import Week, open_week, plan_promotions
from training.simulator.world.simulated_shop import SimulatedShop, open_shop
from training.simulator.world.world_files import load_world
from training.simulator.world.world_parameters import WorldParameters

SEED = 3


def weeks_of(shop: SimulatedShop, parameters: WorldParameters) -> list[Week]:
    """The first twenty weeks."""
    calendar = plan_promotions(shop, parameters.promotions, SEED)
    return [open_week(shop, calendar, parameters.promotions, SEED, week) for week in range(20)]


def test_promotions_come_as_often_and_as_deep_as_the_world_says() -> None:
    parameters = changed(
        load_world("calibrated"),
        {"promotions": {"product_share": 0.3, "depths_bp": (2000,), "depth_weights": (1.0,)}},
    )
    shop = open_shop(parameters, SEED)
    weeks = weeks_of(shop, parameters)

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
    promoted = np.array([week.promo_minor > 0 for week in weeks_of(shop, parameters)])

    again = (promoted[1:] & promoted[:-1]).sum() / promoted[:-1].sum()
    assert again == pytest.approx(5 / 6, abs=0.02)


def test_only_what_is_promoted_stands_in_the_mailer(small: WorldParameters) -> None:
    shop = open_shop(small, SEED)
    week = weeks_of(shop, changed(small, {"promotions": {"mailer_share": 1.0}}))[1]

    assert week.mailer.tolist() == (week.promo_minor > 0).tolist()


def test_a_familys_best_gain_is_that_of_its_deepest_promotion(small: WorldParameters) -> None:
    shop = open_shop(small, SEED)
    week = weeks_of(shop, small)[4]

    cheapest = np.array([week.price_share[shop.family == family].min() for family in range(12)])
    assert cheapest.min() < 1
    assert week.best_gain == pytest.approx(-np.log(cheapest))
