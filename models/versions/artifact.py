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

import lightgbm as lgb

from models.customers.churn import (
    Churn,
    ChurnEligibility,
    ChurnModel,
    ChurnScorer,
    LogisticCurve,
    OwnCycleSurvival,
)
from models.customers.lifetime import GammaGamma, LifetimeModel, ParetoNbd
from models.customers.rhythm import GapPrior, ItemRhythm, Rhythm
from models.features.catalogue import Catalogue
from models.features.recipe import Recipe, current_recipe
from models.ground.durable import readable_json
from models.ground.errors import BadArtifact
from models.items.affinity import AffinityModel, PairScorer
from models.items.baselines import BaselineScorer
from models.items.candidates import CandidateLimits
from models.items.month_season import MonthSeason
from models.items.probability_calibration import BetaCalibration
from models.neighbours import Neighbours
from models.neighbours.reference_file import (
    NEIGHBOURS_FILE,
    neighbours_about,
    neighbours_bytes,
    read_neighbours,
)
from models.tables import ITEM_ID

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

    def neighbours(self, catalogue: Catalogue) -> Neighbours | None:
        """The reference customers in the numbers of a catalogue; None where the model asks nobody else."""
        named = self.affinity.neighbours if isinstance(self.affinity, AffinityModel) else None
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
        "affinity": _affinity_parameters(affinity, files),
        "churn": _churn_parameters(churn, files),
    }
    if isinstance(affinity, AffinityModel) and affinity.neighbours is not None:
        parameters["neighbours"] = neighbours_about(affinity.neighbours)
        files[NEIGHBOURS_FILE] = neighbours_bytes(affinity.neighbours)
    files["parameters.json"] = readable_json(parameters).encode()
    about = {
        "format": FORMAT,
        **asdict(manifest),
        "as_of": manifest.as_of.isoformat(),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    version = _name_of(about)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "manifest.json").write_text(readable_json({"version": version, **about}), encoding="utf-8")
    return version


def load_artifact(folder: Path) -> Artifact:
    """Read a version, checking the manifest against its version's name and every other file against its SHA-256.

    Raises:
        BadArtifact: the manifest or a file is missing or changed, or the recipe is not this code's.
    """
    about = _checked_manifest(folder)
    recipe = current_recipe()
    if about["recipe"]["fingerprint"] != recipe.fingerprint:
        raise BadArtifact(
            f"Version {about['version']} was fitted with feature recipe {about['recipe']['fingerprint'][:12]}, "
            f"but this code computes {recipe.fingerprint[:12]}; fit again, or run the release that made it."
        )
    parameters = json.loads((folder / "parameters.json").read_text(encoding="utf-8"))
    rhythm = _rhythm(parameters["rhythm"])
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
        affinity=_affinity(folder, parameters),
        churn=_churn(folder, parameters["churn"], rhythm),
        lifetime=_lifetime(parameters["lifetime"]),
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
    if about.get("version") != _name_of(content):
        raise BadArtifact(
            f"{folder}/manifest.json was damaged or changed: its content is that of {_name_of(content)}, its name "
            f"says {about.get('version')}; publish the version again or roll back."
        )
    missing = {"files", *(field.name for field in fields(Manifest))} - about.keys()
    if missing:
        raise BadArtifact(
            f"{folder}/manifest.json lacks {', '.join(sorted(missing))}; it was written by another release, so fit again."
        )
    for name, digest in about["files"].items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise BadArtifact(
                f"{path} does not match the checksum in its manifest.json; it was damaged or changed, "
                f"so publish version {about['version']} again or roll back."
            )
    return about


def _name_of(content: dict[str, Any]) -> str:
    """A version's name: the day of `as_of` and a digest of the whole manifest, which holds that of every file."""
    day = str(content.get("as_of"))[:10]
    return f"{day}-{hashlib.sha256(readable_json(content).encode()).hexdigest()[:8]}"


