"""From customer examples to churn's chances: boosted trees and a ridge curve, without a calibration of their own.

Each is measured on the latest cut by a model of the cuts whose windows had ended by then, and fitted on all.
"""

import lightgbm as lgb
import numpy as np
from sklearn.linear_model import LogisticRegression

from models.customers.churn import (
    ChurnModel,
    ChurnScorer,
    EvenChance,
    LogisticCurve,
    OwnCycleSurvival,
    bent,
    churn_inputs,
)
from models.customers.rhythm import Rhythm
from models.features.feature_matrix import FeatureMatrix
from models.running.blas_threads import one_blas_thread
from training.fitting.affinity_fit import Learnt, early_and_latest
from training.fitting.boosting import lightgbm_dataset, lightgbm_settings, without_threads
from training.fitting.examples import Examples
from training.fitting.fit_profile import FitProfile
from training.fitting.yardsticks import CONSTANT, MODEL, RULE, Standing, rate_of

# Ridge of the churn curve: its inputs say much the same, so their slopes are kept small.
CURVE_C = 0.05
CHURN_HALF_LIFE_DAYS = 56.0


@one_blas_thread()
def fit_chance(
    examples: Examples, window_days: int, rhythm: Rhythm, profile: FitProfile, jobs: int
) -> Learnt[ChurnScorer] | None:
    """One of churn's chances, or None where one class is too rare to learn from.

    Where the model does not beat both on the held-out cut, the own cycle's survival or the rate of late is used. The
    own cycle is the rule of partial defection too: who stays away spends nothing.

    Trees that learn as slowly and a curve as stiff as the profile's need no stopping and no calibration: both
    minimise the log loss, and what a single held-out cut would correct is mostly that month's chance (docs/customers.md).
    """
    early, latest = early_and_latest(examples, window_days)
    rarer = min(examples.happened[early].sum(), (~examples.happened[early]).sum())
    if rarer < profile.min_silent or examples.happened[latest].all() or not examples.happened[latest].any():
        return None
    before, held_out = examples.take(early), examples.take(latest)
    tried: dict[str, ChurnScorer] = {
        MODEL: _churn_model(before, rhythm, profile, jobs),
        RULE: OwnCycleSurvival(rhythm, window_days),
        CONSTANT: _even(before),
    }
    standing = Standing(held_out, {name: one.predict(held_out.features) for name, one in tried.items()})
    note = standing.note("the survival of each customer's own cycle")
    match standing.best:
        case "model":
            used: ChurnScorer = _churn_model(examples, rhythm, profile, jobs)
        case "rule":
            used = tried[RULE]
        case _:
            used = _even(examples)
    return Learnt(used, standing.metrics, note)


def _even(examples: Examples) -> EvenChance:
    return EvenChance(rate_of(examples.happened, examples.weight * recent_weight(examples)))


def _churn_model(examples: Examples, rhythm: Rhythm, profile: FitProfile, jobs: int) -> ChurnModel:
    inputs = churn_inputs(examples.features, rhythm)
    weight = examples.weight * recent_weight(examples)
    rows = Examples(inputs, examples.happened, weight)
    parameters = profile.churn_lightgbm
    settings = lightgbm_settings(parameters, profile.seed, jobs)
    booster = lgb.train(settings, lightgbm_dataset(rows, settings), num_boost_round=parameters["rounds"])
    return ChurnModel(without_threads(booster), fit_curve(inputs, examples.happened, weight), rhythm)


def recent_weight(examples: Examples) -> np.ndarray:
    """How much each example counts for its age: half for every CHURN_HALF_LIFE_DAYS before the latest cut; (n,).

    How many fall silent drifts with the seasons and with the age of the customer base; the level of late is the
    best guess at tomorrow's.
    """
    cuts = examples.features.keys["cut"]
    age_days = (cuts.max() - cuts).map(lambda gap: gap.days).to_numpy(dtype=np.float64)
    return np.asarray(0.5 ** (age_days / CHURN_HALF_LIFE_DAYS))


def fit_curve(inputs: FeatureMatrix, happened: np.ndarray, weight: np.ndarray) -> LogisticCurve:
    """A ridge logistic regression on standardised inputs; an unknown value counts as the mean."""
    values = bent(inputs.values)
    known = ~np.isnan(values)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / counts
    deviation = np.where(known, values - mean, 0.0)
    scale = np.sqrt((deviation**2).sum(axis=0) / counts)
    scale = np.where(scale > 0, scale, 1.0)
    curve = LogisticRegression(C=CURVE_C, max_iter=500).fit(deviation / scale, happened, sample_weight=weight)
    return LogisticCurve(
        tuple(mean.tolist()),
        tuple(scale.tolist()),
        tuple(curve.coef_[0].tolist()),
        float(curve.intercept_[0]),
    )
