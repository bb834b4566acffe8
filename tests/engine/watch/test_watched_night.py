"""Nights of a small shop through the command, and what is to be seen of them."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from engine.commands.night_summary import night_summary
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.guard import CHECKS
from engine.nightly.run import NightResult
from engine.watch.run_findings import find
from engine.watch.run_page import TITLES, report, room_used, verdict, write_report
from models.ground.errors import BadInput
from tests.engine.commands.test_load import run_main
from tests.engine.nightly.shop_nights import (
    FIRST_NIGHT,
    SECOND_NIGHT,
    change,
    without_last_days,
)

RUN = f"{FIRST_NIGHT}.1"


@pytest.fixture(scope="module")
def after_one_night(shop_after_a_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(shop_after_a_night, tmp_path_factory.mktemp("watched") / "workspace"))


@pytest.fixture
def workspace(after_one_night: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(after_one_night, tmp_path / "workspace"))


def nightly(workspace: Path, *more: str) -> tuple[str, ...]:
    return ("nightly", "--workspace", str(workspace), "--as-of", SECOND_NIGHT, "--jobs", "1", *more)


def customer_ids(workspace: Path) -> list[str]:
    files = (workspace / "runs" / RUN / "outcomes").glob("*.parquet")
    return pd.concat(pd.read_parquet(file) for file in files)["customer_id"].tolist()


def test_the_log_is_json_lines_that_name_no_customer(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, *nightly(workspace, "--log-json")) == 0
    errors = capsys.readouterr().err
    lines = [json.loads(line) for line in errors.splitlines()]
    events = [line["event"] for line in lines]
    assert events[0] == "night_started"
    assert events[-1] == "night_ended"
    assert lines[-1]["exit_code"] == 0
    assert events.count("guard_check") == len(CHECKS)
    stages = [line["stage"] for line in lines if line["event"] == "stage_ended"]
    assert stages[-2:] == ["checking the night", "publishing"]
    assert not any(f'"{customer_id}"' in errors for customer_id in customer_ids(workspace))


def test_a_refused_night_exits_3_with_metrics_and_a_report_to_look_at(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change(workspace, "purchases", lambda lines: without_last_days(lines, 3))
    metrics = tmp_path / "night.prom"
    assert run_main(monkeypatch, *nightly(workspace, "--metrics-file", str(metrics), "--report")) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(
        f"Night {SECOND_NIGHT}.1 was not published: 2 of {len(CHECKS)} checks failed."
    )
    assert "--accept data_age --accept recent_lines." in captured.err
    assert "abonement_night_exit_code 3.0" in metrics.read_text(encoding="utf-8")
    page = (workspace / "runs" / f"{SECOND_NIGHT}.1" / "sight" / "report.html").read_text(encoding="utf-8")
    assert "Not published" in page
    assert "The guard kept it back over data age and recent lines" in page


def test_metrics_that_cannot_be_written_do_not_fail_the_night(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "file").write_text("", encoding="utf-8")
    assert (
        run_main(monkeypatch, *nightly(workspace, "--metrics-file", str(workspace / "file/night.prom"))) == 0
    )
    captured = capsys.readouterr()
    assert captured.out.startswith(f"Night {SECOND_NIGHT}.1: ")
    assert "night.prom: File exists; the night itself is not affected." in captured.err


def test_accepting_from_the_command_line_shows_in_summary_and_page(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change(workspace, "purchases", lambda lines: without_last_days(lines, 3))
    accepted = ("--accept", "data_age", "--accept", "recent_lines")
    assert run_main(monkeypatch, *nightly(workspace, *accepted)) == 0
    assert "16 checks passed; failed and accepted: data_age, recent_lines" in capsys.readouterr().out
    said = verdict(find(workspace, f"{SECOND_NIGHT}.1"))
    assert said.word == "Published, accepted by hand"
    assert "data age and recent lines failed and was accepted" in said.checks


def test_the_page_fetches_nothing_and_names_no_customer(after_one_night: Path) -> None:
    page = report(find(after_one_night, RUN))
    without_namespaces = re.sub(r'xmlns(:xlink)?="[^"]*"', "", page)
    assert not re.search(r"https?://|<script|<link|<img|@import|url\((?!#)", without_namespaces)
    assert not any(f">{customer_id}<" in page for customer_id in customer_ids(after_one_night))
    assert "<h1>Night of Sunday, 31 March 2024</h1>" in page


def test_every_drawing_has_a_label_its_own_ids_and_the_page_s_colours(after_one_night: Path) -> None:
    page = report(find(after_one_night, RUN))
    drawings = page.split("<svg ")[1:]
    assert len(drawings) == 11
    assert all(drawing.startswith('role="img" aria-label="') for drawing in drawings)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "var(--leaf)" in page
    assert "DejaVu" not in page


def test_names_from_data_are_never_markup(after_one_night: Path) -> None:
    found = find(after_one_night, RUN)
    hostile = "<script>alert('\"&\"')</script>"
    guard = {name: check | {"says": hostile} for name, check in found.about["guard"].items()}
    about = {**found.about, "model": hostile, "compared_with": [hostile], "guard": guard}
    page = report(replace(found, about=about, families={hostile: 3}, currency=hostile))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 4


def test_the_page_is_the_same_for_the_same_run(after_one_night: Path) -> None:
    assert report(find(after_one_night, RUN)) == report(find(after_one_night, RUN))


def test_every_check_has_a_title() -> None:
    assert list(TITLES) == list(CHECKS)


def test_findings_count_what_the_slots_hold(after_one_night: Path) -> None:
    found = find(after_one_night, RUN)
    files = (after_one_night / "runs" / RUN / "slots").glob("*.parquet")
    slots = pd.concat(pd.read_parquet(file) for file in files)
    assert sum(sum(counts.values()) for counts in found.depths.values()) == len(slots)
    assert sum(found.days.values()) == len(found.cost_minor) == slots["bundle_id"].nunique()
    assert found.cost_minor.sum() == pytest.approx(slots["expected_cost_milli"].sum() / 1000)
    assert next(iter(found.funnel.values())) == 60
    assert list(found.funnel.values())[-1] == slots["bundle_id"].nunique()


def test_a_run_that_never_was_has_no_report(after_one_night: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"Run 2020-01-01\.1 in .* did not get as far as the guard"):
        write_report(after_one_night, "2020-01-01.1", tmp_path / "x.html")


@pytest.mark.parametrize(
    ("value", "limit", "used"),
    [
        (None, {}, None),
        (18.0, {"at_most": 36.0}, 0.5),
        (0.9, {"at_least": 0.8}, 0.5),
        (1.0, {"at_least": 0.5, "at_most": 2.0}, 0.0),
        (0.5, {"at_least": 0.5, "at_most": 2.0}, 1.0),
        (1450.0, {"at_least": 1000.0, "at_most": 1600.0}, 0.5),
    ],
)
def test_a_bar_shows_how_much_of_the_room_is_taken(
    value: float | None, limit: dict[str, float], used: float | None
) -> None:
    assert room_used({"value": value, "limit": limit}) == pytest.approx(used)


def test_the_summary_says_what_the_guard_said(after_one_night: Path) -> None:
    manifest = RunFolder.of(after_one_night, RUN).manifest()
    text = night_summary(NightResult(RUN, manifest, 2, 0), "EUR", 90)
    assert "  guard      18 checks passed, 8 of them had nothing to compare with" in text


@pytest.mark.parametrize(
    ("nights", "said"), [(1, "(1 night left of the week)"), (2, "(2 nights left of the week)")]
)
def test_the_summary_counts_the_nights_that_are_left(after_one_night: Path, nights: int, said: str) -> None:
    manifest = RunFolder.of(after_one_night, RUN).manifest()
    last = manifest | {"budget": manifest["budget"] | {"nights_left": nights}}
    assert said in night_summary(NightResult(RUN, last, 2, 0), "EUR", 90)


def test_the_summary_names_a_policy_of_the_shops_own(after_one_night: Path) -> None:
    manifest = RunFolder.of(after_one_night, RUN).manifest()
    own = manifest | {"policy": "acme_plug_ins.policy:flat"}
    assert (
        "  policy     acme_plug_ins.policy:flat"
        in night_summary(NightResult(RUN, own, 2, 0), "EUR", 90).splitlines()
    )
    assert "  policy " not in night_summary(NightResult(RUN, manifest, 2, 0), "EUR", 90)


def test_the_summary_warns_of_a_model_that_has_learnt_nothing_for_long(after_one_night: Path) -> None:
    manifest = RunFolder.of(after_one_night, RUN).manifest()
    late = manifest | {"as_of": "2024-12-04T00:00:00+00:00"}
    fresh, old = (
        night_summary(NightResult(RUN, one, 2, 0), "EUR", 90).splitlines()[-1] for one in (manifest, late)
    )
    assert fresh.startswith("  model ")
    assert old.startswith(
        f"  warning    The model in use, {manifest['model']}, has learnt nothing of the last"
    )
