"""Nights that the guard did not publish: they are in no table of the store, only in their run folders."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple


class KeptBack(NamedTuple):
    """A night that got as far as the guard, and what the guard found."""

    run_id: str
    as_of: datetime
    timezone: str
    about: Mapping[str, Any]  # as the run's `sight/night.json` has it

    @property
    def failed(self) -> tuple[str, ...]:
        """The checks that nobody has accepted."""
        return failed_checks(self.about)


def failed_checks(about: Mapping[str, Any]) -> tuple[str, ...]:
    """The checks of a night that failed and were not accepted."""
    return tuple(
        name for name, one in about.get("guard", {}).items() if not one["ok"] and not one["accepted"]
    )


def nights_kept_back(workspace: Path, published: Collection[str]) -> tuple[KeptBack, ...]:
    """Those of a workspace that the store does not know, newest first."""
    found = []
    for file in (workspace / "runs").glob("[!.]*/sight/night.json"):
        run_id = file.parents[1].name
        about = _read(file) if run_id not in published else None
        if about is not None and failed_checks(about):
            found.append(
                KeptBack(run_id, datetime.fromisoformat(about["as_of"]), str(about["timezone"]), about)
            )
    return tuple(sorted(found, key=lambda one: (one.as_of, one.run_id), reverse=True))


def _read(file: Path) -> dict[str, Any] | None:
    """What a night left; None while it is being replaced or was damaged."""
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return about if isinstance(about, dict) and "as_of" in about and "timezone" in about else None
