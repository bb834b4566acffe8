import json
from collections.abc import Mapping
from pathlib import Path
from typing import Never

import numpy as np
import pytest

from training.simulator.calibration.tuning import Aim, Knob, Trials, tune

KNOBS = (Knob("visits.gap_days", 1.0, 20.0), Knob("choice.novelty_mean", -5.0, 5.0))
START = {"visits.gap_days": 10.0, "choice.novelty_mean": 0.0}
AIMS = (Aim("gap", 4.0, 0.1), Aim("repeat", 0.5, 0.01))


def _live(knobs: Mapping[str, float]) -> dict[str, float]:
    gap, novelty = knobs["visits.gap_days"], knobs["choice.novelty_mean"]
    return {"gap": gap - 0.3 * novelty, "repeat": 0.6 / (1 + np.exp(novelty)) + 0.01 * gap}


def _silent(_what: str, _done: int, _total: int) -> None:
    pass


def test_two_knobs_reach_two_figures(tmp_path: Path) -> None:
    found, misses = tune(KNOBS, START, AIMS, Trials(_live, tmp_path / "trials", "a"), 25, _silent)
    assert misses < 1
    assert _live(found)["gap"] == pytest.approx(4.0, abs=0.1)
    assert _live(found)["repeat"] == pytest.approx(0.5, abs=0.01)


def test_a_knob_stays_within_its_bounds(tmp_path: Path) -> None:
    aims = (Aim("gap", 100.0, 0.1),)
    found, _ = tune(
        KNOBS[:1],
        START,
        aims,
        Trials(lambda knobs: {"gap": knobs["visits.gap_days"]}, tmp_path / "t", "a"),
        30,
        _silent,
    )
    assert 10 < found["visits.gap_days"] <= 20


def test_a_figure_that_cannot_be_told_spoils_no_step(tmp_path: Path) -> None:
    def live(knobs: Mapping[str, float]) -> dict[str, float]:
        return _live(knobs) | {"lost": np.nan}

    aims = (*AIMS, Aim("lost", 1.0, 0.1))
    found, _ = tune(KNOBS, START, aims, Trials(live, tmp_path / "trials", "a"), 25, _silent)
    assert _live(found)["gap"] == pytest.approx(4.0, abs=0.1)


def test_what_was_lived_once_is_read_from_the_file(tmp_path: Path) -> None:
    tune(KNOBS, START, AIMS, Trials(_live, tmp_path / "trials", "a"), 3, _silent)

    def refuses(_knobs: Mapping[str, float]) -> Never:
        raise AssertionError("lived again")

    tune(KNOBS, START, AIMS, Trials(refuses, tmp_path / "trials", "a"), 3, _silent)
    kept = (tmp_path / "trials").read_text(encoding="utf-8").splitlines()
    assert len(kept) == 1 + len(KNOBS) + 3
    assert json.loads(kept[0])["knobs"] == pytest.approx(START, abs=0.01)


def test_trials_of_another_setting_do_not_count(tmp_path: Path) -> None:
    Trials(_live, tmp_path / "trials", "seed 1").figures(START)
    lived = []
    Trials(lambda knobs: lived.append(knobs) or {"gap": 0.0}, tmp_path / "trials", "seed 2").figures(START)
    assert lived == [START]
