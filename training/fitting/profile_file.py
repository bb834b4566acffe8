"""A fit's profile from a file: TOML whose keys are the fields of `FitProfile`, each checked, the rest as it is by default.

What may be chosen and within which bounds is said here once; what each does stands in `fit_profile` and beside the
classes that it is made of.
"""

import difflib
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from models.ground.errors import BadInput
from models.items.baselines import TUNED
from training.fitting.fit_profile import FitProfile

Bounds = tuple[float, float]
_COUNT: Bounds = (0, 1_000)
_DAYS: Bounds = (1, 3_650)
# Of everything but LightGBM's parameters, by its name without the section.
BOUNDS: Mapping[str, Bounds] = {
    "window_days": (1, 92),
    "affinity_cuts": (2, 104),
    "affinity_step_days": (1, 92),
    "example_customers": (1, 10_000_000),
    "negative_share": (0.001, 1),
    "churn_cuts": (1, 104),
    "churn_step_days": (1, 92),
    "churn_horizon_days": _DAYS,
    "churn_longer_days": _DAYS,
    "seen_days": _DAYS,
    "lifetime_horizon_days": _DAYS,
    "history_days": _DAYS,
    "min_positives": (1, 10_000_000),
    "min_silent": (1, 10_000_000),
    "seed": (0, 2**31 - 1),
    "calibration_folds": (0, 20),
    **dict.fromkeys(("own_history", "family", "family_items", "popular", "neighbour", "follow_up"), _COUNT),
    **dict.fromkeys(("rising", "launched", "recency", "locality"), _COUNT),
    "min_visits": (2, 1_000),
    "max_days_since_visit": _DAYS,
    "customers": (1, 50_000),
    "items": (1, 100_000),
    "followers": _COUNT,
    "foretold_items": (0, 5_000),
    "group_size": (1, 1_000),
    "neighbours": (1, 50_000),
    **dict.fromkeys(("within_decay", "group_decay", "own_share", "asymmetry"), (0, 1)),
    "shrink": (0, 1_000),
}
# What trees may be told; what makes them the same on every machine, and what they predict, is not to be chosen.
TREES: Mapping[str, tuple[Any, Bounds]] = {
    "learning_rate": (0.1, (0.0001, 1)),
    "num_leaves": (31, (2, 4_096)),
    "max_depth": (-1, (-1, 64)),
    "min_data_in_leaf": (20, (1, 1_000_000)),
    "min_gain_to_split": (0.0, (0, 1_000_000)),
    "feature_fraction": (1.0, (0.01, 1)),
    "bagging_fraction": (1.0, (0.01, 1)),
    "bagging_freq": (0, _COUNT),
    "lambda_l1": (0.0, (0, 1_000_000)),
    "lambda_l2": (0.0, (0, 1_000_000)),
    "max_bin": (255, (2, 4_096)),
    "rounds": (1, (1, 20_000)),
    "max_rounds": (1, (1, 20_000)),
    "patience": (1, (1, 20_000)),
}
# What is said of plug-ins, and how.
PLUG_INS: Mapping[str, tuple[str, type]] = {
    "own_features": ("a list of names of features that installed packages give", list),
    "own_model": ("the name of a model that an installed package gives", str),
    "own_model_parameters": ("a section of the own model's parameters", dict),
}
METRICS = ("average_precision", "binary_logloss", "auc")
_KINDS = {int: "a whole number", float: "a number", str: "text"}


def load_profile(file: Path) -> FitProfile:
    """Read and check a profile.

    Raises:
        BadInput: the file is not readable or not TOML, or names what there is not, or of another kind, or out of
            bounds; every fault is named at once.

    """
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(
            f"Expected a profile in TOML at {file}: {error}. Correct or name another file."
        ) from error
    faults: list[str] = []
    plug_ins = {key: written.pop(key) for key in PLUG_INS if key in written}
    profile: FitProfile = replace(_like(FitProfile(), written, "", faults), **_plug_ins(plug_ins, faults))
    faults += [] if faults else _contradictions(profile)
    if faults:
        raise BadInput(
            f"The profile {file} cannot be used: {'; '.join(faults)}. Correct or remove what is named."
        )
    return profile


