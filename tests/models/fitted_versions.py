"""Small fitted models and their manifest, for tests of artifact and registry."""

from datetime import UTC, datetime

import lightgbm as lgb
import numpy as np

from models.customers.churn import (
    Churn,
    ChurnEligibility,
    ChurnModel,
    LogisticCurve,
    OwnCycleSurvival,
    churn_inputs,
)
from models.customers.rhythm import GapPrior, ItemRhythm, Rhythm
from models.features.recipe import PAIR_FEATURES, current_recipe
from models.items.affinity import AffinityModel, PairScorer
from models.items.baselines import BaselineScorer
from models.items.candidates import CandidateLimits
from models.items.probability_calibration import BetaCalibration
from models.neighbours import BasketTriples, NamedNeighbours, NeighbourRules, Reference, TifuKnn, UpCf
from models.versions.artifact import Manifest
from tests.models.literal import customer_rows

RHYTHM = Rhythm(
    GapPrior(1.9, 0.6, 0.7, 5.0), ItemRhythm(GapPrior(3.0, 0.4, 0.9, 50.0), {"Milk": 2.0, "Käse": 2.5})
)


def manifest(*, day: int = 4, notes: tuple[str, ...] = ()) -> Manifest:
    """What a run of 2017-12-`day` would say."""
    recipe = current_recipe()
    return Manifest(
        as_of=datetime(2017, 12, day, tzinfo=UTC),
        item_level="product",
        window_days=(4, 7),
        churn_horizon_days=28,
        seen_days=56,
        limits=CandidateLimits(popular=30),
        data={"fingerprint": "f" * 64, "first_day": "2017-01-01"},
        code="0.1.0",
        recipe={"fingerprint": recipe.fingerprint},
        parameters={"seed": 1, "window_days": (4, 7)},
        metrics={"affinity_auc": 0.8125, "churn_auc": 1 / 3},
        notes=notes,
    )


def fallbacks() -> tuple[PairScorer, Churn]:
    """The models of a shop that has too little history."""
    silent = {28: OwnCycleSurvival(RHYTHM, 28), 56: OwnCycleSurvival(RHYTHM, 56)}
    return BaselineScorer("frequency", 0.9, -3.0), Churn(silent, None, 28, RHYTHM, ChurnEligibility())


def boosted() -> tuple[PairScorer, Churn]:
    """LightGBM models of five small trees."""
    return (
        AffinityModel(_booster(PAIR_FEATURES), BetaCalibration(1.1, 0.9, 0.1)),
        Churn({28: _chance(1), 56: _chance(2)}, _chance(3), 28, RHYTHM, ChurnEligibility()),
    )


def asking_neighbours() -> tuple[PairScorer, Churn]:
    """The same with two reference customers, who bought three items."""
    triples = [np.array(column, dtype=np.int32) for column in ([0, 0, 1, 1], [0, 2, 1, 2], [0, 1, 0, 0])]
    reference = Reference(
        np.array([5, 2**63], dtype=np.uint64),
        BasketTriples(*triples, np.array([2, 1], dtype=np.int32), 3),
        np.array([0, 4, 7], dtype=np.int32),
        seed=9,
    )
    rules = NeighbourRules(TifuKnn(neighbours=5), UpCf(locality=2), customers=2)
    named = NamedNeighbours(reference, np.array(["p0", "p4", "p7"]), rules)
    return (
        AffinityModel(_booster(PAIR_FEATURES), BetaCalibration(1.1, 0.9, 0.1), named),
        boosted()[1],
    )


def _chance(seed: int) -> ChurnModel:
    names = churn_inputs(customer_rows(1, visits=2, days_since_visit=1), RHYTHM).names
    rng = np.random.default_rng(seed)
    mean, scale, slope = (tuple(rng.uniform(0.5, 2, len(names)).tolist()) for _ in range(3))
    return ChurnModel(_booster(names), LogisticCurve(mean, scale, slope, -1.5), RHYTHM)


def _booster(names: tuple[str, ...]) -> lgb.Booster:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(200, len(names))).astype(np.float32)
    happened = values[:, 1] + rng.normal(size=200) > 0
    return lgb.train(
        {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5, "num_leaves": 5},
        lgb.Dataset(values, label=happened, feature_name=list(names), params={"verbosity": -1}),
        num_boost_round=5,
    )
