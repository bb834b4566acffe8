"""LightGBM as every fit uses it: the same trees for any number of threads, and examples as its data sets."""

import re
from typing import Any

import lightgbm as lgb

from training.dataset import Examples


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


def lightgbm_dataset(
    examples: Examples, names: list[str], reference: lgb.Dataset | None = None
) -> lgb.Dataset:
    """Examples with their weights; `reference` is the data set whose bins they are put into."""
    return lgb.Dataset(
        examples.features.values,
        label=examples.happened,
        weight=examples.weight,
        feature_name=names,
        reference=reference,
        params={"verbosity": -1},
    )
