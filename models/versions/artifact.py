"""One version of everything fitted: a folder with `manifest.json`, `parameters.json` and native model files.

Nothing is pickled. `manifest.json` says what a person wants to know and holds the SHA-256 of every other
file; `parameters.json` holds the small models; LightGBM models are in LightGBM's own text. A version's name
is the day of its `as_of` and a digest of its content, so fitting the same twice gives the same version.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from lightgbm.basic import LightGBMError

from models.customers.churn import (
    Churn,
)
from models.customers.lifetime import LifetimeModel
from models.customers.rhythm import Rhythm
from models.features.catalogue import Catalogue
from models.features.own_features import OwnFeature
from models.features.recipe import Recipe, current_recipe
from models.ground.durable import readable_json
from models.ground.errors import BadArtifact
from models.ground.shop_ids import is_id
from models.items.affinity import PairScorer
from models.items.candidates import CandidateLimits
from models.items.own_model import neighbours_of
from models.neighbours import Neighbours
from models.neighbours.reference_file import (
    NEIGHBOURS_FILE,
    neighbours_about,
    neighbours_bytes,
)
from models.tables import ITEM_ID
from models.versions.model_files import (
    affinity_parameters,
    churn_parameters,
    read_affinity,
    read_churn,
    read_lifetime,
    read_rhythm,
)
from models.versions.needed_plug_ins import needed_features

FORMAT = 2


@dataclass(frozen=True)
class Manifest:
    """What a person wants to know about a version; everything here is in `manifest.json`.

    Attributes:
        as_of: nothing at or after this moment was used.
        item_level: "product" or a family level.
        window_days: shortest and longest window in which a purchase was predicted, both inclusive.
        churn_horizon_days: length of the silence that `p_churn` is about.
        seen_days: customers were scored who visited within this many days.
        limits: candidates per source.
        data: fingerprint and first day of the load it was learnt from, and the training cuts.
        code: release that fitted it.
        recipe: fingerprint and names of the features.
        parameters: the fit profile.
        metrics: what was measured on the last training cut, held out from fitting.
        notes: what could not be learnt from this data, in sentences.
    """

    as_of: datetime
    item_level: str
    window_days: tuple[int, int]
    churn_horizon_days: int
    seen_days: int
    limits: CandidateLimits
    data: dict[str, Any]
    code: str
    recipe: dict[str, Any]
    parameters: dict[str, Any]
    metrics: dict[str, float]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Artifact:
    """All fitted models of one version, with the recipe of the features they read."""

    version: str
    manifest: Manifest
    recipe: Recipe
    rhythm: Rhythm
    affinity: PairScorer
    churn: Churn
    lifetime: LifetimeModel | None
    own_features: tuple[OwnFeature, ...] = ()

    def neighbours(self, catalogue: Catalogue) -> Neighbours | None:
        """The reference customers in the numbers of a catalogue; None where the model asks nobody else."""
        named = neighbours_of(self.affinity)
        return None if named is None else named.numbered(catalogue.items[ITEM_ID])


def save_artifact(
    folder: Path,
    manifest: Manifest,
    rhythm: Rhythm,
    affinity: PairScorer,
    churn: Churn,
    lifetime: LifetimeModel | None = None,
) -> str:
    """Write a version into an existing empty folder; returns the version's name."""
    files: dict[str, bytes] = {}
    parameters: dict[str, Any] = {
        "rhythm": asdict(rhythm),
        "lifetime": None if lifetime is None else asdict(lifetime),
        "affinity": affinity_parameters(affinity, files),
        "churn": churn_parameters(churn, files),
    }
    named = neighbours_of(affinity)
    if named is not None:
        parameters["neighbours"] = neighbours_about(named)
        files[NEIGHBOURS_FILE] = neighbours_bytes(named)
    files["parameters.json"] = readable_json(parameters).encode()
    about = {
        "format": FORMAT,
        **asdict(manifest),
        "as_of": manifest.as_of.isoformat(),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    version = version_name(about)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "manifest.json").write_text(readable_json({"version": version, **about}), encoding="utf-8")
    return version


