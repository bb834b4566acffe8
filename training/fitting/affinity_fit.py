"""From examples to fitted models.

Affinity's LightGBM learns on all cuts but the latest, stops on the latest (which is what the next night resembles
most), and is then fitted again on all cuts with the number of rounds found. It is calibrated on all cuts by
cross-fitting: each fold's customers are scored by trees that saw only other customers. One cut alone would hand
that week's level on to every night: shops sell more around the first of the month, and a week's purchases lie 5 %
off the next one's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import lightgbm as lgb
import numpy as np
from sklearn.linear_model import LogisticRegression

from models.items.affinity import AffinityModel, PairScorer
from models.items.baselines import RULES, BaselineScorer
from models.items.month_season import MonthSeason
from models.items.probability_calibration import EDGE, BetaCalibration, log_window, shifted
from models.running.blas_threads import one_blas_thread
from models.tables import CUSTOMER_NO
from training.fitting.boosting import lightgbm_dataset, lightgbm_settings, rows_of, without_threads
from training.fitting.examples import Examples
from training.fitting.fit_profile import FitProfile
from training.fitting.frequency_fit import fit_frequency
from training.fitting.yardsticks import CONSTANT, MODEL, RULE, Standing, measured_on, rate_of

Model_co = TypeVar("Model_co", covariant=True)
NO_SEASON = MonthSeason()
# What the frequency rule says where there is nothing to fit its curve on: about .05 for never, .3 for ten times.
UNFITTED_FREQUENCY = BaselineScorer("frequency", slope=0.9, base=-3.0)


@dataclass(frozen=True)
class Boosted:
    """A booster fitted on all cuts, its calibration, what its trees miss of the window's length, and what was said of the latest cut, held out."""

    booster: lgb.Booster
    calibration: BetaCalibration
    window_slope: float
    p_held_out: np.ndarray


@dataclass(frozen=True)
class Learnt(Generic[Model_co]):
    """A model, what was measured on the held-out cut, and a sentence where it had to be a fallback."""

    model: Model_co
    metrics: dict[str, float]
    note: str | None = None


@one_blas_thread()
def fit_affinity(
    examples: Examples, profile: FitProfile, jobs: int, season: MonthSeason = NO_SEASON
) -> Learnt[PairScorer]:
    """Affinity from pair examples; the frequency baseline where too little was bought to learn from."""
    early, latest = early_and_latest(examples, profile.window_days[1])
    fallback = frequency_instead(examples, early, latest, profile)
    if fallback is not None:
        return fallback
    boosted = _boost(examples, early, latest, profile, jobs, season)
    model = AffinityModel(
        boosted.booster, boosted.calibration, season=season, window_slope=boosted.window_slope
    )
    return kept_where_it_wins(model, boosted.p_held_out, examples, early, latest)


def kept_where_it_wins(
    model: PairScorer, p: np.ndarray, examples: Examples, early: np.ndarray, latest: np.ndarray
) -> Learnt[PairScorer]:
    """The model, or what it did not beat on the held-out cut: the frequency rule, or the rate; with a note then.

    Args:
        model: learnt from all examples.
        p: the chances of the held-out rows, told from what lies before them.
        examples: all.
        early, latest: masks of the rows to try on and of those held out.
    """
    before, held_out = examples.take(early), examples.take(latest)
    rule = fit_frequency(before).predict(held_out.features)
    constant = np.full(len(p), rate_of(before.happened, before.weight))
    standing = Standing(held_out, {MODEL: p, RULE: rule, CONSTANT: constant})
    used: dict[str, Callable[[], PairScorer]] = {
        MODEL: lambda: model,
        RULE: lambda: fit_frequency(examples),
        CONSTANT: lambda: _even(rate_of(examples.happened, examples.weight)),
    }
    instead = standing.note("the frequency rule")
    metrics = standing.metrics | _repeats_and_new(standing)
    return Learnt(used[standing.best](), metrics, instead and f"Affinity {instead}")


