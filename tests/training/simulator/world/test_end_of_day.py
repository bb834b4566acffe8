from dataclasses import replace

import numpy as np
import pytest

from tests.training.simulator.conftest import changed
from training.simulator.world.end_of_day import Morning, end_day, learn_from_baskets
from training.simulator.world.offers_and_lines import Lines, PersonalOffers, no_offers
from training.simulator.world.world import World

NOBODY = np.zeros(0, np.int64)


def morning(
    world: World,
    offers: PersonalOffers | None = None,
    *,
    brought: int | None = None,
    left_out: int | None = None,
) -> Morning:
    """A day's offers, none of them likely to be used, and who was brought or left a visit out."""
    offers, households = offers or no_offers(), np.arange(len(world.customer_id))
    unlikely = np.zeros(len(offers), np.float32)
    return Morning(offers, unlikely, households == brought, households == left_out)


def basket(world: World, product: int, *, units: int = 2, promo_minor: int = 0) -> Lines:
    """One line of household 3."""
    price = int(world.shop.price_minor[product])
    columns = (3, 1, product, units, price, promo_minor, -1, world.day, 40_000)
    return Lines(*(np.array([value]) for value in columns))


def test_what_was_bought_is_at_home(world: World) -> None:
    family = int(world.shop.family[5])
    before = float(world.state.stock_units[3, family])
    learn_from_baskets(world.scene(), morning(world), basket(world, 5), np.array([0]))

    assert world.state.stock_units[3, family] == pytest.approx(before + 2)
    assert world.state.last_visit[3] == world.day


def test_a_purchase_strengthens_the_items_habit_and_weakens_that_of_its_family(world: World) -> None:
    first = int(world.shop.starts[4])
    world.state.habit[3, first : first + 2] = [0.5, 0.5]
    learn_from_baskets(world.scene(), morning(world), basket(world, first), np.array([0]))

    memory = world.parameters.choice.habit_memory
    assert world.state.habit[3, first : first + 2] == pytest.approx([0.5 * memory + 1 - memory, 0.5 * memory])


def test_a_deal_lowers_the_price_expected_of_the_family(world: World) -> None:
    family = int(world.shop.family[5])
    world.state.reference[3, family] = 1.0
    price = int(world.shop.price_minor[5])
    learn_from_baskets(world.scene(), morning(world), basket(world, 5, units=1), np.array([price // 2]))

    memory = world.parameters.choice.reference_memory
    assert world.state.reference[3, family] == pytest.approx(memory + (1 - memory) * 0.5, abs=0.01)


def test_other_households_learn_nothing(world: World) -> None:
    before = world.state.copy()
    learn_from_baskets(world.scene(), morning(world), basket(world, 5), np.array([0]))

    others = np.arange(60) != 3
    assert world.state.habit[others].tolist() == before.habit[others].tolist()
    assert world.state.satisfaction[others].tolist() == before.satisfaction[others].tolist()


def test_everybody_asked_answers_between_0_and_10(world: World) -> None:
    world.parameters = changed(world.parameters, {"feelings": {"answer_share": 1.0}})
    answers = learn_from_baskets(world.scene(), morning(world), basket(world, 5), np.array([0]))

    assert [(answer.household, answer.second) for answer in answers] == [(3, 40_000)]
    assert 0 <= answers[0].score <= 10


def test_something_is_used_up_every_day_but_before_joining(world: World) -> None:
    world.traits = replace(world.traits, joined_day=np.where(np.arange(60) == 8, world.day + 5, 0))
    world.state.stock_units[:] = 5
    end_day(world.scene(), morning(world), NOBODY, NOBODY)

    left = world.state.stock_units.sum(axis=1)
    joined = (np.arange(60) != 8) & (world.traits.units_per_day.sum(axis=1) > 0)
    assert (left[joined] < 5 * 12).all()
    assert left[8] == 5 * 12


def test_offers_tire_and_those_from_families_never_used_tire_more(world: World) -> None:
    used = world.traits.units_per_day[3] > 0
    family = int(np.flatnonzero(used)[0])
    world.traits.units_per_day[4, family] = 0
    item = int(world.shop.starts[family])
    offers = PersonalOffers(
        *(np.array(column) for column in ([3, 4], [item, item], [1000, 1000], [1, 1], [0, 1]))
    )
    end_day(world.scene(), morning(world, offers), NOBODY, NOBODY)

    fatigue = world.state.fatigue
    assert fatigue[4] > fatigue[3] > fatigue[5] == 0


def test_personal_discount_is_remembered_as_a_reward(world: World) -> None:
    end_day(world.scene(), morning(world), np.array([3, 3]), np.array([40, 60]))

    tenth = max(float(world.state.basket_minor[3]) / 10, 1)
    assert world.state.reward[3] == pytest.approx(100 / tenth, rel=1e-5)
    assert world.state.reward[4] == 0


def test_nobody_leaves_before_joining(world: World) -> None:

    world.traits = replace(
        world.traits,
        dropout_per_day=np.full(60, 1e6, np.float32),
        joined_day=np.where(np.arange(60) < 30, 0, world.day + 9),
    )
    world.state.here[:] = True
    end_day(world.scene(), morning(world), NOBODY, NOBODY)

    assert world.state.here.tolist() == [False] * 30 + [True] * 30


def test_who_was_brought_owes_a_visit_for_a_week_or_until_the_next_one(world: World) -> None:
    day = world.day
    end_day(world.scene(), morning(world, brought=3), NOBODY, NOBODY)
    owed = world.state.owes_until[3]
    end_day(world.scene(), morning(world, left_out=3), NOBODY, NOBODY)

    assert owed == day + 7
    assert world.state.owes_until[3] == day


def test_a_used_offer_is_remembered_and_an_unused_one_is_not(world: World) -> None:
    end_day(world.scene(), morning(world), np.array([3, 4]), np.array([25, 0]))

    assert world.state.used_lately[[3, 4]].tolist() == [1, 0]


def test_a_visit_that_uses_the_days_offers_pleases_more_than_one_that_uses_none(world: World) -> None:
    world.parameters = changed(
        world.parameters, {"feelings": {"useful_weight": 1.0, "useless_weight": 1.0, "gain_weight": 0.0}}
    )
    offer = PersonalOffers(*(np.array(column) for column in ([3], [5], [1000], [1], [0])))
    used, unused = world.copy(), world.copy()
    learn_from_baskets(used.scene(), morning(used, offer), basket(used, 5), np.array([25]))
    learn_from_baskets(unused.scene(), morning(unused, offer), basket(unused, 5), np.array([0]))

    told = 1 - world.parameters.feelings.satisfaction_memory
    assert used.state.satisfaction[3] - unused.state.satisfaction[3] == pytest.approx(2 * told, abs=1e-5)