def load_artifact(folder: Path) -> Artifact:
    """Read a version, checking the manifest against its version's name and every other file against its SHA-256.

    Raises:
        BadArtifact: the manifest or a file is missing or changed or leads elsewhere, the recipe is not this code's, a plug-in
            that it needs is missing or another one, or the content is none that this code writes, whoever made it.
    """
    about = _checked_manifest(folder)
    needed = about["recipe"].get("own", {})
    features = needed_features(about["version"], needed)
    recipe = current_recipe(needed, promotions=about["recipe"].get("promotions", False))
    if about["recipe"]["fingerprint"] != recipe.fingerprint:
        raise BadArtifact(
            f"Version {about['version']} was fitted with feature recipe {about['recipe']['fingerprint'][:12]}, "
            f"but this code computes {recipe.fingerprint[:12]}; fit again, or run the release that made it."
        )
    try:
        return _opened(folder, about, recipe, features)
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
        FileNotFoundError,
        EOFError,
        BadZipFile,
        LightGBMError,
    ) as error:
        raise BadArtifact(
            f"Version {about['version']} in {folder} was not written by this code ({type(error).__name__}); fit again, or "
            "take the folder from where it was fitted."
        ) from error


def _opened(
    folder: Path, about: dict[str, Any], recipe: Recipe, own_features: tuple[OwnFeature, ...]
) -> Artifact:
    parameters = json.loads((folder / "parameters.json").read_text(encoding="utf-8"))
    rhythm = read_rhythm(parameters["rhythm"])
    return Artifact(
        version=about["version"],
        manifest=Manifest(
            as_of=datetime.fromisoformat(about["as_of"]),
            item_level=about["item_level"],
            window_days=(about["window_days"][0], about["window_days"][1]),
            churn_horizon_days=about["churn_horizon_days"],
            seen_days=about["seen_days"],
            limits=CandidateLimits(**about["limits"]),
            data=about["data"],
            code=about["code"],
            recipe=about["recipe"],
            parameters=about["parameters"],
            metrics=about["metrics"],
            notes=tuple(about["notes"]),
        ),
        recipe=recipe,
        rhythm=rhythm,
        affinity=read_affinity(folder, parameters, about["version"]),
        churn=read_churn(folder, parameters["churn"], rhythm),
        lifetime=read_lifetime(parameters["lifetime"]),
        own_features=own_features,
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest as written, without checking the other files."""
    try:
        about: Any = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # ValueError: neither JSON nor UTF-8
        raise BadArtifact(
            f"{folder} has no readable manifest.json ({type(error).__name__}); publish the version again."
        ) from error
    if not isinstance(about, dict):
        raise BadArtifact(f"{folder}/manifest.json is no JSON object; publish the version again.")
    if about.get("format") != FORMAT:
        raise BadArtifact(
            f"{folder} has artifact format {about.get('format')!r}, this code reads {FORMAT}; fit again."
        )
    return dict(about)


def _checked_manifest(folder: Path) -> dict[str, Any]:
    about = read_manifest(folder)
    content = {key: value for key, value in about.items() if key != "version"}
    if about.get("version") != version_name(content):
        raise BadArtifact(
            f"{folder}/manifest.json was damaged or changed: its content is that of {version_name(content)}, its name "
            f"says {about.get('version')}; publish the version again or roll back."
        )
    missing = {"files", *(field.name for field in fields(Manifest))} - about.keys()
    if missing:
        raise BadArtifact(
            f"{folder}/manifest.json lacks {', '.join(sorted(missing))}; it was written by another release, so fit again."
        )
    if not isinstance(about["files"], dict) or not all(is_id(name) for name in about["files"]):
        raise BadArtifact(f"{folder}/manifest.json names files that are not in its folder; fit again.")
    for name, digest in about["files"].items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise BadArtifact(
                f"{path} does not match the checksum in its manifest.json; it was damaged or changed, "
                f"so publish version {about['version']} again or roll back."
            )
    return about


def version_name(content: dict[str, Any]) -> str:
    """A version's name: the day of `as_of` and a digest of the whole manifest, which holds that of every file."""
    day = str(content.get("as_of"))[:10]
    return f"{day}-{hashlib.sha256(readable_json(content).encode()).hexdigest()[:8]}"
