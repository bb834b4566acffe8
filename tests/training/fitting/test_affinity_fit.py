from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from models.features.feature_matrix import FeatureMatrix
from models.items.affinity import AffinityModel
from models.items.baselines import BaselineScorer
from tests.training.examples import SMALL, pairs_at
from training.fitting.affinity_fit import (
    early_and_latest,
    fit_affinity,
    fit_baseline,
    fit_calibration,
)
from training.fitting.examples import Examples

# Tells what is bought, and the frequency rule does not know it.
BEYOND = "fine_decayed_42d"
FIGURES = {"rows", "rate", "auc", "pr_auc", "log_loss", "calibration_error"}


def text(learnt: object) -> str:
    assert isinstance(learnt, AffinityModel)
    return str(learnt.booster.model_to_string())


def test_affinity_learns_with_lightgbm_where_enough_was_bought() -> None:
    learnt = fit_affinity(pairs_at([0, 1, 2, 3], by=BEYOND), SMALL, 1)
    assert isinstance(learnt.model, AffinityModel)
    assert learnt.note is None
    apart = {f"repeats_{name}" for name in ("rate", "auc", "log_loss")}
    assert set(learnt.metrics) == FIGURES | apart | {"rule_log_loss", "constant_log_loss"}
    assert learnt.metrics["log_loss"] < learnt.metrics["rule_log_loss"]
    assert learnt.metrics["rows"] == 400
    assert 0.8 < learnt.metrics["auc"] < 1
    assert learnt.metrics["calibration_error"] < 0.08  # ten bins of 40 rows


@pytest.mark.long
def test_a_fit_does_not_depend_on_the_threads_of_linear_algebra() -> None:
    examples = pairs_at([0, 1, 2, 3], rows=20_000, by=BEYOND)
    curves = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads, user_api="blas"):
            learnt = fit_affinity(examples, SMALL, 1).model
            assert isinstance(learnt, AffinityModel)
            curves.append((learnt.calibration, learnt.window_slope, fit_baseline("frequency", examples)))
    assert curves[0] == curves[1]


def test_the_latest_cut_is_held_out_from_what_is_measured() -> None:
    # what held for three weeks is the other way round in the latest: who had seen it would not be so wrong
    assert fit_affinity(pairs_at([0, 1, 2, 3], turned=[0]), SMALL, 1).metrics["model_auc"] < 0.2


def test_affinity_that_knows_less_than_a_constant_gives_way_and_a_sentence_says_so() -> None:
    learnt = fit_affinity(pairs_at([0, 1, 2, 3], turned=[0]), SMALL, 1)
    assert isinstance(learnt.model, BaselineScorer)
    p = learnt.model.predict(pairs_at([0]).features)
    assert p.max() - p.min() < 0.001
    assert str(learnt.note).startswith(
        "Affinity is the same for everybody, the rate of late: on the held-out"
    )


def test_affinity_that_knows_less_than_the_frequency_rule_gives_way_to_it() -> None:
    learning_nothing = SMALL.affinity_lightgbm | {"learning_rate": 1e-6, "num_leaves": 2, "max_rounds": 1}
    learnt = fit_affinity(
        pairs_at([0, 1, 2, 3]), replace(SMALL, affinity_lightgbm=learning_nothing, calibration_folds=0), 1
    )
    assert isinstance(learnt.model, BaselineScorer)
    assert learnt.metrics["log_loss"] < learnt.metrics["model_log_loss"]
    assert "Affinity is the frequency rule: on the held-out cut the model was not better" in str(learnt.note)


def test_items_bought_before_and_new_ones_are_measured_apart() -> None:
    examples = pairs_at([0, 1, 2, 3], by=BEYOND)
    values = examples.features.values.copy()
    new = np.arange(1600) % 4 < 2  # folds are of even and odd customers
    values[new, examples.features.names.index("buys")] = 0
    features = FeatureMatrix(examples.features.keys, values, examples.features.names)
    # what is new is bought by chance alone
    happened = np.where(new, np.random.default_rng(6).random(1600) < 0.3, examples.happened)
    metrics = fit_affinity(Examples(features, happened, examples.weight), SMALL, 1).metrics
    assert metrics["repeats_auc"] > 0.8
    assert 0.35 < metrics["new_auc"] < 0.65
    assert metrics["new_rate"] == pytest.approx(0.3, abs=0.08)


