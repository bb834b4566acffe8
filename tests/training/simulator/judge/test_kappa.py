"""A response learnt from the chain's promotions, beside what those promotions truly brought."""

import numpy as np
import pytest

from tests.training.simulator.conftest import changed
from tests.training.simulator.judge.kappa_from_promotions import kappa_told
from training.simulator.oracle.promotion_truth import kappa
from training.simulator.scores.over_seeds import t_interval
from training.simulator.world.offers_and_lines import joined
from training.simulator.world.world import World
from training.simulator.world.world_files import load_world

pytestmark = [pytest.mark.slow, pytest.mark.long]
FEW = {"assortment": {"families": 20, "products_per_family": 6.0}}
CUSTOMERS, WEEKS = 150, 40


def truth_and_told(seed: int) -> tuple[float, float, float]:
    """Kappa of every fourth week's promotions; as told with moving rates; as told with frozen ones."""
    world = World.new(changed(load_world("calibrated"), FEW), CUSTOMERS, seed)
    promoted, days, looked_at = [], [], []
    for week in range(WEEKS):
        promoted.append(world.week().promo_minor > 0)
        looked_at += [world.copy()] if week >= 12 and week % 4 == 0 else []
        days.append(world.live(7))
    lines, on_offer = joined(days), np.array(promoted)
    moving, frozen = (kappa_told(lines, world.shop, on_offer, frozen=frozen) for frozen in (False, True))
    return kappa(looked_at), moving, frozen


def test_purchase_rates_that_move_with_the_promotion_hide_what_it_brings() -> None:
    found = [truth_and_told(seed) for seed in range(3)]

    assert all(0 < truth < 1 for truth, _, _ in found)
    assert t_interval([moving - truth for truth, moving, _ in found]).below_zero
    assert all(moving < truth < frozen for truth, moving, frozen in found)


def test_a_week_without_promotions_is_one_for_that_week_only() -> None:
    world = World.new(changed(load_world("calibrated"), FEW), 50, 0)
    alone = world.copy()
    alone.promote_nothing_this_week()

    assert (world.week().promo_minor > 0).any()
    assert (alone.week().promo_minor == 0).all()
    for lived in (world, alone):
        lived.live(7)
    assert np.array_equal(world.week().promo_minor, alone.week().promo_minor)
