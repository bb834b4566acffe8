"""Fitting a model of another package: held out, calibrated and measured as affinity's own trees are.

It is not shifted by the season of the month or the length of the window beyond what it learns of them itself.
"""

import numpy as np

from models.items.affinity import PairScorer
from models.items.own_model import OwnAffinity, OwnModel
from models.tables import CUSTOMER_NO
from training.fitting.affinity_fit import (
    Learnt,
    calibrated_where_chosen,
    early_and_latest,
    frequency_instead,
    kept_where_it_wins,
)
from training.fitting.examples import Examples
from training.fitting.fit_profile import FitProfile


def fit_own_model(examples: Examples, profile: FitProfile, model: OwnModel) -> Learnt[PairScorer]:
    """The model learnt from pair examples; the frequency baseline where too little was bought to learn from, or it is no better.

    Raises:
        BadInput: its scores are none, or what it keeps is a pickle.

    """
    early, latest = early_and_latest(examples, profile.window_days[1])
    fallback = frequency_instead(examples, early, latest, profile)
    if fallback is not None:
        return fallback
    held_out, folds = examples.take(latest), profile.calibration_folds
    raw = _scored(model, examples.take(early), held_out, profile.seed)
    learnt = _learnt(model, examples, profile.seed)
    model.files(learnt)  # refused before anything is published
    if not folds:
        calibration = calibrated_where_chosen(raw, held_out)
        own = OwnAffinity(model, learnt, calibration)
        return kept_where_it_wins(own, calibration(raw), examples, early, latest)
    unseen = _unseen(model, examples, folds, profile.seed)
    before_it = calibrated_where_chosen(unseen[early], examples.take(early))
    calibration = calibrated_where_chosen(unseen, examples)
    own = OwnAffinity(model, learnt, calibration)
    return kept_where_it_wins(own, before_it(raw), examples, early, latest)


def _unseen(model: OwnModel, examples: Examples, folds: int, seed: int) -> np.ndarray:
    """Scores of all examples, shape (n,), each by a model that saw nothing of its customer."""
    fold = examples.features.keys[CUSTOMER_NO].to_numpy() % folds
    unseen = np.empty(len(fold))
    for place in range(folds):
        rows = fold == place
        unseen[rows] = _scored(model, examples.take(~rows), examples.take(rows), seed)
    return unseen


def _scored(model: OwnModel, known: Examples, asked: Examples, seed: int) -> np.ndarray:
    return model.scores(_learnt(model, known, seed), asked.features)


def _learnt(model: OwnModel, examples: Examples, seed: int) -> object:
    return model.learnt_from(examples.features, examples.happened, examples.weight, seed)
