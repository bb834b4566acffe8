import numpy as np
import pytest

import training.simulator.world.shopping_trip as module
from tests.training.simulator.conftest import changed
from training.simulator.world.offers_and_lines import PersonalOffers, no_offers
from training.simulator.world.shopping_trip import consider, fill_baskets, further_items
from training.simulator.world.world import World

EVERYBODY = np.arange(60)
BY_THEMSELVES = np.zeros(60, np.bool_)  # nobody was brought by an offer


def offers(household: list[int], product: list[int], discount_bp: list[int]) -> PersonalOffers:
    count = len(household)
    return PersonalOffers(
        np.array(household),
        np.array(product),
        np.array(discount_bp),
        np.full(count, 2),
        100 + np.arange(count),
    )


def test_looking_at_every_family_finds_what_the_bound_finds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = offers([3, 3, 40], [0, 7, 20], [2000, 1000, 5000])
    bounded = fill_baskets(world.scene(), EVERYBODY, given, BY_THEMSELVES)
    monkeypatch.setattr(
        module, "_possible", lambda _scene, rows, _surplus, _offers: np.ones((len(rows), 12), np.bool_)
    )
    unbounded = fill_baskets(world.scene(), EVERYBODY, given, BY_THEMSELVES)

    assert bounded.product.tolist() == unbounded.product.tolist()
    assert bounded.units.tolist() == unbounded.units.tolist()


def test_whoever_comes_buys_something(world: World) -> None:
    lines = fill_baskets(world.scene(), EVERYBODY, no_offers(), BY_THEMSELVES)

    assert set(lines.household.tolist()) == set(EVERYBODY.tolist())


def test_an_offer_stands_on_its_household_and_item_alone(world: World) -> None:
    shop = world.shop
    item = int(shop.starts[4])
    seen = consider(
        world.scene(), np.array([3, 9]), np.array([0, 1]), np.array([4, 4]), offers([9], [item], [5000])
    )

    first_of_9 = int(seen.starts[1])
    assert np.flatnonzero(seen.offer_no >= 0).tolist() == [first_of_9]
    assert seen.price_share[first_of_9] == pytest.approx(0.5)
    assert seen.price_share[first_of_9] < seen.promo_share[first_of_9]
    assert seen.max_units[first_of_9] == 2


def test_of_two_offers_on_one_item_the_deeper_counts(world: World) -> None:
    item = int(world.shop.starts[4])
    twice = offers([9, 9], [item, item], [5000, 1000])
    seen = consider(world.scene(), np.array([9]), np.array([0]), np.array([4]), twice)

    assert seen.offer_no[0] == 100


def test_an_offer_on_a_family_that_is_not_looked_at_is_passed_over(world: World) -> None:
    item = int(world.shop.starts[4])
    seen = consider(world.scene(), np.array([9]), np.array([0]), np.array([2]), offers([9], [item], [5000]))

    assert (seen.offer_no == -1).all()


def test_an_offer_moves_no_other_items_draws(world: World) -> None:
    """With a tiny offer on one product, whatever else is bought is bought as before."""
    before = fill_baskets(world.scene(), EVERYBODY, no_offers(), BY_THEMSELVES)
    item = int(before.product[0])
    owner = int(before.household[0])
    after = fill_baskets(world.scene(), EVERYBODY, offers([owner], [item], [1]), BY_THEMSELVES)

    elsewhere = before.household != owner
    assert after.product[after.household != owner].tolist() == before.product[elsewhere].tolist()
    assert item in after.product[after.household == owner].tolist()


def test_on_an_errand_only_the_family_with_the_offer_is_bought(world: World) -> None:
    world.parameters = changed(world.parameters, {"attention": {"errand": 20.0}})
    usual = fill_baskets(world.scene(), EVERYBODY, no_offers(), BY_THEMSELVES)
    wide = int(np.bincount(usual.household).argmax())
    wanted = int(usual.product[usual.household == wide][0])
    errand = fill_baskets(
        world.scene(), EVERYBODY, offers([wide], [wanted], [2000]), (wide == EVERYBODY).astype(np.bool_)
    )

    bought = world.shop.family[errand.product[errand.household == wide]]
    assert len(set(world.shop.family[usual.product[usual.household == wide]].tolist())) > 1
    assert set(bought.tolist()) == {int(world.shop.family[wanted])}


def test_variety_is_geometric_up_to_three_further_items() -> None:
    assert further_items(np.array([0.6, 0.4, 0.2, 0.1, 0.01], np.float32), 0.5).tolist() == [0, 1, 2, 3, 3]
