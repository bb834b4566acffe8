"""LightGBM as every fit uses it: the same trees for any number of threads, and examples as its data sets."""

import re
from typing import Any

import lightgbm as lgb
import numpy as np

from training.fitting.examples import Examples


def lightgbm_settings(parameters: dict[str, Any], seed: int, jobs: int) -> dict[str, Any]:
    """A profile's parameters for `lgb.train`, on so many threads; the same trees whatever their number."""
    ours = {"rounds", "max_rounds", "patience"}
    return {key: value for key, value in parameters.items() if key not in ours} | {
        "objective": "binary",
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": jobs,
        "verbosity": -1,
    }


def without_threads(booster: lgb.Booster) -> lgb.Booster:
    """The same trees; LightGBM notes in its text how many threads it used, which is no part of the model."""
    return lgb.Booster(model_str=re.sub(r"\[num_threads: \d+\]\n", "", booster.model_to_string()))


def lightgbm_dataset(examples: Examples, settings: dict[str, Any]) -> lgb.Dataset:
    """Examples with their weights and the names of their features, in the bins that the settings ask for."""
    return lgb.Dataset(
        examples.features.values,
        label=examples.happened,
        weight=examples.weight,
        feature_name=list(examples.features.names),
        params=settings,
    )


def rows_of(data: lgb.Dataset, rows: np.ndarray) -> lgb.Dataset:
    """The rows where the mask of shape (n,) is true, in the same bins: nothing is binned or held twice."""
    return data.subset(np.flatnonzero(rows).tolist())
