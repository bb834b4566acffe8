"""Versions of the registry beside each other: which there are, and in what two of them differ."""

from pathlib import Path
from typing import Any

import pandas as pd

from models.versions import registry
from models.versions.version_notes import notes_of

# What a person compares; the shop's likeness and the files' digests are long and say nothing to anybody.
COMPARED = (
    "as_of",
    "code",
    "item_level",
    "window_days",
    "churn_horizon_days",
    "seen_days",
    "limits",
    "data",
    "recipe",
    "parameters",
    "metrics",
    "notes",
)
LEFT_OUT = ("data.shop",)
LISTED_METRICS = ("affinity_auc", "affinity_log_loss", "churn_auc", "churn_log_loss")


def list_versions(folder: Path) -> pd.DataFrame:
    """One row a version, oldest data first.

    Returns:
        version, current (True for the one in use), as_of, item_level, recipe (first 12 digits), and the
        metrics of LISTED_METRICS on the cut that was held out from fitting (NaN where a fallback stands in).

    Raises:
        BadArtifact: a version has no readable manifest.
    """
    current = registry.current_version(folder)
    rows = []
    for version in registry.versions(folder):
        about = registry.manifest_of(folder, version)
        rows.append(
            {
                "version": version,
                "current": version == current,
                "as_of": about["as_of"],
                "item_level": about["item_level"],
                "recipe": about["recipe"]["fingerprint"][:12],
                **{name: about["metrics"].get(name, float("nan")) for name in LISTED_METRICS},
            }
        )
    columns = ["version", "current", "as_of", "item_level", "recipe", *LISTED_METRICS]
    return pd.DataFrame(rows, columns=columns)


def list_promotions(folder: Path) -> list[str]:
    """One line for every change of the pointer, oldest first: when, by whom, from which to which, and on what."""
    lines = []
    for entry in registry.pointer_history(folder):
        verb = "rolled back to" if entry.get("back") else "promoted"
        line = f"{entry.get('at', 'at an unknown time')}  {verb} {entry['to']}"
        if entry["from"]:
            line += f" from {entry['from']}"
        if "by" in entry:
            line += f" by {entry['by']}"
        if "evaluation" in entry:
            line += f", evaluation {entry['evaluation']}"
        lines.append(line + (", forced" if entry.get("forced") else ""))
    return lines


def list_notes(folder: Path) -> list[str]:
    """One line for every note, oldest first: about which version, when, by whom, what."""
    return [
        f"{note.version}  {note.at}{f' by {note.by}' if note.by else ''}: {note.note}"
        for note in notes_of(folder)
    ]


def diff_versions(folder: Path, one: str, other: str) -> dict[str, tuple[Any, Any]]:
    """What differs between two versions, by dotted name: data window, recipe, parameters, metrics, notes.

    Returns:
        name -> (value in `one`, value in `other`), None where a version does not have it. Lists of names
        (features, cuts) are compared entry by entry: only what the other lacks is shown.

    Raises:
        BadInput: there is no such version.
    """
    first, second = (_flat(registry.manifest_of(folder, version)) for version in (one, other))
    differing = {}
    for name in sorted(first.keys() | second.keys()):
        a, b = first.get(name), second.get(name)
        if a != b:
            differing[name] = _only_what_differs(a, b)
    return differing


def _flat(about: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}

    def walk(name: str, value: Any) -> None:
        if name in LEFT_OUT:
            return
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{name}.{key}", inner)
        else:
            flat[name] = value

    for name in COMPARED:
        walk(name, about.get(name))
    return flat


def _only_what_differs(a: Any, b: Any) -> tuple[Any, Any]:
    listed = (isinstance(value, list) and all(isinstance(entry, str) for entry in value) for value in (a, b))
    if all(listed):
        missing = [entry for entry in a if entry not in b], [entry for entry in b if entry not in a]
        return missing if any(missing) else (a, b)
    return a, b
