"""What people say of a version: REGISTRY/notes.jsonl, one line a note, oldest first.

A version is known by the digest of its content, so what is said of it later lies beside it and changes nothing.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from models.ground.durable import write_text
from models.ground.errors import BadInput
from models.ground.locks import holding
from models.versions.registry import require_version

_FILE = "notes.jsonl"
_WAIT_SECONDS = 60  # the lock is held while one small file is written
# As much as a terminal shows of a version without hiding the others.
LONGEST = 500


@dataclass(frozen=True)
class VersionNote:
    """A sentence about a version: which, when, by whom (None where the machine does not know), what."""

    version: str
    at: str
    by: str | None
    note: str


def add_note(registry: Path, version: str, text: str, *, now: datetime, by: str | None) -> VersionNote:
    """Keep a note about a version.

    Raises:
        BadInput: there is no such version, or the text is empty, longer than LONGEST or more than a line.

    """
    require_version(registry, version)
    said = text.strip()
    if not said or len(said) > LONGEST or not said.isprintable():
        came = f"{len(said):,} characters" if said.isprintable() else "line breaks or control characters"
        raise BadInput(f"Expected a note of 1 to {LONGEST} characters on one line, got {came}; shorten it.")
    added = VersionNote(version, now.isoformat(timespec="seconds"), by, said)
    with holding(registry, "noting a version", wait_seconds=_WAIT_SECONDS):
        lines = [json.dumps(asdict(note), ensure_ascii=False) for note in (*notes_of(registry), added)]
        write_text(registry / _FILE, "\n".join(lines) + "\n")
    return added


def notes_of(registry: Path) -> list[VersionNote]:
    """All notes, oldest first."""
    try:
        lines = (registry / _FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [VersionNote(**json.loads(line)) for line in lines if line]
