import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.customers.churn import Churn
from models.customers.lifetime import GammaGamma, LifetimeModel, ParetoNbd
from models.features.recipe import CUSTOMER_FEATURES, PAIR_FEATURES
from models.ground.errors import BadArtifact
from models.items.affinity import AffinityModel, PairScorer
from models.items.month_season import MonthSeason
from models.versions.artifact import load_artifact, save_artifact
from tests.models.fitted_versions import RHYTHM, asking_neighbours, boosted, fallbacks, manifest
from tests.models.literal import customer_rows, pair_rows

KINDS = {"lightgbm": boosted(), "alike": asking_neighbours(), "fallback": fallbacks()}
PAIRS = pair_rows(
    4, **dict(zip(PAIR_FEATURES, np.random.default_rng(3).normal(5, 3, (len(PAIR_FEATURES), 4)), strict=True))
)
CUSTOMERS = customer_rows(
    4,
    **dict(
        zip(
            CUSTOMER_FEATURES,
            np.random.default_rng(4).uniform(1, 9, (len(CUSTOMER_FEATURES), 4)),
            strict=True,
        )
    ),
)


@pytest.fixture(params=KINDS)
def models(request: pytest.FixtureRequest) -> tuple[PairScorer, Churn]:
    return KINDS[request.param]


def save(folder: Path, models: tuple[PairScorer, Churn] = KINDS["lightgbm"]) -> str:
    return save_artifact(folder, manifest(), RHYTHM, *models)


def test_what_was_saved_is_what_is_loaded(tmp_path: Path, models: tuple[PairScorer, Churn]) -> None:
    version = save(tmp_path, models)
    loaded = load_artifact(tmp_path)
    assert loaded.version == version
    assert loaded.rhythm == RHYTHM
    assert loaded.manifest.limits == manifest().limits
    assert loaded.manifest.metrics == manifest().metrics
    assert (loaded.manifest.as_of, loaded.manifest.window_days) == (manifest().as_of, (4, 7))
    assert loaded.affinity.predict(PAIRS).tolist() == models[0].predict(PAIRS).tolist()
    for days in (28, 56):
        assert loaded.churn.p_silent(CUSTOMERS, days).tolist() == models[1].p_silent(CUSTOMERS, days).tolist()
    np.testing.assert_array_equal(loaded.churn.p_partial(CUSTOMERS), models[1].p_partial(CUSTOMERS))
    assert loaded.churn.eligibility == models[1].eligibility


def test_the_season_travels_with_the_model(tmp_path: Path) -> None:
    affinity, churn = boosted()
    assert isinstance(affinity, AffinityModel)
    season = MonthSeason((0.1, 0.05, 0.0, 0.02))
    save(tmp_path, (replace(affinity, season=season, window_slope=0.3), churn))
    loaded = load_artifact(tmp_path).affinity
    assert isinstance(loaded, AffinityModel)
    assert loaded.season == season
    assert loaded.window_slope == 0.3


def test_the_same_content_has_the_same_name_and_other_content_another(
    tmp_path: Path, models: tuple[PairScorer, Churn]
) -> None:
    names = []
    for place, notes in enumerate(((), (), ("another note",))):
        (tmp_path / str(place)).mkdir()
        names.append(save_artifact(tmp_path / str(place), manifest(notes=notes), RHYTHM, *models))
    assert names[0] == names[1] != names[2]
    assert names[0].startswith("2017-12-04-")


