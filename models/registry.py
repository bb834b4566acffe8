"""Versions side by side, and an explicit pointer to the one in use.

WORKSPACE/registry/versions/VERSION/ holds artifacts, WORKSPACE/registry/current names the one that nights
use, WORKSPACE/registry/history.jsonl remembers every change of the pointer.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from models.affinity import PairScorer
from models.artifact import Artifact, Manifest, load_artifact, read_manifest, save_artifact
from models.churn import ChurnScorer
from models.errors import BadInput
from models.rhythm import Rhythm


def registry_folder(workspace: Path) -> Path:
    """Where a workspace keeps its versions."""
    return workspace / "registry"


def publish(
    registry: Path, manifest: Manifest, rhythm: Rhythm, affinity: PairScorer, churn: ChurnScorer
) -> str:
    """Add a version, whole or not at all; publishing the same content again changes nothing."""
    versions = registry / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".incoming-", dir=versions))
    try:
        version = save_artifact(staging, manifest, rhythm, affinity, churn)
        if not (versions / version).exists():
            staging.chmod(0o755)
            staging.rename(versions / version)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return version


def versions(registry: Path) -> list[str]:
    """Names of all versions, oldest data first."""
    folder = registry / "versions"
    return sorted(path.name for path in folder.glob("[!.]*")) if folder.is_dir() else []


def manifest_of(registry: Path, version: str) -> dict[str, Any]:
    """The manifest of a version as written."""
    return read_manifest(_folder_of(registry, version))


def current_version(registry: Path) -> str | None:
    """The version in use, or None before the first promotion."""
    try:
        return (registry / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def open_current(registry: Path) -> Artifact:
    """Load the version in use, checked.

    Raises:
        BadInput: nothing was promoted yet.
        BadArtifact: a file is damaged or of another recipe.
    """
    version = current_version(registry)
    if version is None:
        raise BadInput(
            f"{registry} has no current version; run `abonement-train fit` and `abonement-train promote` first."
        )
    return load_artifact(_folder_of(registry, version))


def open_version(registry: Path, version: str) -> Artifact:
    """Load any version, checked; raises like `open_current`."""
    return load_artifact(_folder_of(registry, version))


def promote(registry: Path, version: str) -> None:
    """Make a version the one in use; it must open without complaint. The change is remembered."""
    load_artifact(_folder_of(registry, version))
    former = current_version(registry)
    if former == version:
        return
    _switch(registry, former, version)


def roll_back(registry: Path) -> str:
    """Go back to the version in use before the present one; returns it."""
    current = current_version(registry)
    for entry in reversed(pointer_history(registry)):
        if entry["to"] == current and entry["from"] is not None:
            load_artifact(_folder_of(registry, entry["from"]))
            _switch(registry, current, entry["from"])
            return str(entry["from"])
    raise BadInput(f"{registry} has no earlier version to roll back to; current is {current}.")


def pointer_history(registry: Path) -> list[dict[str, Any]]:
    """Every change of the pointer, oldest first: {"from": ..., "to": ...}."""
    try:
        lines = (registry / "history.jsonl").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines if line]


def _switch(registry: Path, former: str | None, version: str) -> None:
    # the record goes first: a kill between the two leaves a harmless extra line, never a forgotten change
    with (registry / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"from": former, "to": version}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    pointer = registry / ".current.incoming"
    pointer.write_text(version + "\n", encoding="utf-8")
    pointer.replace(registry / "current")


def _folder_of(registry: Path, version: str) -> Path:
    folder = registry / "versions" / version
    if version not in versions(registry):
        known = ", ".join(versions(registry)) or "none"
        raise BadInput(f"No version {version!r} in {registry}; known versions: {known}.")
    return folder
