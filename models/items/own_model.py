"""A model of affinity that another package gives: it learns from pairs, and its scores are calibrated like those of ours.

What it has learnt goes into a version's folder as bytes that it writes itself and reads again; nothing is pickled.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from models.features.feature_matrix import FeatureMatrix
from models.ground.errors import BadInput
from models.ground.plug_ins import MODELS, accepted, installed_names, installed_plug_in, source_digest
from models.items.affinity import AffinityModel, PairScorer
from models.items.probability_calibration import BetaCalibration
from models.neighbours import NamedNeighbours

_FILE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
# How every pickle since protocol 2 begins; joblib writes one, too. torch packs one into a zip.
_PICKLE, _PACKED = b"\x80", ".pkl"


@dataclass(frozen=True)
class OwnModel:
    """A kind of affinity model that a profile can choose.

    Attributes:
        name: in the profile and in the version.
        learn: called as `learn(pairs, bought, weight, seed=seed, **parameters)` with the recipe's pair features, whether
            each was bought within its window, and how many rows each stands for, shapes (n,); returns whatever it has
            learnt.
        score: called as `score(learnt, pairs)`; returns shape (n,), within [0, 1], higher where a purchase is likelier.
        write: called as `write(learnt)`; returns files by name, as bytes in a format of its own.
        read: called as `read(files)`; returns what `write` was given.
        parameters: what a profile may change, each with its default: a number, text, true or false, or a tuple of these.
        bounds: lowest and highest value of parameters that are numbers, where there are such.
        state: a digest of what the functions hold besides source and parameters.

    """

    name: str
    learn: Callable[..., Any]
    score: Callable[[Any, FeatureMatrix], np.ndarray]
    write: Callable[[Any], Mapping[str, bytes]]
    read: Callable[[Mapping[str, bytes]], Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    state: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of name, state and the source behind its functions; BadInput where that cannot be told."""
        functions: list[Callable[..., Any]] = [self.learn, self.score, self.write, self.read]
        code = source_digest(functions, f"model {self.name!r}", parameters=self.parameters, state=self.state)
        return hashlib.sha256(json.dumps([self.name, self.state, code]).encode()).hexdigest()

    def with_parameters(self, given: Mapping[str, Any]) -> "OwnModel":
        """The model with other values of some parameters; BadInput where it has no such, or they are out of bounds."""
        whose, place = f"the model {self.name!r}", "own_model_parameters"
        return replace(self, parameters=accepted(self.parameters, given, self.bounds, whose, place))

    def learnt_from(self, pairs: FeatureMatrix, bought: np.ndarray, weight: np.ndarray, seed: int) -> Any:
        """What it learns from rows."""
        return self.learn(pairs, bought, weight, seed=seed, **self.parameters)

    def scores(self, learnt: Any, pairs: FeatureMatrix) -> np.ndarray:
        """Its scores, checked: float64 of shape (n,) within [0, 1]; BadInput where they are something else."""
        if len(pairs) == 0:
            return np.zeros(0)
        found = np.asarray(self.score(learnt, pairs), dtype=np.float64)
        if found.shape != (len(pairs),) or not ((found >= 0) & (found <= 1)).all():
            came = f"shape {found.shape}" if found.shape != (len(pairs),) else "others"
            raise BadInput(
                f"Expected the model {self.name!r} to give {len(pairs)} scores within [0, 1], got {came}; correct the model."
            )
        return found

    def files(self, learnt: Any) -> dict[str, bytes]:
        """What it has learnt as files; BadInput where a name or content cannot lie in a version's folder."""
        files = dict(self.write(learnt))
        wrong = [
            name for name, content in files.items() if not (_FILE.fullmatch(name) and type(content) is bytes)
        ]
        if wrong or not files:
            raise BadInput(
                f"Expected the model {self.name!r} to write files with names of a-z, 0-9, _, . and - as bytes, got "
                f"{', '.join(map(repr, wrong)) or 'none'}; correct its `write`."
            )
        refuse_pickles(f"The model {self.name!r}", files)
        return files


@dataclass(frozen=True)
class OwnAffinity:
    """P(customer buys the item within the window) by an own model.

    Attributes:
        model: what the owner installed.
        learnt: what it has learnt.
        calibration: from its score to a probability.
        neighbours: the reference customers that candidates and features come from; None where nobody else is asked.

    """

    model: OwnModel
    learnt: Any
    calibration: BetaCalibration
    neighbours: NamedNeighbours | None = None

    def predict(self, pairs: FeatureMatrix) -> np.ndarray:
        """P(customer buys the item within the window), shape (n,)."""
        return self.calibration(self.model.scores(self.learnt, pairs))


def neighbours_of(scorer: PairScorer) -> NamedNeighbours | None:
    """The reference customers that a scorer was fitted with; None where it asks nobody else."""
    return scorer.neighbours if isinstance(scorer, AffinityModel | OwnAffinity) else None


def installed_model(name: str) -> OwnModel:
    """The model that an installed distribution gives under a name; BadInput where nobody does."""
    model = installed_plug_in(MODELS, name, OwnModel, "model")
    if model is None:
        raise BadInput(
            f"There is no model {name!r}: installed distributions give {installed_names(MODELS)}. Name one of these, or "
            "install the distribution that gives it."
        )
    return model


def refuse_pickles(whose: str, files: Mapping[str, bytes]) -> None:
    """BadInput where a file is a pickle, which runs code when it is opened, or a zip that holds one."""
    found = [name for name, content in files.items() if content.startswith(_PICKLE) or _packed(content)]
    if found:
        raise BadInput(
            f"{whose} keeps {', '.join(found)} as a pickle, which runs code when it is opened; write numbers and text "
            "instead: JSON, NumPy's arrays without objects, or a library's own text."
        )


def _packed(content: bytes) -> bool:
    file = io.BytesIO(content)
    return zipfile.is_zipfile(file) and any(
        name.endswith(_PACKED) for name in zipfile.ZipFile(file).namelist()
    )