def test_saving_what_was_loaded_gives_the_same_version(
    tmp_path: Path, models: tuple[PairScorer, Churn]
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    version = save(first, models)
    loaded = load_artifact(first)
    assert save_artifact(second, loaded.manifest, loaded.rhythm, loaded.affinity, loaded.churn) == version


def test_every_file_but_the_reference_is_text_that_a_person_can_open(
    tmp_path: Path, models: tuple[PairScorer, Churn]
) -> None:
    save(tmp_path, models)
    expected = {"manifest.json", "parameters.json"}
    if models is not KINDS["fallback"]:
        expected |= {"affinity.txt", "silent_28d.txt", "silent_56d.txt", "partial_28d.txt"}
    reference = {"neighbours.npz"} if models is KINDS["alike"] else set()
    assert {path.name for path in tmp_path.iterdir()} == expected | reference
    for path in tmp_path.glob("*.[jt]*"):
        assert path.read_text(encoding="utf-8").startswith(("{\n", "tree\n")), "no pickle"


def test_reference_customers_come_back_with_their_rules(tmp_path: Path) -> None:
    save(tmp_path, KINDS["alike"])
    saved, loaded = KINDS["alike"][0], load_artifact(tmp_path).affinity
    assert isinstance(saved, AffinityModel)
    assert isinstance(loaded, AffinityModel)
    assert saved.neighbours is not None
    assert loaded.neighbours is not None
    assert loaded.neighbours.rules == saved.neighbours.rules
    assert loaded.neighbours.item_id.tolist() == saved.neighbours.item_id.tolist()
    np.testing.assert_array_equal(loaded.neighbours.reference.keys, saved.neighbours.reference.keys)
    for name, content in vars(saved.neighbours.reference.baskets).items():
        np.testing.assert_array_equal(getattr(loaded.neighbours.reference.baskets, name), content)


def test_a_changed_reference_is_refused(tmp_path: Path) -> None:
    save(tmp_path, KINDS["alike"])
    path = tmp_path / "neighbours.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(BadArtifact, match=r"neighbours.npz does not match the checksum"):
        load_artifact(tmp_path)


@pytest.mark.parametrize("name", ["affinity.txt", "silent_28d.txt", "parameters.json"])
def test_a_changed_or_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    version = save(tmp_path)
    path = tmp_path / name
    path.write_text(path.read_text(encoding="utf-8").replace("1", "2", 1), encoding="utf-8")
    with pytest.raises(
        BadArtifact, match=f"{name} does not match the checksum .* publish version {version} again"
    ):
        load_artifact(tmp_path)
    path.unlink()
    with pytest.raises(BadArtifact, match=f"{name} does not match the checksum"):
        load_artifact(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda about: about["metrics"].update(affinity_auc=0.99),
        lambda about: about.update(item_level="family_1"),
        lambda about: about.update(version="2017-12-04-00000000"),
        lambda about: about.update(approved_by="nobody"),
        lambda about: about.pop("seen_days"),
        lambda about: about["files"].pop("silent_56d.txt"),
    ],
    ids=["metrics", "item level", "name", "added", "removed", "file struck off"],
)
def test_a_changed_manifest_is_refused(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    save(tmp_path)
    path = tmp_path / "manifest.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    change(about)
    path.write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(BadArtifact, match=r"manifest\.json was damaged or changed"):
        load_artifact(tmp_path)


def test_a_manifest_of_another_release_is_refused_by_what_it_lacks(tmp_path: Path) -> None:
    save(tmp_path)
    path = tmp_path / "manifest.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    del about["seen_days"]
    path.write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(BadArtifact) as refused:
        load_artifact(tmp_path)
    (proper_name,) = re.findall(r"content is that of (\S+),", str(refused.value))
    path.write_text(json.dumps(about | {"version": proper_name}), encoding="utf-8")
    with pytest.raises(
        BadArtifact, match=r"lacks seen_days; it was written by another release, so fit again"
    ):
        load_artifact(tmp_path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no readable manifest"),
        (b"{half", "no readable manifest"),
        (b"\xff\xfe\x00", "no readable manifest"),
        (b"[]", "no JSON object"),
        (b"{}", "artifact format None"),
        (b'{"format": 99}', "artifact format 99, this code reads 2"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(BadArtifact, match=sentence):
        load_artifact(tmp_path)


def test_an_empty_folder_is_no_artifact(tmp_path: Path) -> None:
    with pytest.raises(BadArtifact, match="no readable manifest"):
        load_artifact(tmp_path)


def test_a_recipe_that_the_code_no_longer_knows_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = save(tmp_path)
    monkeypatch.setattr("models.features.recipe.PAIR_FEATURES", PAIR_FEATURES[::-1])
    with pytest.raises(
        BadArtifact, match=f"Version {version} was fitted with feature recipe [0-9a-f]{{12}}, but this code"
    ):
        load_artifact(tmp_path)


def test_a_model_without_a_file_format_is_a_fault_of_ours(tmp_path: Path) -> None:
    class Guess:
        def predict(self, pairs: object) -> np.ndarray:
            raise NotImplementedError(pairs)  # saving refuses the model before anybody asks it

    with pytest.raises(TypeError, match="no file format for Guess"):
        save_artifact(tmp_path, manifest(), RHYTHM, Guess(), KINDS["fallback"][1])


@pytest.mark.parametrize(
    "lifetime",
    [
        None,
        LifetimeModel(
            ParetoNbd(0.55, 10.6, 0.6, 11.7), GammaGamma(6.2, 3.7, 1544.0), 182, 1.06, 0.25, 1.4, 1.02
        ),
    ],
)
def test_what_customers_are_worth_is_kept_or_its_absence(
    tmp_path: Path, lifetime: LifetimeModel | None
) -> None:
    save_artifact(tmp_path, manifest(), RHYTHM, *KINDS["lightgbm"], lifetime)
    assert load_artifact(tmp_path).lifetime == lifetime
