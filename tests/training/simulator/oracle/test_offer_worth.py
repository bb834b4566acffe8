"""One-period values against the world itself: what the equations expect is what many futures do on average."""

import numpy as np
import pytest

from tests.training.simulator.conftest import changed
from training.simulator.oracle.offer_worth import expected_visits, worth
from training.simulator.oracle.rollout import roll_out
from training.simulator.world.offers_and_lines import PersonalOffers
from training.simulator.world.world import World
from training.simulator.world.world_files import load_world
from training.simulator.world.world_parameters import WorldParameters

MANY = 150
FUTURES = list(range(1, 9))
DEPTHS = np.array([1000, 2000])


@pytest.fixture(scope="module")
def subsidised() -> World:
    """A world in which offers bring nobody to the shop, after two months."""
    world = World.new(load_world("promotions_never_pay"), MANY, 2)
    world.live(56)
    return world


def habits(world: World) -> np.ndarray:
    return np.asarray(world.state.habit.argmax(axis=1))


def test_expected_visits_are_what_many_futures_bring(subsidised: World) -> None:
    came = np.zeros(MANY)
    for seed in FUTURES:
        lines = subsidised.with_future(seed).live(7)
        days = np.unique(np.column_stack([lines.household, lines.day]), axis=0)
        came += np.bincount(days[:, 0], minlength=MANY)
    expected = expected_visits(subsidised, 7, np.zeros(MANY, np.float32))
    assert expected.sum() == pytest.approx(came.sum() / len(FUTURES), rel=0.05)


def test_nobody_expects_a_household_that_has_left(small: WorldParameters) -> None:
    world = World.new(small, 10, 1)
    world.state.here[3] = False
    assert expected_visits(world, 7, np.zeros(10, np.float32))[3] == 0


def test_the_gain_of_an_offer_is_what_many_futures_gain_while_it_is_valid(
    subsidised: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.simulator.oracle.rollout.LIVED_DAYS", 7)
    household, product = np.arange(MANY), habits(subsidised)
    expected = worth(subsidised, household, product, DEPTHS, 4, 7).gain_minor[:, 1]
    offers = PersonalOffers(household, product, np.full(MANY, 2000), np.full(MANY, 4), household)
    lived = roll_out(subsidised, household, [offers], 7, FUTURES).lived[:, 0].sum(axis=1)
    error = lived.std(ddof=1) / np.sqrt(len(FUTURES))
    assert expected.sum() < 0
    # within luck, and a tenth for the dip, which comes later, and for cupboards and trips taken at their means
    assert abs(expected.sum() - lived.mean()) < 3 * error + 0.1 * abs(lived.mean())


def test_deeper_offers_give_more_away(subsidised: World) -> None:
    given = worth(subsidised, np.arange(MANY), habits(subsidised), DEPTHS, 4, 7).reward_minor
    assert (given >= 0).all()
    assert given[:, 1].sum() > 1.5 * given[:, 0].sum()


def test_offers_that_bring_nobody_have_no_attention_to_sell(subsidised: World) -> None:
    found = worth(subsidised, np.arange(MANY), habits(subsidised), DEPTHS, 4, 7)
    assert not found.attention_minor.any()


def test_attention_grows_with_the_saving_and_levels_off(small: WorldParameters) -> None:
    world = World.new(small, MANY, 2)
    world.live(56)
    found = worth(world, np.arange(MANY), habits(world), DEPTHS, 4, 7)
    little, more, most = (
        found.attention(np.full(MANY, float(saving))).sum() for saving in (50, 100, 1_000_000)
    )
    assert 0 < little < more < 2 * little
    assert most == pytest.approx(found.attention_minor.sum(), rel=0.01)


def test_a_saving_is_worth_what_it_is_beyond_what_everybody_gets(small: WorldParameters) -> None:
    keys = {"attention": {"on_habit": 1.0, "on_chance": 0.0}}
    tenth = {"promotions": {"depths_bp": (1000,), "depth_weights": (1.0,), "product_share": 0.5}}
    world = World.new(changed(small, keys | tenth), MANY, 2)
    world.live(56)
    promoted = np.where(world.week().promo_minor > 0, world.state.habit, 0).argmax(axis=1)
    chain, alone = world.copy(), world.copy()
    alone.promote_nothing_this_week()
    beside, by_itself = (
        worth(one, np.arange(MANY), promoted, DEPTHS, 4, 7).saving_minor for one in (chain, alone)
    )

    assert not beside[:, 0].any()
    assert beside[:, 1].sum() == pytest.approx(by_itself[:, 0].sum(), rel=0.01)
