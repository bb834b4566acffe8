"""Versions side by side, and an explicit pointer to the one in use.

WORKSPACE/registry/versions/VERSION/ holds artifacts, WORKSPACE/registry/current names the one that nights
use, WORKSPACE/registry/history.jsonl remembers every change of the pointer: from, to, when, by whom, on which
evaluation, and whether it was forced. Versions and pointer change under a
lock of their own, held for a moment, so a fit and a night run side by side.
"""

import hashlib
import json
import os
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from models.customers.churn import Churn
from models.customers.lifetime import LifetimeModel
from models.customers.rhythm import Rhythm
from models.ground.durable import move_into_place, remove, sweep
from models.ground.errors import BadArtifact, BadInput, Worse
from models.ground.locks import holding
from models.items.affinity import PairScorer
from models.tables import CUSTOMER_ID
from models.versions.artifact import Artifact, Manifest, load_artifact, read_manifest, save_artifact
from models.versions.comparisons import VersionComparison, latest_comparison
from models.versions.version_pointer import current_version, pointer_history, promoted_before, record, switch

__all__ = [
    "current_version",
    "fingerprint",
    "manifest_of",
    "open_current",
    "open_version",
    "pointer_history",
    "promote",
    "publish",
    "registry_folder",
    "require_version",
    "roll_back",
    "versions",
    "versions_naming",
]

_WAIT_SECONDS = 60  # the lock is held while a few files are written


def registry_folder(workspace: Path) -> Path:
    """Where a workspace keeps its versions."""
    return workspace / "registry"


def publish(
    registry: Path,
    manifest: Manifest,
    rhythm: Rhythm,
    affinity: PairScorer,
    churn: Churn,
    lifetime: LifetimeModel | None = None,
) -> str:
    """Add a version, whole or not at all; publishing the same content again changes nothing but what is damaged."""
    folder = registry / "versions"
    with holding(registry, "publishing a version", wait_seconds=_WAIT_SECONDS):
        folder.mkdir(exist_ok=True)
        sweep(folder)
        staging = folder / f".version.incoming-{os.getpid()}"
        staging.mkdir()
        try:
            version = save_artifact(staging, manifest, rhythm, affinity, churn, lifetime)
            if not _is_sound(folder / version):
                move_into_place(staging, folder / version)
        finally:
            remove(staging)
    return version


def versions(registry: Path) -> list[str]:
    """Names of all versions, oldest data first."""
    folder = registry / "versions"
    return sorted(path.name for path in folder.glob("[!.]*")) if folder.is_dir() else []


def manifest_of(registry: Path, version: str) -> dict[str, Any]:
    """The manifest of a version as written."""
    return read_manifest(_folder_of(registry, version))


def fingerprint(registry: Path, version: str) -> str:
    """SHA-256 of a version's manifest, which holds those of all its files."""
    return hashlib.sha256((_folder_of(registry, version) / "manifest.json").read_bytes()).hexdigest()


def versions_naming(registry: Path, customer_ids: Collection[str]) -> tuple[str, ...]:
    """Versions with a file in which one of the customers stands: a table's customer_id, or a whole word of a text.

    Trees and tables of numbers are sums over everybody and name nobody.
    """
    return tuple(
        version
        for version in versions(registry)
        if any(_names(file, customer_ids) for file in _folder_of(registry, version).rglob("*"))
    )


def _names(file: Path, customer_ids: Collection[str]) -> bool:
    if file.suffix == ".parquet":
        table = pq.ParquetFile(file)
        if CUSTOMER_ID not in table.schema_arrow.names:
            return False
        known = table.read([CUSTOMER_ID]).column(0).cast("string").unique().to_pylist()
        return not set(known).isdisjoint(customer_ids)
    if file.suffix in {".json", ".jsonl"}:
        text = file.read_text(encoding="utf-8")
        return any(json.dumps(name) in text for name in customer_ids)
    return False


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
    return _load(registry, version)


def open_version(registry: Path, version: str) -> Artifact:
    """Load any version, checked; raises like `open_current`."""
    return _load(registry, version)


def promote(
    registry: Path, version: str, *, now: datetime | None = None, by: str | None = None, force: bool = False
) -> VersionComparison | None:
    """Make a version the one in use; it must open without complaint. The change is remembered.

    Args:
        registry: a workspace's registry.
        version: which.
        now: when this happens, for the record.
        by: who does it, for the record.
        force: also where the version was found to be worse.

    Returns:
        The latest comparison with the version it replaces, None where nobody compared the two.

    Raises:
        Worse: that comparison found the version significantly worse, and `force` is not given.
    """
    _load(registry, version)
    with holding(registry, "promoting a version", wait_seconds=_WAIT_SECONDS):
        former = current_version(registry)
        if former == version:
            return None
        comparison = latest_comparison(registry, version, former) if former else None
        about: dict[str, Any] = {}
        if comparison is not None:
            about = {"evaluation": comparison.name, "forced": bool(comparison.worse_in)}
            if comparison.worse_in and not force:
                raise Worse(_refusal(comparison))
        switch(registry, former, version, record(now, by) | about)
    return comparison


def roll_back(registry: Path, *, now: datetime | None = None, by: str | None = None) -> str:
    """Go back to the version in use before the present one was promoted; returns it.

    Rolling back again goes further back, never forward to what was rolled back.
    """
    with holding(registry, "rolling back a version", wait_seconds=_WAIT_SECONDS):
        current = current_version(registry)
        former = promoted_before(pointer_history(registry), current)
        if former is None:
            raise BadInput(f"{registry} has no earlier version to roll back to; current is {current}.")
        _load(registry, former)
        switch(registry, current, former, {"back": True} | record(now, by))
    return former


def _refusal(comparison: VersionComparison) -> str:
    found = " and ".join(
        f"{each.measure} {each.value:+.4f} [{each.low:+.4f}, {each.high:+.4f}]"
        for each in comparison.worse_in
    )
    return (
        f"Version {comparison.version} is significantly worse than {comparison.against} by evaluation "
        f"{comparison.name}: {found}; promote it with --force, or improve it and evaluate again."
    )


def _load(registry: Path, version: str) -> Artifact:
    artifact = load_artifact(_folder_of(registry, version))
    if artifact.version != version:
        raise BadArtifact(
            f"{registry / 'versions' / version} holds version {artifact.version}; give the folder its own name back."
        )
    return artifact


def _is_sound(folder: Path) -> bool:
    try:
        load_artifact(folder)
    except BadArtifact:
        return False
    return True


def require_version(registry: Path, version: str) -> None:
    """BadInput where there is no such version, with those that there are."""
    if version not in versions(registry):
        known = ", ".join(versions(registry)) or "none"
        raise BadInput(f"No version {version!r} in {registry}; known versions: {known}.")


def _folder_of(registry: Path, version: str) -> Path:
    require_version(registry, version)
    return registry / "versions" / version