@pytest.mark.parametrize("window_days", [8, 14])
def test_cuts_whose_windows_overlap_the_latest_are_held_out_too(window_days: int) -> None:
    profile = replace(SMALL, window_days=(window_days, window_days))
    assert fit_affinity(pairs_at([0, 1, 2], turned=[1]), profile, 1).metrics["auc"] > 0.8


def test_a_window_that_ends_at_the_latest_cut_does_not_overlap_it() -> None:
    early, latest = early_and_latest(pairs_at([0, 1, 2], rows=1), 7)
    assert (early.tolist(), latest.tolist()) == ([False, True, True], [True, False, False])


def test_the_final_model_learns_from_all_cuts() -> None:
    examples = pairs_at([0, 1, 2], by=BEYOND)
    turned = examples.happened ^ (np.arange(1200) < 40)  # a tenth of the latest cut
    other = Examples(examples.features, turned, examples.weight)
    trees = [text(fit_affinity(one, SMALL, 1).model) for one in (examples, other)]
    assert trees[0] != trees[1]


def test_the_same_examples_give_the_same_text_for_any_number_of_threads() -> None:
    texts = {text(fit_affinity(pairs_at([0, 1, 2], by=BEYOND), SMALL, jobs).model) for jobs in (1, 1, 2)}
    assert len(texts) == 1


def test_another_seed_is_another_model() -> None:
    random = {**SMALL.affinity_lightgbm, "feature_fraction": 0.5}
    profiles = [replace(SMALL, seed=seed, affinity_lightgbm=random) for seed in (1, 2)]
    one, other = (fit_affinity(pairs_at([0, 1, 2], by=BEYOND), profile, 1).model for profile in profiles)
    assert text(one) != text(other)


def test_left_out_negatives_are_weighted_back_in() -> None:
    whole = pairs_at([0, 1, 2, 3], rows=3000, by=BEYOND)
    kept = whole.happened | (np.random.default_rng(5).random(len(whole.happened)) < 0.3)
    thinned = Examples(whole.features, whole.happened, np.where(whole.happened, 1.0, 1 / 0.3)).take(kept)
    learnt = fit_affinity(thinned, SMALL, 1)
    assert learnt.metrics["rate"] == pytest.approx(whole.happened.mean(), abs=0.02)
    assert learnt.model.predict(whole.features).mean() == pytest.approx(whole.happened.mean(), abs=0.02)


def test_one_week_s_low_level_is_not_handed_on_to_every_night() -> None:
    examples = pairs_at([0, 1, 2, 3], rows=2000, by=BEYOND)
    latest = np.arange(8000) < 2000
    quiet_week = examples.happened & ~(latest & (np.random.default_rng(8).random(8000) < 0.5))
    model = fit_affinity(Examples(examples.features, quiet_week, examples.weight), SMALL, 1).model
    # 87.5 % is the level of the four weeks together; the latest week's alone is 50 %
    assert model.predict(examples.features).mean() == pytest.approx(
        0.875 * examples.happened.mean(), rel=0.05
    )


def test_what_trees_learn_by_heart_about_a_customer_is_not_believed() -> None:
    # every customer buys always or never, without any rule: who has seen a customer knows all, who has not knows nothing
    weekly = pairs_at([0, 1, 2, 3], rows=400)
    customer_no = np.tile(np.arange(400), 4)
    always = np.random.default_rng(9).random(400) < 0.5
    values = np.full_like(weekly.features.values, np.nan)
    values[:, weekly.features.names.index("buys")] = customer_no
    values[:, weekly.features.names.index("window_days")] = 7
    keys = weekly.features.keys.assign(customer_no=customer_no)
    examples = Examples(
        FeatureMatrix(keys, values, weekly.features.names), always[customer_no], weekly.weight
    )
    by_heart = replace(
        SMALL, affinity_lightgbm=SMALL.affinity_lightgbm | {"num_leaves": 200, "min_data_in_leaf": 1}
    )
    p = fit_affinity(examples, by_heart, 1).model.predict(examples.features)
    assert p.min() > 0.25
    assert p.max() < 0.75


def test_affinity_falls_back_on_frequency_and_says_why() -> None:
    examples = pairs_at([0, 1])
    bought_early = int(examples.happened[400:].sum())
    learnt = fit_affinity(examples, replace(SMALL, min_positives=bought_early + 1), 1)
    assert isinstance(learnt.model, BaselineScorer)
    assert learnt.note == (
        f"Affinity is the frequency rule: {bought_early} candidates were bought before the held-out cut, "
        f"learning needs {bought_early + 1}."
    )
    assert learnt.metrics["rows"] == 400
    assert learnt.metrics["auc"] > 0.8


