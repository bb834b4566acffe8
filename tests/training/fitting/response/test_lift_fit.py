from dataclasses import replace

import numpy as np
import pytest

from models.response import PriceResponse
from tests.training.fitting.response.promoted_shop import Truth, promoted_shop
from training.fitting.response.lift_fit import fit_incidence, fit_units
from training.fitting.response.log_linear_counts import CountData, fit_slopes
from training.fitting.response.shrunk_factors import shrink

PRIOR = PriceResponse.prior()


def test_incidence_grows_with_depth_as_it_does_in_truth() -> None:
    told, lift = fit_incidence(promoted_shop(Truth(), 0), PRIOR.incidence)

    # Three quarters of it are believed to be the price's: nobody said which promotions a mailer showed.
    assert told.of_shop == pytest.approx((1.5, 1.12, 0.6), abs=0.15)
    for slopes, truth in zip(lift.slopes, (2.0, 1.5, 0.8), strict=True):
        assert slopes is not None
        assert slopes.value[0] == pytest.approx(truth, abs=4 * slopes.error[0])


def test_units_that_no_promotion_moves_stay() -> None:
    told, _ = fit_units(promoted_shop(Truth(), 0), PRIOR.units)

    assert told.of_shop == pytest.approx((0.0, 0.0, 0.0), abs=0.06)


def test_a_mailer_that_comes_with_promotions_is_not_counted_as_the_price() -> None:
    panel = promoted_shop(Truth(), 0)
    rng = np.random.default_rng(0)
    mailer = (panel.depth > 0) & (rng.random(panel.depth.shape) < 0.5)
    seen = replace(panel, days=rng.poisson(panel.days * (1 + mailer[:, None])).astype(np.float64))
    _, blind = fit_incidence(seen, PRIOR.incidence)
    believed, told = fit_incidence(replace(seen, controls=mailer[None].astype(np.float64)), PRIOR.incidence)

    (raw, *_), (controlled, *_) = (lift.slopes for lift in (blind, told))
    assert raw is not None
    assert controlled is not None
    assert raw.value[0] > 3
    assert controlled.value[0] == pytest.approx(2.0, abs=4 * controlled.error[0])
    assert believed.error[0] < 0.35


def test_a_shop_without_promotions_keeps_the_prior() -> None:
    panel = promoted_shop(Truth(), 0)
    told, lift = fit_incidence(replace(panel, depth=np.zeros_like(panel.depth)), PRIOR.incidence)

    assert lift.slopes == (None, None, None)
    assert told.of_shop == PRIOR.incidence.of_shop
    assert told.error == PRIOR.incidence.error
    assert set(told.family) == {1.0}


def test_slopes_do_not_depend_on_how_much_each_stratum_buys() -> None:
    rng = np.random.default_rng(1)
    stratum = np.repeat(np.arange(200), 20)
    x = rng.normal(size=(4000, 2))
    counts = rng.poisson(np.exp(rng.normal(size=200))[stratum] * np.exp(x @ [0.5, -0.3])).astype(np.float64)
    found = fit_slopes(CountData(counts, np.ones(4000), x, stratum, stratum))

    assert found is not None
    assert found.value == pytest.approx([0.5, -0.3], abs=0.06)
    assert found.error == pytest.approx([0.02, 0.02], abs=0.01)


def test_families_and_products_are_shrunk_as_far_as_they_do_not_speak() -> None:
    rng = np.random.default_rng(2)
    family = np.repeat(np.arange(50), 10)
    true = (1 + 0.4 * rng.normal(size=50))[family] + 0.2 * rng.normal(size=500)
    information = rng.uniform(1, 100, 500)
    score = information * (true - 1 + rng.normal(size=500) / np.sqrt(information))
    told = shrink(score, information, family, 50, 0.35)

    assert told.family_spread == pytest.approx(0.4, abs=0.1)
    assert told.product_spread == pytest.approx(0.2, abs=0.06)
    own = 1 + score / information
    assert np.mean((told.product - true) ** 2) < 0.5 * np.mean((own - true) ** 2)
    clipped = np.clip(true, 0, 3)
    assert np.mean(np.abs(told.product - clipped) < 1.96 * told.product_error) == pytest.approx(
        0.95, abs=0.04
    )


def test_nothing_said_of_any_product_is_everybodys_factor() -> None:
    told = shrink(np.zeros(3), np.zeros(3), np.array([0, 0, 1]), 3, 0.35)

    assert told.product.tolist() == told.family.tolist() == [1.0, 1.0, 1.0]
    assert told.product_error == pytest.approx([np.hypot(0.35, 0.35)] * 3)
