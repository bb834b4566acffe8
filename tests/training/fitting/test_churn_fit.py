import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from models.customers.churn import ChurnModel, ChurnScorer, EvenChance, OwnCycleSurvival
from tests.models.fitted_versions import RHYTHM
from tests.models.literal import customer_rows
from tests.training.examples import LATEST, SMALL, customers_at
from training.fitting.affinity_fit import Learnt
from training.fitting.churn_fit import fit_chance, fit_curve, recent_weight
from training.fitting.examples import Examples


def learnt_from(examples: Examples, *, jobs: int = 1) -> Learnt[ChurnScorer]:
    learnt = fit_chance(examples, 28, RHYTHM, SMALL, jobs)
    assert learnt is not None
    return learnt


def fitted(examples: Examples, *, jobs: int = 1) -> ChurnModel:
    model = learnt_from(examples, jobs=jobs).model
    assert isinstance(model, ChurnModel)
    return model


def test_the_latest_cut_is_held_out_from_what_is_measured() -> None:
    # what held before is the other way round in the latest: who had seen it would not be so wrong
    assert learnt_from(customers_at([0, 4, 8], turned=[0])).metrics["model_auc"] < 0.2


def test_cuts_whose_windows_overlap_the_latest_are_held_out_too() -> None:
    assert learnt_from(customers_at([0, 1, 2, 3, 4], turned=[1, 2, 3])).metrics["auc"] > 0.8


def test_the_same_examples_give_the_same_text_for_any_number_of_threads() -> None:
    texts = {fitted(customers_at([0, 4]), jobs=jobs).booster.model_to_string() for jobs in (1, 2)}
    assert len(texts) == 1


def test_the_curve_does_not_depend_on_the_threads_of_linear_algebra() -> None:
    curves = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads, user_api="blas"):
            curves.append(fitted(customers_at([0, 4, 8, 12], rows=3_000)).curve)
    assert curves[0] == curves[1]


def test_a_model_that_knows_less_than_the_rate_gives_way_and_a_sentence_says_so() -> None:
    learnt = learnt_from(customers_at([0, 4, 8], turned=[0]))
    assert isinstance(learnt.model, EvenChance)
    assert learnt.model.p == pytest.approx(0.45, abs=0.1)
    assert learnt.metrics["log_loss"] < learnt.metrics["model_log_loss"]
    assert learnt.note is not None
    assert learnt.note.startswith(
        "is the same for everybody, the rate of late: on the held-out cut the model was"
    )


def test_a_model_that_knows_less_than_the_own_cycle_gives_way_to_it() -> None:
    examples = customers_at([0, 4, 8])
    rng = np.random.default_rng(5)
    by_cycle = rng.random(1200) < OwnCycleSurvival(RHYTHM, 28).predict(examples.features)
    unlike = np.where(examples.features.keys["cut"] == LATEST, by_cycle, rng.random(1200) < 0.5)
    learnt = learnt_from(Examples(examples.features, unlike, examples.weight))
    assert isinstance(learnt.model, OwnCycleSurvival)
    assert "is the survival of each customer's own cycle: on the held-out cut" in str(learnt.note)


def test_a_model_that_is_used_says_what_it_beat() -> None:
    metrics = learnt_from(customers_at([0, 4, 8])).metrics
    assert metrics["log_loss"] < min(metrics["rule_log_loss"], metrics["constant_log_loss"])


def test_nothing_to_learn_from_is_no_error() -> None:
    assert fit_chance(customers_at([]), 28, RHYTHM, SMALL, 1) is None


def test_churn_is_learnt_where_both_silent_and_not_are_common_enough() -> None:
    learnt = fit_chance(customers_at([0, 2, 4, 6]), 28, RHYTHM, SMALL, 1)
    assert learnt is not None
    assert isinstance(learnt.model, ChurnModel)
    assert learnt.metrics["auc"] > 0.8


def test_churn_is_not_learnt_where_one_class_is_rare() -> None:
    examples = customers_at([0, 4])
    rare = examples.happened & (np.arange(800) % 400 < 12)  # a few at each cut
    assert fit_chance(Examples(examples.features, rare, examples.weight), 28, RHYTHM, SMALL, 1) is None
    assert fit_chance(Examples(examples.features, ~rare, examples.weight), 28, RHYTHM, SMALL, 1) is None


def test_churn_is_not_learnt_where_every_cut_overlaps_the_latest() -> None:
    assert fit_chance(customers_at([0, 1, 2, 3]), 28, RHYTHM, SMALL, 1) is None


def test_a_churn_model_meets_the_rate_without_a_calibration_of_its_own() -> None:
    examples = customers_at([0, 4, 8], rows=1500)
    learnt = fit_chance(examples, 28, RHYTHM, SMALL, 1)
    assert learnt is not None
    assert learnt.model.predict(examples.features).mean() == pytest.approx(examples.happened.mean(), abs=0.01)


def test_the_curve_counts_an_unknown_value_as_the_average() -> None:
    rng = np.random.default_rng(9)
    values = rng.normal(size=2000)
    rows = customer_rows(2000, days_since_visit=np.where(values > 1.5, np.nan, values), visits=3)
    curve = fit_curve(rows, rng.random(2000) < 1 / (1 + np.exp(-2 * values)), np.ones(2000))
    unknown = customer_rows(1, visits=3)
    assert curve.parts(unknown).sum() == 0.0
    assert np.isfinite(curve.parts(rows)).all()


def test_an_example_of_eight_weeks_ago_counts_half() -> None:
    assert recent_weight(customers_at([0, 8, 16], rows=1)).tolist() == [1.0, 0.5, 0.25]


def test_what_happened_of_late_sets_the_level_of_the_curve() -> None:
    rows, happened = customer_rows(200, visits=3), np.arange(200) < 100
    recent, old = (
        fit_curve(rows, happened, np.where(happened == late, 1.0, 0.5)).base for late in (True, False)
    )
    assert recent > 0 > old
