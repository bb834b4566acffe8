"""A night that somebody started from the console: it goes on by itself, whatever becomes of browser and server.

WORKSPACE/console/night.json says what was started, night.log beside it what the night writes (`nightly --log-json`): lines of
JSON, last the sentence of an error. Both are replaced by the next one. Whether it still runs and how it ended is read there.
"""

import json
import os
import subprocess
import threading
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from engine.console.frame.visit import Console
from engine.console.work.command_at_work import environment_of, line_of
from models.ground.durable import discard, readable_json, write_text
from models.ground.errors import BadInput, Busy


class NightAtWork(NamedTuple):
    """The night that was started last."""

    run_id: str
    started_by: str
    started_at: datetime
    stages: tuple[tuple[str, float], ...]  # those that are over, with their seconds
    exit_code: int | None  # None while it runs, or where it was lost
    is_running: bool
    sentence: str  # why it was refused


def start_again(here: Console, run_id: str, accept: Sequence[str], *, by: str) -> None:
    """Begin a night again by the rules that it had, with findings of the guard accepted.

    It takes up what is there: only what the guard had stopped is left to do.

    Raises:
        BadInput: its run folder is gone.
        Busy: another one runs.

    """
    last = night_at_work(here)
    if last is not None and last.is_running:
        raise Busy(
            f"The night {last.run_id} is still at work, started by {last.started_by}; wait until it has ended."
        )
    run = here.settings.workspace / "runs" / run_id
    try:
        request = json.loads((run / "request.json").read_text(encoding="utf-8"))
        rules = _lay_out_rules(here, run)
    except OSError as error:
        raise BadInput(
            f"The folder of run {run_id} is gone, so that it cannot be taken up; run the night anew."
        ) from error
    words = [
        "nightly",
        f"--as-of={request['as_of']}",
        f"--programme={rules}",
        "--log-json",
        "--json",
        "--report",
    ]
    words += [f"--accept={name}" for name in accept]
    folder = _folder(here)
    with (folder / "night.log").open("wb") as log:
        night = subprocess.Popen(  # noqa: S603 - our own command, as in `command_at_work`
            line_of(here, words),
            env=environment_of(here),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
    threading.Thread(target=night.wait, daemon=True).start()  # or the system keeps it as a zombie
    about = {"run_id": run_id, "by": by, "at": datetime.now(UTC).isoformat(), "pid": night.pid}
    write_text(folder / "night.json", readable_json(about))


def night_at_work(here: Console) -> NightAtWork | None:
    """What was started last, and how far it is; None where nothing was."""
    folder = _folder(here)
    try:
        about = json.loads((folder / "night.json").read_text(encoding="utf-8"))
        lines = (folder / "night.log").read_text(encoding="utf-8", errors="replace").splitlines()
    except (OSError, ValueError):
        return None
    events = [event for event in map(_event, lines) if event]
    ended = next((one for one in events if one.get("event") == "night_ended"), None)
    said = [line for line in lines if line.strip() and not _event(line)]
    return NightAtWork(
        run_id=about["run_id"],
        started_by=about["by"],
        started_at=datetime.fromisoformat(about["at"]),
        stages=tuple((one["stage"], one["seconds"]) for one in events if one.get("event") == "stage_ended"),
        exit_code=None if ended is None else int(ended["exit_code"]),
        is_running=ended is None and _runs(int(about["pid"])),
        sentence=said[-1] if said else "",
    )


def _lay_out_rules(here: Console, run: Path) -> Path:
    """The night's own rules and wording, as a folder that `nightly --programme` reads."""
    text = (run / "programme.toml").read_text(encoding="utf-8")
    folder = _folder(here) / "rules"
    discard(folder)
    (folder / "wording").mkdir(parents=True)
    write_text(folder / "programme.toml", text)
    if (run / "wording.toml").exists():
        language = tomllib.loads(text)["language"]
        write_text(
            folder / "wording" / f"{language}.toml", (run / "wording.toml").read_text(encoding="utf-8")
        )
    return folder / "programme.toml"


def _folder(here: Console) -> Path:
    """Where it is kept; there only once a night was started."""
    return here.settings.workspace.absolute() / "console"


def _event(line: str) -> dict[str, Any]:
    """A line of the night's log; empty for a sentence."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
