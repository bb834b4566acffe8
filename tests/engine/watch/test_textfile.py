from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from engine.watch.textfile import write_metrics

ABOUT = {
    "as_of": "2018-03-10T00:00:00+00:00",
    "model": "2017-12-04-81d78b30",
    "result": {"customers": 60, "bundles": 53, "offers": 318, "mean_depth_bp": 1132.1},
    "measures": {"due": 53, "empty": 0},
    "budget": {"planned_milli": 12_677_438, "allowance_milli": 587_884_951},
    "guard": {
        "data_age": {"value": 76.0, "limit": {"at_most": 36.0}, "ok": False, "accepted": True},
        "mean_depth": {"value": None, "limit": {}, "ok": True, "accepted": False},
    },
}


def samples(path: Path) -> dict[str, float]:
    return {
        ",".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(path.read_text(encoding="utf-8"))
        for sample in family.samples
    }


def test_a_published_night_in_prometheus_words(tmp_path: Path) -> None:
    path = tmp_path / "collector" / "night.prom"
    write_metrics(path, started=1000.0, exit_code=0, stage_seconds={"settling": 1.5}, about=ABOUT)
    found = samples(path)
    assert found["abonement_night_last_success_timestamp_seconds"] == 1000.0
    assert found["abonement_night_stage_seconds,settling"] == 1.5
    assert found["abonement_night_bundles"] == 53
    assert found["abonement_night_model_age_days"] == 96
    assert found["abonement_night_expected_cost_minor"] == pytest.approx(12677.438)
    assert found["abonement_night_guard_value,data_age"] == 76.0
    assert found["abonement_night_guard_limit,at_most,data_age"] == 36.0
    assert (found["abonement_night_guard_ok,data_age"], found["abonement_night_guard_accepted,data_age"]) == (
        0,
        1,
    )
    assert "abonement_night_guard_value,mean_depth" not in found
    assert [file.name for file in path.parent.iterdir()] == ["night.prom"]


def test_a_failed_night_keeps_the_last_success_and_its_own_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "night.prom"
    write_metrics(path, started=1000.0, exit_code=0, stage_seconds={}, about=ABOUT)
    write_metrics(path, started=2000.0, exit_code=69, stage_seconds={"starting": 0.1}, about=None)
    found = samples(path)
    assert found["abonement_night_last_success_timestamp_seconds"] == 1000.0
    assert found["abonement_night_started_timestamp_seconds"] == 2000.0
    assert found["abonement_night_exit_code"] == 69
    assert "abonement_night_bundles" not in found


def test_a_first_night_that_fails_claims_no_success(tmp_path: Path) -> None:
    path = tmp_path / "night.prom"
    write_metrics(path, started=2000.0, exit_code=3, stage_seconds={}, about=None)
    assert "abonement_night_last_success_timestamp_seconds" not in samples(path)
