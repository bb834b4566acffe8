"""What a model of another package must do, and that each of it is asked: a model that does one thing wrong is named."""

import json
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from models.features.feature_matrix import FeatureMatrix
from models.ground.errors import BadInput
from models.items.own_model import OwnModel
from tests.training.examples import SMALL, pairs_at
from training.fitting.conformance import check_model
from training.fitting.own_model_fit import fit_own_model


@dataclass(frozen=True)
class Curve:
    slope: float
    base: float


def learn(pairs: FeatureMatrix, bought: np.ndarray, weight: np.ndarray, *, seed: int, slope: float) -> Curve:
    del pairs, seed
    rate = float(np.average(bought, weights=weight))
    return Curve(slope, float(np.log(rate / (1 - rate))))


def score(learnt: Curve, pairs: FeatureMatrix) -> np.ndarray:
    buys = np.nan_to_num(pairs.column("buys").astype(np.float64))
    return np.asarray(1 / (1 + np.exp(-(learnt.slope * buys + learnt.base))))


def write(learnt: Curve) -> dict[str, bytes]:
    return {"curve.json": json.dumps([learnt.slope, learnt.base]).encode()}


def read(files: Mapping[str, bytes]) -> Curve:
    return Curve(*json.loads(files["curve.json"]))


CURVE = OwnModel("curve", learn, score, write, read, {"slope": 0.5}, {"slope": (0, 10)})


def learn_by_chance(pairs: FeatureMatrix, bought: np.ndarray, weight: np.ndarray, **about: Any) -> Curve:
    return replace(learn(pairs, bought, weight, **about), base=float(np.random.default_rng().normal()))


def score_as_logit(learnt: Curve, pairs: FeatureMatrix) -> np.ndarray:
    return learnt.slope * pairs.column("buys") - 7


def score_unknown(learnt: Curve, pairs: FeatureMatrix) -> np.ndarray:
    return score(learnt, pairs) + 0 * pairs.column("buys")


def score_by_rank(learnt: Curve, pairs: FeatureMatrix) -> np.ndarray:
    return np.argsort(np.argsort(score(learnt, pairs), kind="stable")) / len(pairs)


def score_one_too_few(learnt: Curve, pairs: FeatureMatrix) -> np.ndarray:
    return score(learnt, pairs)[1:]


def score_upside_down(learnt: Curve, pairs: FeatureMatrix) -> np.ndarray:
    return 1 - score(learnt, pairs)


def score_and_fill(learnt: Curve, pairs: FeatureMatrix) -> np.ndarray:
    np.nan_to_num(pairs.values, copy=False)
    return score(learnt, pairs)


def write_half(learnt: Curve) -> dict[str, bytes]:
    return {"curve.json": json.dumps([learnt.slope, 0.0]).encode()}


def write_pickle(learnt: Curve) -> dict[str, bytes]:
    return {"curve.pkl": pickle.dumps([learnt.slope, learnt.base])}


def write_elsewhere(learnt: Curve) -> dict[str, bytes]:
    return {"../manifest.json": write(learnt)["curve.json"]}


def test_a_model_that_does_all_of_it_conforms() -> None:
    check_model(CURVE)
    check_model(CURVE.with_parameters({"slope": 2}), ["late"], seed=7)


@pytest.mark.parametrize(
    ("part", "wrong", "sentence"),
    [
        ("learn", learn_by_chance, "learns the same twice: no"),
        (
            "score",
            score_as_logit,
            r"Expected the model 'curve' to give 400 scores within \[0, 1\], got others",
        ),
        ("score", score_unknown, r"unknown values too: BadInput: .*got others"),
        (
            "score",
            score_by_rank,
            r"scores a row alike in any order and company: no, the largest difference is 0\.[0-9]+",
        ),
        ("score", score_one_too_few, r"got shape \(399,\)"),
        ("score", score_upside_down, "puts a habit before what nobody buys: no"),
        ("score", score_and_fill, "leaves what it scores as it was: no"),
        (
            "write",
            write_half,
            r"scores alike after a round through its files: no, the largest difference is 0\.[0-9]+",
        ),
        ("write", write_pickle, "keeps curve.pkl as a pickle, which runs code when it is opened"),
        ("write", write_elsewhere, r"files with names of .*, got '\.\./manifest\.json'"),
    ],
)
def test_a_model_that_does_one_thing_wrong_is_refused_by_it(
    part: str, wrong: Callable[..., Any], sentence: str
) -> None:
    with pytest.raises(
        BadInput, match=rf"The model 'curve' does not conform: .*{sentence}.*Correct the model\.$"
    ):
        check_model(replace(CURVE, **{part: wrong}))


def write_single(learnt: Curve) -> dict[str, bytes]:
    return {"curve.json": json.dumps([learnt.slope, float(np.float32(learnt.base))]).encode()}


def test_a_loss_of_precision_in_the_files_is_told_by_its_size() -> None:
    with pytest.raises(
        BadInput, match=r"through its files: no, the largest difference is [\d.]+e-\d\d\. Correct"
    ):
        check_model(replace(CURVE, write=write_single))


def test_a_model_whose_source_cannot_be_read_is_refused() -> None:
    typed: dict[str, Any] = {}
    exec("def score(learnt, pairs):\n    return pairs.values[:, 0]", typed)  # noqa: S102 - as a prompt does
    with pytest.raises(BadInput, match="The source of model 'curve' cannot be read"):
        check_model(replace(CURVE, score=typed["score"]))


@pytest.mark.parametrize("slope", [-1, "steep", True])
def test_a_parameter_out_of_bounds_or_of_another_kind_is_refused(slope: object) -> None:
    with pytest.raises(
        BadInput, match=r"own_model_parameters.slope = .*expected a finite number from 0 to 10"
    ):
        CURVE.with_parameters({"slope": slope})


def test_its_scores_are_calibrated_and_measured_on_what_it_has_not_seen() -> None:
    examples = pairs_at([0, 1, 2])
    learnt = fit_own_model(examples, SMALL, CURVE)
    assert learnt.note is None
    assert learnt.metrics["auc"] > 0.6
    p = learnt.model.predict(examples.features)
    assert (
        abs(np.average(p, weights=examples.weight) - np.average(examples.happened, weights=examples.weight))
        < 0.02
    )


def test_too_little_to_learn_from_is_the_frequency_rule_as_for_ours() -> None:
    learnt = fit_own_model(pairs_at([0, 1, 2]), replace(SMALL, min_positives=100_000), CURVE)
    assert str(learnt.note).startswith("Affinity is the frequency rule: ")
