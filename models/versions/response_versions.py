"""Versions of a shop's response, published, promoted and rolled back like its models, with a pointer of their own.

WORKSPACE/registry/response/versions/VERSION/ holds `manifest.json`, for people, and `response.json`; beside `versions` lie
`current` and `history.jsonl` as they do for models. A night only reads. Before the first promotion there
is none in use.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from models.ground.durable import file_sha256, move_into_place, readable_json, remove, sweep
from models.ground.errors import BadArtifact, BadInput
from models.ground.locks import holding
from models.response.learnt_response import LearntResponse
from models.versions.artifact import version_name
from models.versions.registry import registry_folder
from models.versions.version_pointer import current_version, pointer_history, promoted_before, record, switch

FORMAT = 1
_RESPONSE = "response.json"
_WAIT_SECONDS = 60  # the lock is held while two files are written


@dataclass(frozen=True)
class ResponseManifest:
    """What a person wants to know about a version of the response.

    Attributes:
        as_of: nothing at or after this moment was used.
        data: fingerprint of the load it was learnt from, and what of it counted.
        code: release that fitted it.
        metrics: the estimates before they were joined with the prior and what is believed after, with standard errors.
        notes: what could not be learnt from this data, in sentences.
    """

    as_of: datetime
    data: dict[str, Any]
    code: str
    metrics: dict[str, float]
    notes: tuple[str, ...]


def response_folder(workspace: Path) -> Path:
    """Where a workspace keeps the versions of its response."""
    return registry_folder(workspace) / "response"


def response_versions(folder: Path) -> list[str]:
    """Names of all versions, oldest data first."""
    return sorted(path.name for path in (folder / "versions").glob("[!.]*"))


def publish_response(folder: Path, manifest: ResponseManifest, response: LearntResponse) -> str:
    """Add a version, whole or not at all; publishing the same content again changes nothing but what is damaged."""
    text = readable_json(response.as_dict())
    about = {
        "format": FORMAT,
        **asdict(manifest),
        "as_of": manifest.as_of.isoformat(),
        "files": {_RESPONSE: hashlib.sha256(text.encode()).hexdigest()},
    }
    version = version_name(about)
    place = folder / "versions" / version
    folder.mkdir(parents=True, exist_ok=True)
    with holding(folder, "publishing a response", wait_seconds=_WAIT_SECONDS):
        place.parent.mkdir(exist_ok=True)
        sweep(place.parent)
        staging = place.parent / f".response.incoming-{os.getpid()}"
        staging.mkdir()
        try:
            (staging / _RESPONSE).write_text(text, encoding="utf-8")
            (staging / "manifest.json").write_text(
                readable_json({"version": version, **about}), encoding="utf-8"
            )
            if not _is_sound(folder, version):
                move_into_place(staging, place)
        finally:
            remove(staging)
    return version


def response_manifest(folder: Path, version: str) -> dict[str, Any]:
    """The manifest of a version, checked against the version's name.

    Raises:
        BadInput: there is no such version.
        BadArtifact: it is damaged, or another release's.
    """
    if version not in response_versions(folder):
        known = ", ".join(response_versions(folder)) or "none"
        raise BadInput(f"No version {version!r} of the response in {folder}; known versions: {known}.")
    place = folder / "versions" / version / "manifest.json"
    try:
        about: Any = json.loads(place.read_text(encoding="utf-8"))
        content = {key: value for key, value in about.items() if key != "version"}
        sound = about["version"] == version == version_name(content)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadArtifact(
            f"{place} is no manifest ({type(error).__name__}); fit the response again."
        ) from error
    missing = {"files", *(field.name for field in fields(ResponseManifest))} - content.keys()
    if not sound or missing or content["format"] != FORMAT:
        raise BadArtifact(
            f"{place} was damaged or changed, or is another release's; fit the response again or roll back."
        )
    return dict(about)


def open_response_version(folder: Path, version: str) -> LearntResponse:
    """Any version, checked; raises BadInput or BadArtifact where it is missing or damaged."""
    digest = response_manifest(folder, version)["files"].get(_RESPONSE)
    file = folder / "versions" / version / _RESPONSE
    if not file.is_file() or file_sha256(file) != digest:
        raise BadArtifact(
            f"{file} does not match the checksum in its manifest.json; it was damaged or changed, so fit the response "
            "again or roll back."
        )
    return LearntResponse.read(json.loads(file.read_text(encoding="utf-8")))


def open_response(folder: Path) -> tuple[str, LearntResponse] | None:
    """The version in use and the response; None before the first promotion."""
    version = current_version(folder)
    return None if version is None else (version, open_response_version(folder, version))


def promote_response(
    folder: Path,
    version: str,
    *,
    now: datetime | None = None,
    by: str | None = None,
    gate: str | None = None,
) -> str | None:
    """Make a version the one in use; returns the one before it. It must open without complaint.

    `gate` is remembered: why it could replace the one before, or that it was forced.
    """
    open_response_version(folder, version)
    with holding(folder, "promoting a response", wait_seconds=_WAIT_SECONDS):
        former = current_version(folder)
        if former != version:
            switch(folder, former, version, record(now, by) | {"gate": gate})
    return former


def roll_back_response(folder: Path, *, now: datetime | None = None, by: str | None = None) -> str:
    """Go back to the version in use before the present one was promoted; returns it."""
    current = current_version(folder)
    if current is None:
        raise BadInput(f"{folder} has no version in use; `abonement-train fit --response` publishes one.")
    with holding(folder, "rolling back a response", wait_seconds=_WAIT_SECONDS):
        former = promoted_before(pointer_history(folder), current)
        if former is None:
            raise BadInput(f"{folder} has no earlier version to roll back to; current is {current}.")
        open_response_version(folder, former)
        switch(folder, current, former, {"back": True} | record(now, by))
    return former


def _is_sound(folder: Path, version: str) -> bool:
    try:
        open_response_version(folder, version)
    except (BadArtifact, BadInput):
        return False
    return True
