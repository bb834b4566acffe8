"""Which windows a fit learns: those that somebody names, or those of the programmes in force in a workspace.

One model serves all windows from the shortest to the longest: each example draws one, and its length is an input.
"""

import re
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from models.ground.errors import BadInput
from models.ground.moment import Moment
from models.ground.toml_text import parse_toml
from models.tables import SERVED_MARK
from training.fitting.profile_file import BOUNDS

IN_FORCE = "in-force"
_DAYS = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")
_NIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})\.(?:([a-z][a-z0-9-]*)\.)?(\d+)")


class ProgrammeWindow(NamedTuple):
    """How long bundles of a programme last, in days."""

    name: str  # empty where it has none
    run_id: str  # its newest published night
    shortest: int
    longest: int

    @property
    def said(self) -> str:
        """`weekly 7 days (run 2017-12-04.weekly.1)`."""
        days = str(self.shortest) if self.shortest == self.longest else f"{self.shortest} to {self.longest}"
        plural = "" if days == "1" else "s"
        return f"{self.name or 'the programme without a name'} {days} day{plural} (run {self.run_id})"


def asked_windows(asked: str, workspace: Path, as_of: Moment) -> tuple[tuple[int, int], tuple[str, ...]]:
    """Return the shortest and the longest window, and what asks for them in half sentences.

    Args:
        asked: days such as "1,4-7", or IN_FORCE.
        workspace: whose published nights say what is in force.
        as_of: a programme is in force while bundles of its last night before this may be valid.

    Raises:
        BadInput: it is neither, a window is out of bounds, or no programme is in force.
    """
    if asked == IN_FORCE:
        found = windows_in_force(workspace, as_of.day)
        if not found:
            raise BadInput(
                f"--windows {IN_FORCE} goes by the published nights of {workspace}, and none is in force on {as_of.day}; name "
                "the days, such as --windows 4-7."
            )
        range_ = min(one.shortest for one in found), max(one.longest for one in found)
        return range_, tuple(one.said for one in found)
    days = [_days(part.strip(), asked) for part in asked.split(",")]
    return (min(first for first, _ in days), max(last for _, last in days)), ()


def windows_in_force(workspace: Path, day: date) -> list[ProgrammeWindow]:
    """The windows of every programme whose bundles may be valid on a day, by the folders of published nights."""
    newest: dict[str, tuple[date, int, Path]] = {}
    for mark in (workspace / "runs").glob(f"[!.]*/{SERVED_MARK}"):
        named = _NIGHT.fullmatch(mark.parent.name)
        if named is None:
            continue
        night, name, attempt = date.fromisoformat(named[1]), named[2] or "", int(named[3])
        if night <= day:
            newest[name] = max(newest.get(name, (date.min, 0, mark.parent)), (night, attempt, mark.parent))
    found = []
    for name, (night, _, folder) in sorted(newest.items()):
        shortest, longest = _validity(folder / "programme.toml")
        if day <= night + timedelta(days=longest):
            found.append(ProgrammeWindow(name, folder.name, shortest, longest))
    return found


def _validity(file: Path) -> tuple[int, int]:
    try:
        rules = parse_toml(file.read_text(encoding="utf-8"))["validity"]
        return int(rules["min_days"]), int(rules["max_days"])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"{file} does not say how long bundles last ({error}); expected the rules as the night left them. Bring it back from "
            "a copy of the run folder, or name the days with --windows."
        ) from error


def _days(part: str, asked: str) -> tuple[int, int]:
    said = _DAYS.fullmatch(part)
    least, most = BOUNDS["window_days"]
    first, last = (0, 0) if said is None else (int(said[1]), int(said[2] or said[1]))
    if not least <= first <= last <= most:
        raise BadInput(
            f"--windows {asked}: expected {IN_FORCE}, or days from {least:g} to {most:g} such as 7, 4-7 or 1,4-7, got {part!r}."
        )
    return first, last
