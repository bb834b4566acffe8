import numpy as np
import pytest

from tests.training.simulator.conftest import changed
from training.simulator.world.chance_of_use import chances_of_use, offer_ties
from training.simulator.world.offers_and_lines import PersonalOffers, personal_minor
from training.simulator.world.shopping_trip import fill_baskets
from training.simulator.world.world import World
from training.simulator.world.world_parameters import WorldParameters

MANY, DICE = 150, 40


def loved(world: World) -> PersonalOffers:
    """Everybody's strongest and weakest habit at a fifth off."""
    order = np.argsort(-world.state.habit, axis=1, kind="stable")
    items = np.sort(order[:, [0, -1]], axis=1).ravel()
    count = len(items)
    return PersonalOffers(
        np.repeat(np.arange(MANY), 2), items, np.full(count, 2000), np.full(count, 2), np.arange(count)
    )


@pytest.fixture(scope="module")
def single_items(small: WorldParameters) -> World:
    """Two months of a world in which hardly a basket would be empty, and none takes a second item of a family."""
    world = World.new(changed(small, {"needs": {"variety": 0.0, "log_odds": 2.0}}), MANY, 3)
    world.live(56)
    return world


def test_a_chance_of_use_is_how_often_many_visits_of_today_use_it(single_items: World) -> None:
    offers = loved(single_items)
    expected = chances_of_use(single_items.scene(), offers)
    used = np.zeros(len(offers))
    everybody, unasked = np.arange(MANY), np.zeros(MANY, np.bool_)
    for seed in range(DICE):
        scene = single_items.with_future(1000 + seed).scene()
        lines = fill_baskets(scene, everybody, offers, unasked)
        used[lines.offer_no[personal_minor(lines, offers) > 0]] += 1

    assert used.sum() / DICE == pytest.approx(expected.sum(), rel=0.08)
    assert np.corrcoef(used, expected)[0, 1] > 0.95


def test_blocks_of_households_decide_nothing(single_items: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = chances_of_use(single_items.scene(), loved(single_items))
    monkeypatch.setattr("training.simulator.world.chance_of_use._BLOCK", 7)

    assert chances_of_use(single_items.scene(), loved(single_items)).tolist() == whole.tolist()


def test_a_family_never_used_has_no_chance(single_items: World) -> None:
    row, family = (int(place[0]) for place in np.nonzero(single_items.traits.units_per_day == 0))
    item = int(single_items.shop.starts[family])
    offer = PersonalOffers(*(np.array([value]) for value in (row, item, 5000, 1, 0)))

    assert chances_of_use(single_items.scene(), offer).tolist() == [0]


def test_a_tie_says_what_is_missing_at_home(single_items: World) -> None:
    row, family = (int(place[0]) for place in np.nonzero(single_items.traits.units_per_day > 0))
    world = single_items.copy()
    world.state.stock_units[row, family] = 0
    item = int(world.shop.starts[family])
    ties = offer_ties(world.scene(), np.array([row]), np.array([item]), np.zeros(1, np.float32))

    assert ties.lacking.tolist() == [1]
    assert ties.uses.tolist() == [True]


def test_what_the_chain_sells_as_cheaply_is_no_offer_to_use(single_items: World) -> None:
    world = single_items.copy()
    promoted = int((world.week().promo_minor > 0).argmax())
    users = np.flatnonzero(world.traits.units_per_day[:, world.shop.family[promoted]] > 0)
    chains_bp = (10_000 * (1 - world.week().price_share[promoted])).astype(np.int64)
    offers = [
        PersonalOffers(users, *(np.full(len(users), value) for value in (promoted, depth, 1)), users)
        for depth in (chains_bp - 100, chains_bp + 100)
    ]

    as_cheap, cheaper = (chances_of_use(world.scene(), offer) for offer in offers)
    assert not as_cheap.any()
    assert (cheaper > 0).all()
