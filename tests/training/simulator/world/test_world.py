import numpy as np
import pytest

import training.simulator.world.world as module
from tests.training.simulator.conftest import changed
from training.simulator.world import end_of_day
from training.simulator.world.offers_and_lines import PersonalOffers, joined, no_offers
from training.simulator.world.world import World
from training.simulator.world.world_parameters import WorldParameters

DAYS = 21


def test_a_smaller_world_has_the_first_households_of_a_larger_one(small: WorldParameters) -> None:
    larger, smaller = World.new(small, 30, seed=2).live(DAYS), World.new(small, 10, seed=2).live(DAYS)

    firsts = larger.take(np.flatnonzero(larger.household < 10))
    assert firsts.basket.tolist() == smaller.basket.tolist()
    assert firsts.product.tolist() == smaller.product.tolist()


def test_a_world_can_be_lived_in_parts(small: WorldParameters) -> None:
    whole = World.new(small, 30, seed=2).live(DAYS)
    second_half = World.part(small, range(15, 30), seed=2).live(DAYS)

    theirs = whole.take(np.flatnonzero(whole.household >= 15))
    assert theirs.basket.tolist() == second_half.basket.tolist()
    assert theirs.product.tolist() == second_half.product.tolist()


def test_blocks_decide_nothing(small: WorldParameters, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = World.new(small, 50, seed=3).live(DAYS)
    monkeypatch.setattr(end_of_day, "_BLOCK", 7)
    monkeypatch.setattr(module, "_VISITORS", 3)
    in_blocks = World.new(small, 50, seed=3).live(DAYS)

    assert in_blocks.product.tolist() == whole.product.tolist()
    assert in_blocks.units.tolist() == whole.units.tolist()


def test_a_copy_shares_nothing_that_is_written_to(world: World) -> None:
    before = world.copy()
    world.copy().live(DAYS)

    assert world.live(DAYS).basket.tolist() == before.live(DAYS).basket.tolist()


def test_with_another_future_the_state_is_the_same_and_the_dice_are_not(world: World) -> None:
    other = world.with_future(99)

    assert other.state.habit.tolist() == world.state.habit.tolist()
    assert other.live(DAYS).basket.tolist() != world.live(DAYS).basket.tolist()


def test_lines_come_sorted_by_household_and_product_without_repetition(world: World) -> None:
    lines = world.shop_day(no_offers())

    key = lines.household * 10_000 + lines.product
    assert len(lines)
    assert (np.diff(key) > 0).all()


def test_a_deep_offer_on_everything_a_household_uses_is_taken_up(small: WorldParameters) -> None:
    """Half price on one product for everybody sells more of it than none, where the chain has no promotions."""
    dear = changed(small, {"promotions": {"product_share": 0.0}})
    offered, plain = (World.new(dear, 200, seed=8) for _ in range(2))
    product = int(np.bincount(plain.copy().live(14).product).argmax())
    households = np.arange(200)
    half = PersonalOffers(households, np.full(200, product), np.full(200, 5000), np.full(200, 9), households)

    with_offer, without = offered.live(14, half), plain.live(14)

    assert (with_offer.product == product).sum() > (without.product == product).sum()


def test_a_day_is_paid_for_once(world: World) -> None:
    world.shop_day(None)
    with pytest.raises(ValueError, match=r"day 28 has been shopped; pay for it before the next"):
        world.shop_day(None)


def test_a_day_that_nobody_shopped_is_not_paid_for(world: World) -> None:
    with pytest.raises(ValueError, match=r"day 28 has not been shopped yet"):
        world.pay(joined([]), np.zeros(0, np.int64))


def test_every_line_needs_its_discount(world: World) -> None:
    lines = world.shop_day(None)
    with pytest.raises(ValueError, match=r"expected a discount for each of \d+ lines, got 0"):
        world.pay(lines, np.zeros(0, np.int64))


def test_a_visit_wholly_borrowed_is_missing_from_the_week_after(small: WorldParameters) -> None:
    """Strong attention on every habit for a week: what came more then came less after it, if it was borrowed."""

    def visits(borrowed: float) -> tuple[int, int]:
        keys = {"weight": 2.0, "on_habit": 1.0, "borrowed": borrowed}
        world = World.new(changed(small, {"attention": keys}), 150, seed=2)
        world.live(28)
        rows = np.repeat(np.arange(150), 6)
        items = np.sort(np.argsort(-world.state.habit, axis=1)[:, :6], axis=1).ravel()
        count = len(rows)
        offers = PersonalOffers(rows, items, np.full(count, 5000), np.full(count, 2), np.arange(count))
        weeks = []
        for valid in (offers, None):
            lines = world.live(7, valid)
            weeks.append(len(np.unique(lines.household * 1000 + lines.day)))
        return weeks[0], weeks[1]

    (week, after), (borrowed_week, after_borrowed) = visits(0.0), visits(1.0)

    assert borrowed_week <= week
    assert after_borrowed < 0.92 * after


def test_a_saving_that_everybody_gets_brings_nobody_and_a_deeper_one_by_the_difference(
    small: WorldParameters,
) -> None:
    """The chain sells some items 10 % off: 10 % of one's own is nothing more, 20 % is as good as 10 % without the chain's."""
    tenth = {"depths_bp": (1000,), "depth_weights": (1.0,), "product_share": 0.5}
    by_habit = {"weight": 2.0, "on_habit": 1.0, "on_chance": 0.0}
    chain = World.new(changed(small, {"promotions": tenth, "attention": by_habit}), 60, seed=4)
    chain.live(56)
    alone = chain.copy()
    alone.promote_nothing_this_week()
    promoted = chain.week().promo_minor > 0
    habit = np.where(promoted, chain.state.habit, 0).argmax(axis=1)

    def coming(world: World, depth_bp: int) -> np.ndarray:
        rows = np.arange(60)
        offers = PersonalOffers(rows, habit, np.full(60, depth_bp), np.full(60, 2), rows)
        return world.visit_probability(offers)

    unmoved = chain.visit_probability(no_offers())
    assert coming(chain, 1000).tolist() == unmoved.tolist()
    assert coming(chain, 2000) == pytest.approx(coming(alone, 1000), rel=0.01)
    assert (coming(alone, 1000) > unmoved).sum() > 30