def _repeats_and_new(standing: Standing) -> dict[str, float]:
    """Figures of items bought before and of new ones apart: who foresees staples well may know nothing of the new."""
    held_out, p = standing.held_out, standing.p[standing.best]
    repeats = held_out.features.column("buys") > 0
    return {
        f"{part}_{name}": value
        for part, rows in (("repeats", repeats), ("new", ~repeats))
        if rows.any()
        for name, value in measured_on(held_out.take(rows), p[rows]).items()
        if name in {"rate", "auc", "log_loss"}
    }


def _even(rate: float) -> BaselineScorer:
    """The same chance for every pair; the order is left to the frequency rule."""
    return BaselineScorer("frequency", slope=EDGE, base=float(np.log(rate / (1.0 - rate))))


def frequency_instead(
    examples: Examples, early: np.ndarray, latest: np.ndarray, profile: FitProfile
) -> Learnt[PairScorer] | None:
    """The frequency baseline, with a note, where too little was bought to learn from; else None."""
    bought = int(examples.happened[early].sum())
    held_out = examples.take(latest)
    if bought >= profile.min_positives and held_out.happened.any() and not held_out.happened.all():
        return None
    note = (
        f"Affinity is the frequency rule: {bought} candidates were bought before the held-out cut, learning "
        f"needs {profile.min_positives}."
    )
    before = fit_frequency(examples.take(early))
    metrics = measured_on(held_out, before.predict(held_out.features)) if len(held_out.happened) else {}
    return Learnt(fit_frequency(examples), metrics, note)


