"""Versions that others made: whole by their own checksums, and none that our fit writes."""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.ground.durable import readable_json
from models.ground.errors import BadArtifact
from models.versions.artifact import load_artifact, save_artifact
from tests.models.fitted_versions import RHYTHM, asking_neighbours, manifest

Change = Callable[[dict[str, Any]], object]


class Bomb:
    """Unpickling it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def forged(folder: Path, files: dict[str, bytes], change: Change = dict, named: Change = dict) -> Path:
    """A version with other parameters, files and file names, and a manifest that vouches for them."""
    folder.mkdir()
    save_artifact(folder, manifest(), RHYTHM, *asking_neighbours())
    parameters = json.loads((folder / "parameters.json").read_text(encoding="utf-8"))
    change(parameters)
    for name, content in ({"parameters.json": readable_json(parameters).encode()} | files).items():
        (folder / name).write_bytes(content)
    about = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    about["files"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in about["files"]
    }
    named(about)
    del about["version"]
    name = f"{about['as_of'][:10]}-{hashlib.sha256(readable_json(about).encode()).hexdigest()[:8]}"
    (folder / "manifest.json").write_text(readable_json({"version": name} | about), encoding="utf-8")
    return folder


def test_a_version_that_vouches_for_itself_is_opened(tmp_path: Path) -> None:
    assert load_artifact(forged(tmp_path / "v", {})).affinity is not None


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    pickled = io.BytesIO()
    keys = np.array([Bomb(tmp_path / "boom")], dtype=object)
    np.savez(pickled, allow_pickle=True, keys=keys, customer=keys, item=keys, item_id=keys, item_no=keys)
    version = forged(tmp_path / "v", {"neighbours.npz": pickled.getvalue()})
    with pytest.raises(BadArtifact, match="was not written by this code"):
        load_artifact(version)
    assert not (tmp_path / "boom").exists()


def empty_zip() -> bytes:
    file = io.BytesIO()
    zipfile.ZipFile(file, "w").close()
    return file.getvalue()


@pytest.mark.parametrize(
    "files",
    [
        {"neighbours.npz": b"junk"},
        {"neighbours.npz": empty_zip()},
        {"neighbours.npz": b""},
        {"affinity.txt": b""},
        {"affinity.txt": b"tree\nversion=v4\nnum_class=1\n"},
        {"affinity.txt": b"\xff\xfe"},
        {"silent_28d.txt": b"junk"},
        {"parameters.json": b"[" * 60_000},
        {"parameters.json": b"[]"},
        {"parameters.json": b"\xff"},
    ],
    ids=lambda files: "-".join((*files, str(len(next(iter(files.values())))))),
)
def test_files_that_are_none_of_ours_are_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    version = forged(tmp_path / "v", files)
    with pytest.raises(BadArtifact, match="was not written by this code"):
        load_artifact(version)


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.pop("rhythm"),
        lambda found: found.update(rhythm=5),
        lambda found: found["affinity"].update(kind="os.system"),
        lambda found: found["affinity"].pop("calibration"),
        lambda found: found["churn"].update(silent={"x": {}}),
        lambda found: next(iter(found["churn"]["silent"].values())).update(file="../../secret.txt"),
        lambda found: next(iter(found["churn"]["silent"].values())).update(file="/etc/hostname"),
        lambda found: found["neighbours"].update(rules={}),
        lambda found: found.update(lifetime={"visits": {"__class__": "x"}}),
    ],
)
def test_parameters_that_are_none_of_ours_are_refused(tmp_path: Path, change: Change) -> None:
    version = forged(tmp_path / "v", {}, change)
    with pytest.raises(BadArtifact, match="was not written by this code"):
        load_artifact(version)


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/hostname", "..", "", "x\0"])
def test_a_manifest_names_no_file_outside_of_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    version = forged(tmp_path / "v", {}, named=lambda about: about["files"].update({name: "0" * 64}))
    with pytest.raises(BadArtifact, match="names files that are not in its folder"):
        load_artifact(version)


@pytest.mark.parametrize(
    "change", [{"limits": {"x": 1}}, {"window_days": []}, {"notes": 5}, {"limits": None}]
)
def test_a_manifest_with_other_values_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    version = forged(tmp_path / "v", {}, named=lambda about: about.update(change))
    with pytest.raises(BadArtifact, match="was not written by this code"):
        load_artifact(version)
