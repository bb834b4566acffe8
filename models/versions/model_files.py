"""Each fitted model as parameters and files of its own, and back: what `artifact` puts into a version's folder."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightgbm as lgb

from models.customers.churn import (
    Churn,
    ChurnEligibility,
    ChurnModel,
    ChurnScorer,
    EvenChance,
    LogisticCurve,
    OwnCycleSurvival,
)
from models.customers.lifetime import GammaGamma, LifetimeModel, ParetoNbd
from models.customers.rhythm import GapPrior, ItemRhythm, Rhythm
from models.ground.errors import BadArtifact
from models.ground.shop_ids import is_id
from models.items.affinity import AffinityModel, PairScorer
from models.items.baselines import BaselineScorer
from models.items.month_season import MonthSeason
from models.items.own_model import OwnAffinity, refuse_pickles
from models.items.probability_calibration import BetaCalibration
from models.neighbours import NamedNeighbours
from models.neighbours.reference_file import (
    NEIGHBOURS_FILE,
    read_neighbours,
)
from models.versions.needed_plug_ins import needed_model

# What an own model wrote lies beside our files, under names that are none of ours.
_OWN = "own_model_"


def read_rhythm(parameters: dict[str, Any]) -> Rhythm:
    """The cycles as `asdict` wrote them."""
    items = parameters["items"]
    return Rhythm(
        GapPrior(**parameters["visits"]), ItemRhythm(GapPrior(**items["pairs"]), dict(items["families"]))
    )


def read_affinity(folder: Path, parameters: dict[str, Any], version: str) -> PairScorer:
    """The affinity model, its trees and its neighbours from their own files in the folder.

    Raises:
        BadArtifact: it is of a plug-in that is missing or another one, or that cannot read what it wrote.

    """
    about = parameters["affinity"]
    if about["kind"] == "baseline":
        more = {name: about[name] for name in ("popular", "window") if name in about}
        return BaselineScorer(about["rule"], about["slope"], about["base"], **more)
    neighbours = None
    if "neighbours" in parameters:
        neighbours = read_neighbours((folder / NEIGHBOURS_FILE).read_bytes(), parameters["neighbours"])
    if about["kind"] == "own":
        return _read_own(folder, about, version, neighbours)
    _check_kind(about["kind"], "lightgbm")
    return AffinityModel(
        _booster(folder, "affinity.txt"),
        BetaCalibration(**about["calibration"]),
        neighbours,
        MonthSeason(tuple(about.get("season", ()))),
        about.get("window_slope", 0.0),
    )


def affinity_parameters(model: PairScorer, files: dict[str, bytes]) -> dict[str, Any]:
    """What parameters.json holds of the affinity model; its trees are added to `files`."""
    match model:
        case AffinityModel():
            files["affinity.txt"] = model.booster.model_to_string().encode()
            return {
                "kind": "lightgbm",
                "calibration": asdict(model.calibration),
                "season": list(model.season.weights),
                "window_slope": model.window_slope,
            }
        case OwnAffinity():
            written = model.model.files(model.learnt)
            files.update({f"{_OWN}{name}": content for name, content in written.items()})
            return {
                "kind": "own",
                "model": model.model.name,
                "fingerprint": model.model.fingerprint,
                "files": sorted(written),
                "calibration": asdict(model.calibration),
            }
        case BaselineScorer():
            return {"kind": "baseline", **asdict(model)}
        case _:
            raise TypeError(f"no file format for {type(model).__name__}")


def _read_own(
    folder: Path, about: dict[str, Any], version: str, neighbours: NamedNeighbours | None
) -> OwnAffinity:
    model = needed_model(version, about["model"], about["fingerprint"])
    files = {name: _file(folder, f"{_OWN}{name}").read_bytes() for name in about["files"]}
    try:
        refuse_pickles(f"Version {version}", files)
        learnt = model.read(files)
    except Exception as error:  # whatever foreign code raises
        raise BadArtifact(
            f"Version {version} cannot be read by its model {model.name!r} ({type(error).__name__}: {error}); fit again, or "
            "roll back."
        ) from error
    return OwnAffinity(model, learnt, BetaCalibration(**about["calibration"]), neighbours)


def churn_parameters(churn: Churn, files: dict[str, bytes]) -> dict[str, Any]:
    """What parameters.json holds of churn; trees are added to `files`, one file a horizon."""
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
        case EvenChance():
            return {"kind": "even", "p": model.p}
        case _:
            raise TypeError(f"no file format for {type(model).__name__}")


def read_churn(folder: Path, parameters: dict[str, Any], rhythm: Rhythm) -> Churn:
    """Churn's chances, their trees from their own files in the folder."""
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
    if parameters["kind"] == "even":
        return EvenChance(parameters["p"])
    _check_kind(parameters["kind"], "lightgbm and curve")
    curve = parameters["curve"]
    mean, scale, slope = (tuple(curve[name]) for name in ("mean", "scale", "slope"))
    return ChurnModel(
        _booster(folder, parameters["file"]), LogisticCurve(mean, scale, slope, curve["base"]), rhythm
    )


def read_lifetime(parameters: dict[str, Any] | None) -> LifetimeModel | None:
    """The lifetime model as `asdict` wrote it; None where there is none."""
    if parameters is None:
        return None
    parts = {"visits": ParetoNbd(**parameters["visits"]), "spend": GammaGamma(**parameters["spend"])}
    return LifetimeModel(**(parameters | parts))


def _check_kind(came: str, expected: str) -> None:
    if came != expected:
        raise ValueError(f"{came!r} is no kind of model")


def _booster(folder: Path, name: str) -> lgb.Booster:
    return lgb.Booster(model_str=_file(folder, name).read_text(encoding="utf-8"))


def _file(folder: Path, name: str) -> Path:
    if not is_id(name):
        raise ValueError(f"{name!r} is no file of a version")
    return folder / name
