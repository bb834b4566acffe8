import numpy as np
import pytest

from tests.training.simulator.conftest import changed
from training.simulator.world.households import draw_state, draw_traits
from training.simulator.world.simulated_shop import open_shop
from training.simulator.world.world_parameters import WorldParameters

SEED = 3


def test_a_household_is_the_same_however_many_there_are(small: WorldParameters) -> None:
    shop = open_shop(small, SEED)
    few, many = draw_traits(shop, small, np.arange(5), SEED), draw_traits(shop, small, np.arange(50), SEED)

    assert many.units_per_day[:5].tolist() == few.units_per_day.tolist()
    assert (
        draw_state(shop, many, small, SEED).habit[:5].tolist()
        == draw_state(shop, few, small, SEED).habit.tolist()
    )


def test_households_differ_as_much_as_the_world_says(small: WorldParameters) -> None:
    spread = changed(small, {"visits": {"gap_days": 10.0, "gap_sd_log": 0.7}})
    gaps = draw_traits(open_shop(spread, SEED), spread, np.arange(4000), SEED).gap_days

    assert np.median(gaps) == pytest.approx(10, rel=0.05)
    assert np.log(gaps).std() == pytest.approx(0.7, rel=0.05)


def test_weights_of_money_and_time_are_one_on_average(small: WorldParameters) -> None:
    traits = draw_traits(open_shop(small, SEED), small, np.arange(4000), SEED)

    assert traits.money_weight.mean() == pytest.approx(1, abs=0.05)
    assert traits.time_weight.mean() == pytest.approx(1, abs=0.05)


def test_who_comes_rarely_uses_less_of_this_shop_and_leaves_sooner(small: WorldParameters) -> None:
    traits = draw_traits(open_shop(small, SEED), small, np.arange(2000), SEED)
    rare = traits.gap_days > np.median(traits.gap_days)

    assert traits.units_per_day[rare].mean() < traits.units_per_day[~rare].mean()
    assert traits.dropout_per_day[rare].mean() > traits.dropout_per_day[~rare].mean()


def test_the_share_that_joins_later_joins_within_the_days_given(small: WorldParameters) -> None:
    joining = changed(small, {"visits": {"joining_share": 0.5, "joining_days": 30}})
    day = draw_traits(open_shop(joining, SEED), joining, np.arange(2000), SEED).joined_day

    assert (day > 0).mean() == pytest.approx(0.5, abs=0.05)
    assert day.max() == 30


def test_a_family_is_known_by_at_most_two_items_at_first_and_only_where_it_is_used(
    small: WorldParameters,
) -> None:
    shop = open_shop(small, SEED)
    traits = draw_traits(shop, small, np.arange(100), SEED)
    known = np.add.reduceat(draw_state(shop, traits, small, SEED).habit > 0, shop.starts, axis=1)

    used = traits.units_per_day > 0
    assert known[~used].max() == 0
    assert set(known[used].tolist()) <= {1, 2}


def test_at_first_stocks_lie_between_nothing_and_the_usual(small: WorldParameters) -> None:
    shop = open_shop(small, SEED)
    traits = draw_traits(shop, small, np.arange(100), SEED)
    state = draw_state(shop, traits, small, SEED)

    usual = 1 + traits.units_per_day * traits.gap_days[:, None]
    assert (state.stock_units >= 0).all()
    assert (state.stock_units <= usual).all()
    assert state.last_visit.max() < 0
