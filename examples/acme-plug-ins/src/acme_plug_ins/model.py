"""A logistic regression in place of boosted trees: every weight can be read in its file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from models.features.feature_matrix import FeatureMatrix
from models.items.own_model import OwnModel


@dataclass(frozen=True)
class Weights:
    """Mean and scale of each input, known or not, and what it adds to the log odds."""

    names: list[str]
    mean: list[float]
    scale: list[float]
    slope: list[float]
    base: float


def _learn(
    pairs: FeatureMatrix, bought: np.ndarray, weight: np.ndarray, *, seed: int, ridge: float
) -> Weights:
    values = _bent(pairs)
    known = ~np.isnan(values)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / counts
    scale = np.sqrt(np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / counts)
    scale = np.where(scale > 0, scale, 1.0)
    inputs = np.where(known, (values - mean) / scale, 0.0)
    curve = LogisticRegression(C=1.0 / ridge, max_iter=300, random_state=seed).fit(inputs, bought, weight)
    columns = (mean, scale, curve.coef_[0])
    return Weights(list(pairs.names), *(column.tolist() for column in columns), float(curve.intercept_[0]))


def _score(learnt: Weights, pairs: FeatureMatrix) -> np.ndarray:
    values = _bent(pairs)
    inputs = np.where(np.isnan(values), 0.0, (values - np.array(learnt.mean)) / np.array(learnt.scale))
    # summed row by row, not by a matrix product, whose rounding depends on how many rows there are
    return 1.0 / (1.0 + np.exp(-((inputs * np.array(learnt.slope)).sum(axis=1) + learnt.base)))


def _bent(pairs: FeatureMatrix) -> np.ndarray:
    """Large values count by their logarithm."""
    values = pairs.values.astype(np.float64)
    return np.sign(values) * np.log1p(np.abs(values))


def _write(learnt: Weights) -> dict[str, bytes]:
    return {"weights.json": json.dumps(asdict(learnt), indent=1).encode()}


def _read(files: Mapping[str, bytes]) -> Weights:
    return Weights(**json.loads(files["weights.json"]))


logistic = OwnModel("acme_logistic", _learn, _score, _write, _read, {"ridge": 1.0}, {"ridge": (0.001, 1_000)})
