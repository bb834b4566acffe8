from pathlib import Path

from models.versions.comparisons import (
    Difference,
    VersionComparison,
    comparisons,
    latest_comparison,
    record_comparison,
)

FOUND = VersionComparison(
    version="2017-12-11-bbbbbbbb",
    against="2017-12-04-aaaaaaaa",
    as_of="2017-12-18T00:00:00+00:00",
    how="replayed",
    cuts=("2017-12-11", "2017-12-04"),
    customers=2469,
    differences=(
        Difference("items bought of six", -0.05, -0.09, -0.01, 0.975, worse=True),
        Difference("log loss", 0.001, -0.001, 0.003, 0.975, worse=False),
    ),
)


def later(as_of: str) -> VersionComparison:
    return VersionComparison(
        **{**{name: getattr(FOUND, name) for name in FOUND.__dataclass_fields__}, "as_of": as_of}
    )


def test_what_is_recorded_is_read_back(tmp_path: Path) -> None:
    record_comparison(tmp_path, FOUND)
    assert comparisons(tmp_path) == [FOUND]
    assert latest_comparison(tmp_path, FOUND.version, FOUND.against) == FOUND


def test_nothing_recorded_is_no_comparison(tmp_path: Path) -> None:
    assert comparisons(tmp_path) == []
    assert latest_comparison(tmp_path, FOUND.version, FOUND.against) is None


def test_the_other_way_round_is_another_pair(tmp_path: Path) -> None:
    record_comparison(tmp_path, FOUND)
    assert latest_comparison(tmp_path, FOUND.against, FOUND.version) is None


def test_finding_the_same_again_makes_it_the_latest(tmp_path: Path) -> None:
    newer = later("2017-12-25T00:00:00+00:00")
    for each in (FOUND, newer, FOUND):
        record_comparison(tmp_path, each)
    assert comparisons(tmp_path) == [newer, FOUND]


def test_a_comparison_is_worse_in_what_it_says_and_named_by_its_content() -> None:
    assert [each.measure for each in FOUND.worse_in] == ["items bought of six"]
    assert len(FOUND.name) == 8
    assert FOUND.name != later("2017-12-25T00:00:00+00:00").name
