"""Coefficients that lots teach, beside what they truly are (docs/policy.md)."""

import numpy as np
import pytest

from models.response.visit_effects import COEFFICIENTS
from tests.training.simulator.judge.lots_and_truth import LotsAndTruth, lots_and_truth
from training.simulator.world.world_files import load_world, world_names
from training.simulator.world.world_parameters import WorldParameters

TWO_SIDED = 1.96


def row(world: str, found: LotsAndTruth) -> str:
    """What docs/policy.md says of a world."""
    deviations = np.sqrt(np.diag(np.array(found.told.covariance)))
    told = zip(COEFFICIENTS, found.told.mean, deviations, found.truth, found.error, strict=True)
    return f"{world}: " + ", ".join(
        f"{name} {mean:.2f} ± {deviation:.2f} / {true:.2f} ± {error:.2f}"
        for name, mean, deviation, true, error in told
    )


@pytest.mark.prove
def test_nine_in_ten_coefficients_lie_where_95_in_100_are_believed_to() -> None:
    found = {
        f"{name} {seed}": lots_and_truth(load_world(name), customers=1_000, weeks=5, seed=seed)
        for name in world_names()
        for seed in (521, 522)
    }

    for world, one in found.items():
        print(row(world, one))
    inside = np.concatenate([one.deviations < TWO_SIDED for one in found.values()])
    assert inside.mean() >= 0.9


@pytest.mark.long
def test_where_offers_do_nothing_the_truth_is_nothing_within_its_error(small: WorldParameters) -> None:
    quiet = small.model_copy(
        update={
            "attention": small.attention.model_copy(update={"weight": 0.0}),
            "visits": small.visits.model_copy(update={"fatigue_weight": 0.0}),
        }
    )

    found = lots_and_truth(quiet, customers=150, weeks=2, seed=3)

    assert np.all(np.abs(found.truth) < 4 * found.error + 0.2)
    assert found.deviations.shape == (len(COEFFICIENTS),)
