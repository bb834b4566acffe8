"""Kappa and lifts that a shop's own promotions tell, beside what they truly bring (docs/response.md)."""

import numpy as np
import pytest

from models.response import Familiarity
from tests.training.simulator.judge.response_and_truth import ResponseAndTruth, ratio, response_and_truth
from training.simulator.oracle.promotion_truth import true_lift
from training.simulator.world.world import World
from training.simulator.world.world_files import load_world
from training.simulator.world.world_parameters import WorldParameters

MIDDLE_PCT = (15, 20, 25)
LOOKED_AT = tuple(range(21, 46, 3))  # weeks: of each a year's truth costs twelve


def row(world: str, seed: int, found: ResponseAndTruth) -> str:
    """A row of the table in docs/response.md."""
    told, kept = found.told.kappa, found.told.response.kept
    assert told is not None
    assert found.told.incidence is not None
    lifts = [
        f"{slopes.value[0]:.2f} ± {slopes.error[0]:.2f} / {found.true_elasticity(known, MIDDLE_PCT):.2f}"
        for known, slopes in zip(Familiarity, found.told.incidence.slopes, strict=True)
        if slopes is not None
    ]
    return (
        f"| {world}, {seed} | {told.kappa:.2f} ± {told.error:.2f} / {found.kappa:.2f} ± {found.kappa_error:.2f} "
        f"| {kept.mean:.2f} ± {kept.sd:.2f} | {told.of_all:.2f} / {ratio(found.kept_of_all):.2f} "
        f"| {told.placebo:.2f} ± {told.placebo_error:.2f} | {' | '.join(lifts)} |"
    )


@pytest.mark.prove
@pytest.mark.parametrize(
    "name",
    ["calibrated", "deal_seekers", "promotions_never_pay", "cherry_pickers"],
)
def test_kappa_and_lifts_are_told_within_what_is_believed_of_them(name: str) -> None:
    found = response_and_truth(load_world(name), customers=2000, seed=0, looked_at=LOOKED_AT)

    print(row(name, 0, found))
    kept, incidence = found.told.response.kept, found.told.incidence
    assert abs(kept.mean - found.kappa) < 2 * np.hypot(kept.sd, found.kappa_error)
    assert incidence is not None
    for known, slopes in zip(Familiarity, incidence.slopes, strict=True):
        assert slopes is not None
        true = found.true_elasticity(known, MIDDLE_PCT)
        assert slopes.value[0] == pytest.approx(true, abs=2 * np.hypot(slopes.error[0], 0.25 * true))


def test_a_few_promotions_are_taken_and_the_others_stay(small: WorldParameters) -> None:
    world = World.new(small, 40, 0)
    alone = world.copy()
    of = np.arange(len(world.shop.product_id)) % 2 == 0
    alone.promote_nothing_this_week(of)

    before, after = world.week(), alone.week()
    assert (before.promo_minor[of] > 0).any()
    assert (after.promo_minor[of] == 0).all()
    assert np.array_equal(after.promo_minor[~of], before.promo_minor[~of])


def test_true_lifts_are_of_the_products_that_lose_their_promotion(small: WorldParameters) -> None:
    world = World.new(small, 400, 0)
    world.live(56)
    buys = np.zeros((400, len(world.shop.product_id)), np.int64)
    found = true_lift(world, buys, 2, 0)

    assert found.with_it[0, :, 1:].sum() > found.without[0, :, 1:].sum() > 0
    assert found.with_it[1:].sum() == 0  # nobody bought anything before
