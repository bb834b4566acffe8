from dataclasses import replace

import numpy as np
import pytest

from models.response import PriceResponse
from tests.training.fitting.response.promoted_shop import Truth, promoted_shop
from training.fitting.response.kappa_fit import KappaTold, fit_kappa, tell_kappa


def told(truth: Truth, seed: int) -> KappaTold:
    found = tell_kappa(promoted_shop(truth, seed))
    assert found is not None
    return found


@pytest.mark.parametrize(
    "truth",
    [
        Truth(),
        Truth(taken_from_family=0.0, taken_from_later=0.0),
        Truth(taken_from_family=0.7, taken_from_later=0.3),
    ],
)
def test_kappa_is_told_within_its_error(truth: Truth) -> None:
    found = [told(truth, seed) for seed in range(4)]

    errors = [(one.kappa - truth.kappa) / one.error for one in found]
    assert np.abs(errors).max() < 3
    assert abs(np.mean(errors)) < 1.5
    assert max(one.error for one in found) < 0.2


def test_promotions_to_come_tell_nothing() -> None:
    found = told(Truth(), 0)

    assert abs(found.placebo) < 3 * found.placebo_error


def test_a_season_in_which_more_is_promoted_is_no_effect_of_promotion() -> None:
    found = told(Truth(season=0.3), 1)

    assert found.kappa == pytest.approx(Truth().kappa, abs=3 * found.error)


def test_what_is_believed_lies_between_the_prior_and_what_was_told_and_is_never_sure() -> None:
    prior = PriceResponse.prior().kept
    truth = Truth(taken_from_family=0.0, taken_from_later=0.0)
    kept, found = fit_kappa(promoted_shop(truth, 0), prior)

    assert found is not None
    assert prior.mean < kept.mean < found.kappa
    assert 0.1 < kept.sd < prior.sd
    assert min(kept.family_sd) >= kept.sd


def test_a_shop_with_too_little_to_tell_keeps_the_prior() -> None:
    prior = PriceResponse.prior().kept
    panel = promoted_shop(Truth(), 0, weeks=25)
    without = promoted_shop(Truth(), 0)
    kept, found = fit_kappa(panel, prior)

    assert found is None
    assert (kept.mean, kept.sd) == (prior.mean, prior.sd)
    assert tell_kappa(replace(without, depth=np.zeros_like(without.depth))) is None
