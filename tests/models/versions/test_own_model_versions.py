"""A version by a model of another package: opened by the code that the owner installed, and by no other."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.ground.errors import BadArtifact
from models.items.own_model import OwnAffinity, installed_model
from models.items.probability_calibration import BetaCalibration
from models.versions.artifact import load_artifact, save_artifact
from tests.engine.nightly.distributions import install
from tests.models.fitted_versions import RHYTHM, fallbacks, manifest
from tests.models.literal import pair_rows

SOURCE = """
import numpy as np
from models.items.own_model import OwnModel

def _learn(pairs, bought, weight, *, seed):
    return 0.25

def _score(learnt, pairs):
    return np.full(len(pairs), learnt)

def _write(learnt):
    return {"constant.txt": str(learnt).encode()}

def _read(files):
    return float(files["constant.txt"])

constant = OwnModel("constant", _learn, _score, _write, _read)
"""
GIVE = {"group": "abonement.models", "entries": "constant = {name}:constant"}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    install(folder, source=SOURCE, **GIVE)
    return folder


@pytest.fixture
def version(tmp_path: Path, installed: Path) -> Path:
    assert installed.is_dir()
    folder = tmp_path / "version"
    folder.mkdir()
    scorer = OwnAffinity(installed_model("constant"), 0.25, BetaCalibration(1.0, 1.0, 0.5))
    save_artifact(folder, manifest(), RHYTHM, scorer, fallbacks()[1])
    return folder


def test_what_it_learnt_comes_back_from_its_own_file(version: Path) -> None:
    assert (version / "own_model_constant.txt").read_text() == "0.25"
    loaded = load_artifact(version).affinity
    p = 1 / (1 + np.exp(-(np.log(0.25 / 0.75) + 0.5)))
    np.testing.assert_allclose(loaded.predict(pair_rows(3)), [p, p, p])


def test_a_version_is_refused_where_its_model_is_gone(version: Path, installed: Path) -> None:
    install(installed, source=SOURCE, group="abonement.models", entries="")
    with pytest.raises(
        BadArtifact, match=r"needs a plug-in that is not to be had here. There is no model 'constant'"
    ):
        load_artifact(version)


def test_a_version_is_refused_where_its_model_is_another_one(version: Path, installed: Path) -> None:
    install(
        installed, source=SOURCE.replace("np.full(len(pairs), learnt)", "np.full(len(pairs), 0.5)"), **GIVE
    )
    with pytest.raises(
        BadArtifact, match=r"was fitted with the model 'constant' as \w{12}, but installed is \w{12}; "
    ):
        load_artifact(version)


def test_a_file_that_its_model_cannot_read_is_one_sentence(version: Path, installed: Path) -> None:
    install(installed, source=SOURCE, **GIVE)
    _forged(version, b"a quarter")
    with pytest.raises(BadArtifact, match=r"cannot be read by its model 'constant' \(ValueError: "):
        load_artifact(version)


def test_a_pickle_that_was_slipped_into_a_version_never_reaches_the_model(version: Path) -> None:
    _forged(version, b"\x80\x04.")
    with pytest.raises(
        BadArtifact, match=r"keeps constant.txt as a pickle, which runs code when it is opened"
    ):
        load_artifact(version)


def test_a_version_names_no_file_of_its_model_outside_of_its_folder(version: Path) -> None:
    (version / "own_model_").mkdir()
    (version.parent / "secret.txt").write_text("0.5")
    parameters = (version / "parameters.json").read_text().replace('"constant.txt"', '"/../../secret.txt"')
    _forged(version, parameters.encode(), "parameters.json")
    with pytest.raises(BadArtifact, match="was not written by this code"):
        load_artifact(version)


def _forged(version: Path, content: bytes, name: str = "own_model_constant.txt") -> None:
    """Another content, with every digest made to agree, as somebody could who wants a version to be opened."""
    import hashlib

    from models.ground.durable import readable_json

    (version / name).write_bytes(content)
    about = json.loads((version / "manifest.json").read_text())
    about["files"][name] = hashlib.sha256(content).hexdigest()
    told = {key: value for key, value in about.items() if key != "version"}
    about["version"] = f"2017-12-04-{hashlib.sha256(readable_json(told).encode()).hexdigest()[:8]}"
    (version / "manifest.json").write_text(readable_json(about))
