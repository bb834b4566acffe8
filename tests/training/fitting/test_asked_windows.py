"""A fit learns the windows that programmes need."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.ground.moment import Moment
from training.fitting.asked_windows import asked_windows

MONDAY = Moment(datetime(2017, 12, 11, tzinfo=UTC), "UTC")


def served(workspace: Path, run_id: str, shortest: int, longest: int) -> None:
    folder = workspace / "runs" / run_id
    folder.mkdir(parents=True)
    (folder / "served").touch()
    rules = f"[validity]\nmin_days = {shortest}\nmax_days = {longest}\n"
    (folder / "programme.toml").write_text(rules, encoding="utf-8")


@pytest.mark.parametrize(
    ("asked", "windows"), [("7", (7, 7)), ("4-7", (4, 7)), ("1,4-7", (1, 7)), ("4-7, 14", (4, 14))]
)
def test_windows_are_named_as_days(asked: str, windows: tuple[int, int], tmp_path: Path) -> None:
    assert asked_windows(asked, tmp_path, MONDAY) == (windows, ())


@pytest.mark.parametrize("asked", ["", "0-7", "7-4", "4-", "week", "4-93"])
def test_what_is_no_window_is_refused(asked: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected in-force, or days from 1 to 92 such as 7, 4-7 or 1,4-7"):
        asked_windows(asked, tmp_path, MONDAY)


def test_the_programmes_in_force_say_what_they_need(tmp_path: Path) -> None:
    served(tmp_path, "2017-12-04.weekly.1", 4, 7)
    served(tmp_path, "2017-12-10.daily.1", 2, 2)
    served(tmp_path, "2017-12-10.daily.10", 1, 1)
    served(tmp_path, "2017-11-20.1", 3, 14)  # over since the fifth
    served(tmp_path, "2017-12-12.late.1", 20, 20)  # after the data's cut
    windows, asked_by = asked_windows("in-force", tmp_path, MONDAY)
    assert windows == (1, 7)
    assert asked_by == (
        "daily 1 day (run 2017-12-10.daily.10)",
        "weekly 4 to 7 days (run 2017-12-04.weekly.1)",
    )


def test_a_workspace_without_nights_cannot_say_what_is_in_force(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="none is in force on 2017-12-11; name the days"):
        asked_windows("in-force", tmp_path, MONDAY)


def test_rules_that_were_damaged_are_named(tmp_path: Path) -> None:
    served(tmp_path, "2017-12-10.1", 4, 7)
    (tmp_path / "runs" / "2017-12-10.1" / "programme.toml").write_text("[validity]\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"programme\.toml does not say how long bundles last"):
        asked_windows("in-force", tmp_path, MONDAY)
