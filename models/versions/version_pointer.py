"""A pointer to the version in use, and its history: `current` names it, `history.jsonl` remembers every change.

Models have one, the shop's price response has its own.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from models.ground.durable import write_text


def current_version(registry: Path) -> str | None:
    """The version in use, or None before the first promotion."""
    try:
        return (registry / "current").read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None


def record(now: datetime | None, by: str | None) -> dict[str, Any]:
    """What the record of a change says of its when and who."""
    return {"at": now.isoformat(timespec="seconds") if now else None, "by": by}


def promoted_before(history: list[dict[str, Any]], current: str | None) -> str | None:
    """The version in use before the present one was promoted, None where there was none; rollbacks go further back."""
    line: list[str] = []
    for place, entry in enumerate(history):
        then = history[place + 1]["from"] if place + 1 < len(history) else current
        if entry["to"] != then:  # killed before the pointer moved
            continue
        if entry.get("back"):
            line.pop()
        else:
            line.append(entry["to"])
    return line[-2] if len(line) > 1 else None


def pointer_history(registry: Path) -> list[dict[str, Any]]:
    """Every change of the pointer, oldest first.

    Returns:
        {"from": ..., "to": ...}, with "back": true for a rollback, and where known "at", "by", "evaluation" (a
        comparison's name) and "forced": true where that evaluation spoke against it.
    """
    try:
        lines = (registry / "history.jsonl").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines if line]


def switch(registry: Path, former: str | None, version: str, about: dict[str, Any]) -> None:
    """Let the pointer name another version, and remember it."""
    # the record goes first: a kill between the two leaves a harmless extra line, never a forgotten change
    history = registry / "history.jsonl"
    known = {name: value for name, value in about.items() if value}
    entry = json.dumps({"from": former, "to": version} | known) + "\n"
    write_text(history, (history.read_text(encoding="utf-8") if history.exists() else "") + entry)
    write_text(registry / "current", version + "\n")
