"""A profile in a file: what it says is what is learnt with, and what it cannot say is refused by name."""

import json
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from models.ground.errors import BadInput
from models.items.baselines import TUNED
from training.fitting.fit_profile import FitProfile
from training.fitting.profile_file import load_profile


def profile(folder: Path, text: str) -> FitProfile:
    file = folder / "profile.toml"
    file.write_text(text, encoding="utf-8")
    return load_profile(file)


def as_toml(value: Any, section: str = "") -> str:
    """A dataclass or a table as TOML, its own values before its sections."""
    entries = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    plain = [f"{key} = {json.dumps(one)}" for key, one in entries.items() if not isinstance(one, dict | None)]
    tables = [
        as_toml(one, f"{section}{key}.") for key, one in entries.items() if isinstance(one, dict) and one
    ]
    return "\n".join([f"[{section[:-1]}]" if section else "", *plain, *tables])


def test_what_a_file_says_is_changed_and_nothing_else(tmp_path: Path) -> None:
    said = """
        window_days = [7, 7]
        negative_share = 1
        churn_longer_days = []
        [limits]
        own_history = 60
        [affinity_lightgbm]
        learning_rate = 0.1
        [neighbours]
        customers = 500
        [neighbours.tifu]
        group_size = 5
        """
    usual = FitProfile()
    assert profile(tmp_path, said) == replace(
        usual,
        window_days=(7, 7),
        negative_share=1.0,
        churn_longer_days=(),
        limits=replace(usual.limits, own_history=60),
        affinity_lightgbm=usual.affinity_lightgbm | {"learning_rate": 0.1},
        neighbours=replace(TUNED, customers=500, tifu=replace(TUNED.tifu, group_size=5)),
    )


def test_an_empty_file_is_the_usual_profile(tmp_path: Path) -> None:
    assert profile(tmp_path, "") == FitProfile()


def test_every_field_can_be_written_down_and_comes_back(tmp_path: Path) -> None:
    own = {
        "own_features": ("late",),
        "own_model": "line",
        "own_model_parameters": {"ridge": 1.0, "on": (1, 2)},
    }
    everything = replace(FitProfile(), neighbours=TUNED, **own)  # type: ignore[arg-type]
    text = as_toml(everything)
    assert [field.name for field in fields(everything) if field.name not in text] == []
    assert profile(tmp_path, text) == everything


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("negative_shore = 0.5", r"negative_shore is not known, did you mean negative_share"),
        ("negative_share = 0", r"negative_share = 0.0, expected a number from 0.001 to 1"),
        ("negative_share = nan", r"negative_share = nan, expected a number"),
        ("affinity_cuts = 9.0", r"affinity_cuts = 9.0, expected a whole number from 2 to 104"),
        ("affinity_cuts = true", r"affinity_cuts = True, expected a whole number"),
        ("window_days = 7", r"window_days = 7, expected a list of whole numbers"),
        ("window_days = [7, 4]", r"window_days = \[7, 4\], expected the shortest and the longest window"),
        ("window_days = [7]", r"window_days = \[7\], expected the shortest"),
        ("churn_longer_days = [28]", r"churn_longer_days = \[28\], expected rising horizons beyond"),
        ("calibration_folds = 1", r"one fold would leave nobody"),
        ("limits = 5", r"limits = 5, expected a section \[limits\]"),
        ("[limits]\nown = 5", r"limits.own is not known"),
        (
            "[neighbours.tifu]\nneighbours = 0",
            r"neighbours.tifu.neighbours = 0, expected a whole number from 1",
        ),
        ("[affinity_lightgbm]\nobjective = 'mse'", r"affinity_lightgbm.objective is not known"),
        ("[affinity_lightgbm]\nnum_threads = 4", r"affinity_lightgbm.num_threads is not known"),
        (
            "[affinity_lightgbm]\nrounds = 40",
            r"affinity_lightgbm.rounds is not known, did you mean max_rounds",
        ),
        ("[affinity_lightgbm]\nmetric = 'map'", r"metric = 'map', expected one of average_precision, "),
        (
            "[churn_lightgbm]\nnum_leaves = 1",
            r"churn_lightgbm.num_leaves = 1, expected a whole number from 2",
        ),
        ("seen_days = 0\nseed = -1", r"seen_days = 0, .*; seed = -1, .*Correct or remove what is named\.$"),
        ("own_features = 'late'", r"own_features = 'late', expected a list of names of features"),
        ("own_features = [1]", r"own_features = \[1\], expected a list of names of features"),
        ("own_model = 3", r"own_model = 3, expected the name of a model"),
        ("[own_model_parameters]\nridge = 1", r"own_model_parameters stand without an own_model"),
        ("seed = ", r"Expected a profile in TOML at .*profile.toml: "),
    ],
)
def test_what_a_profile_cannot_say_is_refused_by_name(tmp_path: Path, said: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        profile(tmp_path, said)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"Expected a profile in TOML at .*nowhere.toml: "):
        load_profile(tmp_path / "nowhere.toml")
