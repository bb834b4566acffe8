from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.features.recipe import current_recipe
from models.ground.errors import BadArtifact, BadInput
from models.versions import registry
from tests.models.fitted_versions import RHYTHM, fallbacks, manifest
from training.evaluation.version_listing import diff_versions, list_promotions, list_versions


def publish(folder: Path, **changes: object) -> str:
    affinity, churn = fallbacks()
    about = replace(manifest(day=int(str(changes.pop("day", 4)))), **changes)  # type: ignore[arg-type]
    return registry.publish(folder, about, RHYTHM, affinity, churn)


def test_versions_are_listed_with_their_metrics_and_the_current_one_is_marked(tmp_path: Path) -> None:
    old, new = publish(tmp_path, day=4), publish(tmp_path, day=11, metrics={"churn_auc": 0.9})
    registry.promote(tmp_path, old)
    table = list_versions(tmp_path)
    assert table["version"].tolist() == [old, new]
    assert table["current"].tolist() == [True, False]
    assert table["affinity_auc"].tolist()[0] == 0.8125
    assert table["affinity_auc"].isna().tolist() == [False, True]
    assert set(table["recipe"]) == {current_recipe().fingerprint[:12]}


def test_an_empty_registry_lists_nothing(tmp_path: Path) -> None:
    assert list_versions(tmp_path).empty


def test_two_versions_differ_in_data_window_parameters_metrics_and_features(tmp_path: Path) -> None:
    features = {"fingerprint": "a", "pair_features": ["buys", "window_days"]}
    fewer = {"fingerprint": "b", "pair_features": ["buys"]}
    one = publish(tmp_path, recipe=features)
    other = publish(
        tmp_path,
        day=11,
        recipe=fewer,
        parameters={"seed": 2, "window_days": (4, 7)},
        metrics={"churn_auc": 0.5},
    )
    assert diff_versions(tmp_path, one, other) == {
        "as_of": ("2017-12-04T00:00:00+00:00", "2017-12-11T00:00:00+00:00"),
        "metrics.affinity_auc": (0.8125, None),
        "metrics.churn_auc": (1 / 3, 0.5),
        "parameters.seed": (1, 2),
        "recipe.fingerprint": ("a", "b"),
        "recipe.pair_features": (["window_days"], []),
    }


def test_a_version_differs_from_itself_in_nothing(tmp_path: Path) -> None:
    version = publish(tmp_path)
    assert diff_versions(tmp_path, version, version) == {}


def test_the_shops_likeness_is_not_compared(tmp_path: Path) -> None:
    data = manifest().data
    one = publish(tmp_path, data=data | {"shop": {"marks": [1]}})
    other = publish(tmp_path, data=data | {"shop": {"marks": [2]}})
    assert one != other
    assert diff_versions(tmp_path, one, other) == {}


def test_an_unknown_version_is_refused_by_name(tmp_path: Path) -> None:
    version = publish(tmp_path)
    with pytest.raises(BadInput, match="No version 'never'"):
        diff_versions(tmp_path, version, "never")


def test_a_version_without_a_manifest_is_refused(tmp_path: Path) -> None:
    version = publish(tmp_path)
    (tmp_path / "versions" / version / "manifest.json").unlink()
    with pytest.raises(BadArtifact, match=r"manifest\.json"):
        list_versions(tmp_path)


def test_every_promotion_is_a_line_with_when_and_by_whom(tmp_path: Path) -> None:
    one, other = publish(tmp_path, day=4), publish(tmp_path, day=11)
    registry.promote(tmp_path, one)
    registry.promote(tmp_path, other, now=datetime(2017, 12, 12, 7, 30, tzinfo=UTC), by="Ines")
    registry.roll_back(tmp_path, now=datetime(2017, 12, 12, 9, tzinfo=UTC))
    assert list_promotions(tmp_path) == [
        f"at an unknown time  promoted {one}",
        f"2017-12-12T07:30:00+00:00  promoted {other} from {one} by Ines",
        f"2017-12-12T09:00:00+00:00  rolled back to {one} from {other}",
    ]
