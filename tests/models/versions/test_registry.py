from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.ground.errors import BadArtifact, BadInput, Worse
from models.versions import registry
from models.versions.comparisons import Difference, VersionComparison, record_comparison
from tests.models.fitted_versions import RHYTHM, fallbacks, manifest


def publish(folder: Path, day: int = 4) -> str:
    return registry.publish(folder, manifest(day=day), RHYTHM, *fallbacks())


@pytest.fixture
def three(tmp_path: Path) -> tuple[str, str, str]:
    """Three versions, each promoted in turn."""
    names = (publish(tmp_path, 4), publish(tmp_path, 11), publish(tmp_path, 18))
    for name in names:
        registry.promote(tmp_path, name)
    return names


def contents(folder: Path) -> dict[str, bytes]:
    found = folder.rglob("*")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in found
        if path.is_file() and path.name != ".lock"
    }


def test_versions_are_listed_oldest_data_first(tmp_path: Path) -> None:
    late, early = publish(tmp_path, 11), publish(tmp_path, 4)
    assert registry.versions(tmp_path) == [early, late]
    assert registry.manifest_of(tmp_path, late)["as_of"] == "2017-12-11T00:00:00+00:00"


def test_an_empty_registry_has_nothing(tmp_path: Path) -> None:
    assert registry.versions(tmp_path) == []
    assert registry.current_version(tmp_path) is None
    assert registry.pointer_history(tmp_path) == []
    with pytest.raises(BadInput, match="no current version"):
        registry.open_current(tmp_path)
    with pytest.raises(BadInput, match="no earlier version to roll back to"):
        registry.roll_back(tmp_path)


def test_publishing_does_not_promote(tmp_path: Path) -> None:
    publish(tmp_path)
    assert registry.current_version(tmp_path) is None


def test_publishing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    version = publish(tmp_path)
    before = contents(tmp_path)
    assert publish(tmp_path) == version
    assert contents(tmp_path) == before


def test_publishing_a_damaged_version_again_mends_it(tmp_path: Path) -> None:
    version = publish(tmp_path)
    before = contents(tmp_path)
    (tmp_path / "versions" / version / "parameters.json").write_text("{}")
    with pytest.raises(BadArtifact, match="publish version"):
        registry.open_version(tmp_path, version)
    publish(tmp_path)
    assert contents(tmp_path) == before
    assert registry.open_version(tmp_path, version).version == version


def test_a_version_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path)
    before = contents(tmp_path)

    def disk_full(folder: Path, *_: object) -> str:
        (folder / "affinity.txt").write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(registry, "save_artifact", disk_full)
    with pytest.raises(OSError, match="No space"):
        publish(tmp_path, 11)
    assert contents(tmp_path) == before
    assert len(registry.versions(tmp_path)) == 1


def test_promoting_makes_a_version_the_one_in_use(tmp_path: Path) -> None:
    version = publish(tmp_path)
    registry.promote(tmp_path, version)
    assert registry.current_version(tmp_path) == version
    assert registry.open_current(tmp_path).version == version


def test_promoting_the_current_version_changes_nothing(tmp_path: Path) -> None:
    version = publish(tmp_path)
    registry.promote(tmp_path, version)
    registry.promote(tmp_path, version)
    assert registry.pointer_history(tmp_path) == [{"from": None, "to": version}]


@pytest.mark.parametrize("unknown", ["2017-12-04-ffffffff", "../versions", "", "."])
def test_a_version_that_is_not_there_is_refused_by_name(tmp_path: Path, unknown: str) -> None:
    version = publish(tmp_path)
    with pytest.raises(BadInput, match=f"No version '{unknown}' in .* known versions: {version}"):
        registry.promote(tmp_path, unknown)
    assert registry.current_version(tmp_path) is None


def test_a_damaged_version_is_not_promoted(tmp_path: Path) -> None:
    good, bad = publish(tmp_path, 4), publish(tmp_path, 11)
    registry.promote(tmp_path, good)
    (tmp_path / "versions" / bad / "parameters.json").write_text("{}")
    with pytest.raises(BadArtifact, match="does not match the checksum"):
        registry.promote(tmp_path, bad)
    assert registry.current_version(tmp_path) == good


def test_every_change_of_the_pointer_is_remembered(tmp_path: Path, three: tuple[str, str, str]) -> None:
    first, second, third = three
    registry.roll_back(tmp_path)
    assert registry.pointer_history(tmp_path) == [
        {"from": None, "to": first},
        {"from": first, "to": second},
        {"from": second, "to": third},
        {"from": third, "to": second, "back": True},
    ]