def test_the_fallback_s_figures_are_of_the_held_out_cut() -> None:
    profile = replace(SMALL, min_positives=10**6)
    assert fit_affinity(pairs_at([0, 1, 2], turned=[0]), profile, 1).metrics["auc"] < 0.2


def test_nothing_to_learn_from_is_no_error() -> None:
    nothing = pairs_at([])
    learnt = fit_affinity(nothing, SMALL, 1)
    assert isinstance(learnt.model, BaselineScorer)
    assert learnt.metrics == {}


def test_what_cannot_be_measured_is_left_out() -> None:
    examples = pairs_at([0, 1])
    never = Examples(examples.features, examples.happened & False, examples.weight)
    assert set(fit_affinity(never, SMALL, 1).metrics) == FIGURES - {"auc", "pr_auc"}


def test_a_latest_cut_where_everything_was_bought_cannot_calibrate() -> None:
    examples = pairs_at([0, 1])
    latest = np.arange(800) < 400
    learnt = fit_affinity(Examples(examples.features, examples.happened | latest, examples.weight), SMALL, 1)
    assert isinstance(learnt.model, BaselineScorer)


@pytest.mark.parametrize("power", [0.5, 2.0])
def test_calibration_recovers_a_distorted_probability(power: float) -> None:
    rng = np.random.default_rng(6)
    true = rng.uniform(0.02, 0.98, 40_000)
    happened = rng.random(40_000) < true
    distorted = true**power / (true**power + 3 * (1 - true) ** power)
    kept = happened | (rng.random(40_000) < 0.3)
    weight = np.where(happened, 1.0, 1 / 0.3)
    calibration = fit_calibration(distorted[kept], happened[kept], weight[kept])
    assert np.abs(calibration(distorted) - true).max() < 0.04


def test_calibration_never_turns_the_order_around_but_still_meets_the_rate() -> None:
    p = np.linspace(0.01, 0.1, 1000)
    happened = np.arange(1000) % 10 == 0
    happened[900:] = False
    calibrated = fit_calibration(p, happened, np.ones(1000))(p)
    assert (np.diff(calibrated) > 0).all()
    assert calibrated.mean() == pytest.approx(happened.mean(), abs=1e-4)


def test_a_baseline_s_curve_meets_the_rate_and_keeps_the_rule_s_order() -> None:
    examples = pairs_at([0, 1])
    p = fit_baseline("frequency", examples).predict(examples.features)
    assert p.mean() == pytest.approx(examples.happened.mean(), abs=1e-3)
    turned = pairs_at([0, 1], turned=[0, 1])
    flat = fit_baseline("frequency", turned)
    assert flat.slope > 0
    assert flat.predict(turned.features).mean() == pytest.approx(turned.happened.mean(), abs=1e-3)


def test_a_baseline_of_a_shop_where_nothing_was_bought_expects_next_to_nothing() -> None:
    examples = pairs_at([0])
    never = Examples(examples.features, examples.happened & False, examples.weight)
    assert fit_baseline("frequency", never).predict(never.features).max() < 1e-4


def test_what_the_trees_miss_of_the_window_s_length_is_made_up_for() -> None:
    rng = np.random.default_rng(10)
    pairs = pairs_at([0, 1, 2, 3], rows=3000, by=BEYOND)
    days = rng.integers(4, 7, endpoint=True, size=12_000).astype(np.float32)
    values = pairs.features.values.copy()
    values[:, pairs.features.names.index("window_days")] = days
    features = FeatureMatrix(pairs.features.keys, values, pairs.features.names)
    happened = pairs.happened & (rng.random(12_000) < 0.3 * days / 7)
    blind = replace(
        SMALL, affinity_lightgbm=SMALL.affinity_lightgbm | {"max_rounds": 5, "min_gain_to_split": 100.0}
    )
    model = fit_affinity(Examples(features, happened, pairs.weight), blind, 1).model
    assert isinstance(model, AffinityModel)
    p, short = model.predict(features), days == 4.0
    times = happened[days == 7.0].mean() / happened[short].mean()
    assert p[days == 7.0].mean() / p[short].mean() == pytest.approx(times, rel=0.07)
    assert model.window_slope > 0.5