def early_and_latest(examples: Examples, window_days: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to try on and rows to hold out: cuts whose windows ended by the latest cut, and the latest cut.

    Cuts in between have windows that overlap the latest one's: what happened there would give away what is held
    out. They teach nothing until the final fit, which uses all rows. Two masks of shape (n,).
    """
    if not len(examples.happened):
        return np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)
    cuts = examples.features.keys["cut"]
    days_before_latest = (cuts.max() - cuts).map(lambda gap: gap.days).to_numpy()
    return days_before_latest >= window_days, days_before_latest == 0


@one_blas_thread()
def fit_baseline(rule: str, examples: Examples) -> BaselineScorer:
    """The logistic curve that turns a rule's score into a probability."""
    if examples.happened.all() or not examples.happened.any():
        return BaselineScorer(rule, slope=1.0, base=float(np.log(EDGE)))
    scores = np.log1p(RULES[rule](examples.features))
    slope, base = _rising_curve(scores, examples.happened, examples.weight)
    return BaselineScorer(rule, slope, base)


def fit_calibration(p: np.ndarray, happened: np.ndarray, weight: np.ndarray) -> BetaCalibration:
    """Beta calibration by logistic regression on ln p and -ln(1 - p) (Kull et al., 2017).

    Where the free fit would turn the order of the scores around, the curve is fitted on the logit alone.
    """
    p = np.clip(p, EDGE, 1.0 - EDGE)
    inputs = np.column_stack([np.log(p), -np.log1p(-p)])
    curve = LogisticRegression(C=1e6).fit(inputs, happened, sample_weight=weight)
    a, b = (float(slope) for slope in curve.coef_[0])
    if a >= 0 and b >= 0:
        return BetaCalibration(a, b, float(curve.intercept_[0]))
    slope, c = _rising_curve(inputs.sum(axis=1), happened, weight)
    return BetaCalibration(slope, slope, c)


def _rising_curve(score: np.ndarray, happened: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of a logistic curve; flat at the rate where what happened falls with the score."""
    curve = LogisticRegression(C=1e6).fit(score.reshape(-1, 1), happened, sample_weight=weight)
    if curve.coef_[0, 0] > EDGE:
        return float(curve.coef_[0, 0]), float(curve.intercept_[0])
    rate = float(np.average(happened, weights=weight))
    return EDGE, float(np.log(rate / (1.0 - rate)))


def _boost(
    examples: Examples,
    learn: np.ndarray,
    hold_out: np.ndarray,
    profile: FitProfile,
    jobs: int,
    season: MonthSeason,
) -> Boosted:
    """Try, stop, calibrate on scores of trees that had not seen the customer, and fit again.

    Without folds the calibration is that of the held-out rows.
    """
    parameters, folds = profile.affinity_lightgbm, profile.calibration_folds
    settings = lightgbm_settings(parameters, profile.seed, jobs)
    held_out = examples.take(hold_out)
    # binned once; every fit learns from its rows of it
    binned = lightgbm_dataset(examples, settings)
    trial = lgb.train(
        settings,
        rows_of(binned, learn),
        num_boost_round=parameters["max_rounds"],
        valid_sets=[rows_of(binned, hold_out)],
        callbacks=[lgb.early_stopping(parameters["patience"], verbose=False)],
    )
    raw, rounds = np.asarray(trial.predict(held_out.features.values)), max(trial.best_iteration, 1)
    level = season.levels(examples.features.keys["cut"], examples.features.column("window_days"))
    raw = shifted(raw, level[hold_out])
    unseen = shifted(_cross_fitted(examples, binned, settings, rounds, folds), level) if folds else None
    window_days = examples.features.column("window_days")
    slope = 0.0 if unseen is None else fit_window_slope(unseen, window_days, examples)
    booster = without_threads(lgb.train(settings, binned, num_boost_round=rounds))
    if unseen is None:
        calibration = calibrated_where_chosen(raw, held_out)
        return Boosted(booster, calibration, slope, calibration(raw))
    unseen = shifted(unseen, slope * log_window(window_days))
    raw = shifted(raw, slope * log_window(window_days[hold_out]))
    # what is measured knows the held-out cut only by the number of rounds
    before_it = calibrated_where_chosen(unseen[learn], examples.take(learn))
    calibration = calibrated_where_chosen(unseen, examples)
    return Boosted(booster, calibration, slope, before_it(raw))


def fit_window_slope(p: np.ndarray, window_days: np.ndarray, examples: Examples) -> float:
    """How the log odds rise with ln(window) beyond the scores p of shape (n,); 0 where all windows are as long.

    Few and slow trees hardly ever split by so weak an input: on three weeks of Complete Journey they said 17 % too much
    for windows of four days and 6 % too little for seven.
    """
    if not (window_days > window_days.min()).any():
        return 0.0
    p = np.clip(p, EDGE, 1.0 - EDGE)
    inputs = np.column_stack([np.log(p / (1.0 - p)), log_window(window_days)])
    curve = LogisticRegression(C=1e6).fit(
        inputs, examples.happened, sample_weight=examples.weight * np.sqrt(p)
    )
    rises, longer = (float(slope) for slope in curve.coef_[0])
    return longer / rises if rises > EDGE else 0.0


def _cross_fitted(
    examples: Examples, binned: lgb.Dataset, settings: dict[str, Any], rounds: int, folds: int
) -> np.ndarray:
    """Raw scores of all examples, shape (n,), each by trees that saw nothing of its customer."""
    fold = examples.features.keys[CUSTOMER_NO].to_numpy() % folds
    unseen = np.empty(len(fold))
    for place in range(folds):
        booster = lgb.train(settings, rows_of(binned, fold != place), num_boost_round=rounds)
        unseen[fold == place] = np.asarray(booster.predict(examples.features.values[fold == place]))
    return unseen


def calibrated_where_chosen(p: np.ndarray, examples: Examples) -> BetaCalibration:
    """Calibration that minds high scores more, for offers are made of them.

    Weighted by the square root of the score: on thirteen weekly cuts of Complete Journey before 2017-09-25 the six
    best items of all customers were then predicted 1 % too low on average, against 3 % unweighted.
    """
    return fit_calibration(p, examples.happened, examples.weight * np.sqrt(p))