def test_rolling_back_twice_goes_further_back_and_not_forward_again(
    tmp_path: Path, three: tuple[str, str, str]
) -> None:
    first, second, _ = three
    assert registry.roll_back(tmp_path) == second
    assert registry.roll_back(tmp_path) == first
    assert registry.current_version(tmp_path) == first
    with pytest.raises(BadInput, match="no earlier version to roll back to"):
        registry.roll_back(tmp_path)


def test_promoting_an_old_version_is_a_step_that_can_be_rolled_back(
    tmp_path: Path, three: tuple[str, str, str]
) -> None:
    first, second, third = three
    registry.promote(tmp_path, first)
    assert registry.roll_back(tmp_path) == third
    registry.promote(tmp_path, second)
    assert [registry.roll_back(tmp_path) for _ in range(3)] == [third, second, first]


def test_a_change_that_was_killed_before_the_pointer_moved_does_not_count(
    tmp_path: Path, three: tuple[str, str, str]
) -> None:
    first, second, third = three
    registry.roll_back(tmp_path)
    (tmp_path / "current").write_text(third + "\n")  # as if that rollback had been killed half-way
    assert registry.roll_back(tmp_path) == second
    assert registry.roll_back(tmp_path) == first


def test_a_rollback_to_a_damaged_version_changes_nothing(tmp_path: Path, three: tuple[str, str, str]) -> None:
    _, second, third = three
    (tmp_path / "versions" / second / "parameters.json").write_text("{}")
    with pytest.raises(BadArtifact, match="does not match the checksum"):
        registry.roll_back(tmp_path)
    assert registry.current_version(tmp_path) == third


def test_a_version_under_another_name_is_refused(tmp_path: Path) -> None:
    first, second = publish(tmp_path, 4), publish(tmp_path, 11)
    folder = tmp_path / "versions"
    (folder / second).rename(tmp_path / "aside")
    (folder / first).rename(folder / second)
    with pytest.raises(BadArtifact, match=f"{second} holds version {first}"):
        registry.promote(tmp_path, second)


def compared(version: str, against: str, *, worse: bool) -> VersionComparison:
    difference = Difference("items bought of six", -0.21, -0.3, -0.12, 0.975, worse)
    return VersionComparison(
        version, against, "2017-12-18T00:00:00+00:00", "replayed", ("2017-12-11",), 40, (difference,)
    )


def test_a_version_found_worse_than_the_current_one_is_not_promoted(tmp_path: Path) -> None:
    good, bad = publish(tmp_path, 4), publish(tmp_path, 11)
    registry.promote(tmp_path, good)
    record_comparison(tmp_path, compared(bad, good, worse=True))
    with pytest.raises(
        Worse, match=r"items bought of six -0\.2100 \[-0\.3000, -0\.1200\]; promote it with --force"
    ):
        registry.promote(tmp_path, bad)
    assert registry.current_version(tmp_path) == good
    assert len(registry.pointer_history(tmp_path)) == 1


def test_force_promotes_it_all_the_same_and_is_remembered(tmp_path: Path) -> None:
    good, bad = publish(tmp_path, 4), publish(tmp_path, 11)
    registry.promote(tmp_path, good)
    found = compared(bad, good, worse=True)
    record_comparison(tmp_path, found)
    when = datetime(2017, 12, 19, 8, tzinfo=UTC)
    assert registry.promote(tmp_path, bad, now=when, by="Ines", force=True) == found
    assert registry.pointer_history(tmp_path)[-1] == {
        "from": good,
        "to": bad,
        "at": "2017-12-19T08:00:00+00:00",
        "by": "Ines",
        "evaluation": found.name,
        "forced": True,
    }


def test_only_the_latest_comparison_with_the_current_version_counts(tmp_path: Path) -> None:
    first, second, third = publish(tmp_path, 4), publish(tmp_path, 11), publish(tmp_path, 18)
    registry.promote(tmp_path, first)
    record_comparison(tmp_path, compared(second, third, worse=True))
    record_comparison(tmp_path, compared(second, first, worse=True))
    better = compared(second, first, worse=False)
    record_comparison(tmp_path, better)
    assert registry.promote(tmp_path, second, force=True) == better
    assert "forced" not in registry.pointer_history(tmp_path)[-1]


def test_a_worse_version_can_still_be_rolled_back_to(tmp_path: Path) -> None:
    first, second = publish(tmp_path, 4), publish(tmp_path, 11)
    registry.promote(tmp_path, first)
    registry.promote(tmp_path, second)
    record_comparison(tmp_path, compared(first, second, worse=True))
    assert registry.roll_back(tmp_path, by="Ines") == first
    assert registry.pointer_history(tmp_path)[-1] == {"from": second, "to": first, "back": True, "by": "Ines"}