def _like(usual: Any, written: Mapping[str, Any], section: str, faults: list[str]) -> Any:
    """A dataclass with what is written of its fields; what is wrong is added to `faults`."""
    known = {field.name: getattr(usual, field.name) for field in fields(usual)}
    given: dict[str, Any] = {}
    for key, value in written.items():
        name = f"{section}{key}"
        default = TUNED if name == "neighbours" else known.get(key)
        if key not in known:
            faults.append(_unknown(name, key, known))
        elif is_dataclass(default) or isinstance(default, dict):
            if not isinstance(value, dict):
                faults.append(f"{name} = {value!r}, expected a section [{name}]")
            elif isinstance(default, dict):
                given[key] = default | dict(_trees(default, value, f"{name}.", faults))
            else:
                given[key] = _like(default, value, f"{name}.", faults)
        elif isinstance(default, tuple):
            given[key] = _several(default, value, name, faults)
        else:
            given[key] = _number(default, value, BOUNDS[key], name, faults)
    return replace(usual, **given)


def _trees(
    usual: Mapping[str, Any], written: Mapping[str, Any], section: str, faults: list[str]
) -> Iterator[tuple[str, Any]]:
    ours = {"rounds", "max_rounds", "patience", "metric"}
    allowed = {key: about for key, about in TREES.items() if key in usual or key not in ours}
    for key, value in written.items():
        if key == "metric" and "metric" in usual:
            if value not in METRICS:
                faults.append(f"{section}metric = {value!r}, expected one of {', '.join(METRICS)}")
            yield key, value
        elif key not in allowed:
            faults.append(
                _unknown(f"{section}{key}", key, [*allowed, *(["metric"] if "metric" in usual else [])])
            )
        else:
            default, bounds = allowed[key]
            yield key, _number(default, value, bounds, f"{section}{key}", faults)


def _several(usual: tuple[Any, ...], value: object, name: str, faults: list[str]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        faults.append(f"{name} = {value!r}, expected a list of whole numbers")
        return usual
    return tuple(_number(0, one, BOUNDS[name], name, faults) for one in value)


def _plug_ins(written: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
    """What is written of other packages; whether they are there and take it is asked when a fit begins."""
    given: dict[str, Any] = {}
    for key, value in written.items():
        expected, kind = PLUG_INS[key]
        wanted = type(value) is kind
        if not wanted or not all(type(one) is str for one in value):
            faults.append(f"{key} = {value!r}, expected {expected}")
        elif isinstance(value, dict):
            given[key] = {one: tuple(each) if isinstance(each, list) else each for one, each in value.items()}
        else:
            given[key] = tuple(value) if isinstance(value, list) else value
    return given


def _number(usual: Any, value: Any, bounds: Bounds, name: str, faults: list[str]) -> Any:
    """The value as a number of the kind of the usual one."""
    kind = type(usual)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind or not (math.isfinite(value) and bounds[0] <= value <= bounds[1]):
        faults.append(f"{name} = {value!r}, expected {_KINDS[kind]} from {bounds[0]:g} to {bounds[1]:g}")
    return value


def _unknown(name: str, key: str, known: Any) -> str:
    near = difflib.get_close_matches(key, list(known), n=1)
    return f"{name} is not known" + (
        f", did you mean {near[0]}" if near else f"; known are {', '.join(sorted(known))}"
    )


def _contradictions(profile: FitProfile) -> list[str]:
    """What is possible alone and not together."""
    faults, usual = [], FitProfile()
    if profile.own_model_parameters and not profile.own_model:
        faults.append("own_model_parameters stand without an own_model, expected its name")
    if len(profile.window_days) != len(usual.window_days) or profile.window_days[0] > profile.window_days[-1]:
        faults.append(
            f"window_days = {list(profile.window_days)}, expected the shortest and the longest window"
        )
    longer = (profile.churn_horizon_days, *profile.churn_longer_days)
    if any(one >= other for one, other in pairwise(longer)):
        faults.append(
            f"churn_longer_days = {list(profile.churn_longer_days)}, expected rising horizons beyond "
            f"churn_horizon_days = {profile.churn_horizon_days}"
        )
    if profile.calibration_folds == 1:
        faults.append(
            "calibration_folds = 1, expected 0 or at least 2: one fold would leave nobody to learn from"
        )
    return faults