def _rhythm(parameters: dict[str, Any]) -> Rhythm:
    items = parameters["items"]
    return Rhythm(
        GapPrior(**parameters["visits"]), ItemRhythm(GapPrior(**items["pairs"]), dict(items["families"]))
    )


def _affinity(folder: Path, parameters: dict[str, Any]) -> PairScorer:
    about = parameters["affinity"]
    if about["kind"] == "baseline":
        return BaselineScorer(about["rule"], about["slope"], about["base"])
    neighbours = None
    if "neighbours" in parameters:
        neighbours = read_neighbours((folder / NEIGHBOURS_FILE).read_bytes(), parameters["neighbours"])
    return AffinityModel(
        _booster(folder / "affinity.txt"),
        BetaCalibration(**about["calibration"]),
        neighbours,
        MonthSeason(tuple(about.get("season", ()))),
        about.get("window_slope", 0.0),
    )


def _affinity_parameters(model: PairScorer, files: dict[str, bytes]) -> dict[str, Any]:
    match model:
        case AffinityModel():
            files["affinity.txt"] = model.booster.model_to_string().encode()
            return {
                "kind": "lightgbm",
                "calibration": asdict(model.calibration),
                "season": list(model.season.weights),
                "window_slope": model.window_slope,
            }
        case BaselineScorer():
            return {"kind": "baseline", **asdict(model)}
        case _:
            raise TypeError(f"no file format for {type(model).__name__}")


def _churn_parameters(churn: Churn, files: dict[str, bytes]) -> dict[str, Any]:
    partial = churn.partial and _chance_parameters(churn.partial, f"partial_{churn.partial_days}d", files)
    return {
        "silent": {
            str(days): _chance_parameters(churn.silent[days], f"silent_{days}d", files)
            for days in churn.horizons
        },
        "partial": partial,
        "partial_days": churn.partial_days,
        "eligibility": asdict(churn.eligibility),
    }


def _chance_parameters(model: ChurnScorer, name: str, files: dict[str, bytes]) -> dict[str, Any]:
    match model:
        case ChurnModel():
            files[f"{name}.txt"] = model.booster.model_to_string().encode()
            return {"kind": "lightgbm and curve", "file": f"{name}.txt", "curve": asdict(model.curve)}
        case OwnCycleSurvival():
            return {"kind": "own_cycle", "horizon_days": model.horizon_days}
        case _:
            raise TypeError(f"no file format for {type(model).__name__}")


def _churn(folder: Path, parameters: dict[str, Any], rhythm: Rhythm) -> Churn:
    return Churn(
        silent={int(days): _chance(folder, chance, rhythm) for days, chance in parameters["silent"].items()},
        partial=_chance(folder, parameters["partial"], rhythm) if parameters["partial"] else None,
        partial_days=parameters["partial_days"],
        rhythm=rhythm,
        eligibility=ChurnEligibility(**parameters["eligibility"]),
    )


def _chance(folder: Path, parameters: dict[str, Any], rhythm: Rhythm) -> ChurnScorer:
    if parameters["kind"] == "own_cycle":
        return OwnCycleSurvival(rhythm, parameters["horizon_days"])
    curve = parameters["curve"]
    mean, scale, slope = (tuple(curve[name]) for name in ("mean", "scale", "slope"))
    return ChurnModel(
        _booster(folder / parameters["file"]), LogisticCurve(mean, scale, slope, curve["base"]), rhythm
    )


def _lifetime(parameters: dict[str, Any] | None) -> LifetimeModel | None:
    if parameters is None:
        return None
    parts = {"visits": ParetoNbd(**parameters["visits"]), "spend": GammaGamma(**parameters["spend"])}
    return LifetimeModel(**(parameters | parts))


def _booster(path: Path) -> lgb.Booster:
    return lgb.Booster(model_str=path.read_text(encoding="utf-8"))
