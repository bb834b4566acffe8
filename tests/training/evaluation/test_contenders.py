from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.ground.moment import local_midnight
from models.versions import registry
from tests.models.fitted_versions import RHYTHM, fallbacks, manifest
from training.evaluation.contenders import (
    EvaluationPlan,
    choose_versions,
    contenders_of,
    plan_cuts,
    profile_of,
)
from training.fitting.fit_profile import FitProfile

JANUARY = date(2017, 1, 1)


def publish(folder: Path, day: int, **changes: object) -> str:
    about = replace(manifest(day=day), parameters=asdict(FitProfile()), **changes)  # type: ignore[arg-type]
    return registry.publish(folder, about, RHYTHM, *fallbacks())


def plan(
    folder: Path, as_of: date, names: list[str], *, cuts: int = 4, first_day: date = JANUARY
) -> EvaluationPlan:
    return plan_cuts(contenders_of(folder, names), local_midnight(as_of, "UTC"), cuts, first_day)


def days(made: EvaluationPlan) -> list[str]:
    return [cut.day.isoformat() for cut in made.cuts]


def test_the_newest_version_that_waits_is_judged_against_the_current_one(tmp_path: Path) -> None:
    first, second, third = (publish(tmp_path, day) for day in (4, 11, 18))
    registry.promote(tmp_path, third)
    assert choose_versions(tmp_path, None, None) == [second, third]
    assert choose_versions(tmp_path, first, None) == [first, third]
    assert choose_versions(tmp_path, first, second) == [first, second]


def test_the_only_version_is_judged_alone(tmp_path: Path) -> None:
    version = publish(tmp_path, 4)
    assert choose_versions(tmp_path, None, None) == [version]
    registry.promote(tmp_path, version)
    assert choose_versions(tmp_path, None, None) == [version]
    assert choose_versions(tmp_path, version, version) == [version]


def test_an_empty_registry_has_nothing_to_evaluate(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no version to evaluate; run `abonement-train fit`"):
        choose_versions(tmp_path, None, None)


def test_where_weeks_are_left_that_nobody_has_seen_the_published_models_are_judged(tmp_path: Path) -> None:
    made = plan(tmp_path, date(2018, 1, 1), [publish(tmp_path, 11), publish(tmp_path, 4)])
    assert made.how == "published"
    assert days(made) == ["2017-12-25", "2017-12-18", "2017-12-11"]


def test_one_such_week_is_too_little_unless_one_is_asked_for(tmp_path: Path) -> None:
    names = [publish(tmp_path, 18), publish(tmp_path, 4)]
    assert plan(tmp_path, date(2017, 12, 31), names).how == "replayed"
    assert plan(tmp_path, date(2017, 12, 31), names, cuts=1).how == "published"


def test_a_new_version_is_replayed_before_cuts_that_end_by_what_is_known(tmp_path: Path) -> None:
    made = plan(tmp_path, date(2017, 12, 18), [publish(tmp_path, 18), publish(tmp_path, 4)], cuts=2)
    assert made.how == "replayed"
    assert days(made) == ["2017-12-11", "2017-12-04"]


def test_the_older_version_stays_as_stale_as_it_is(tmp_path: Path) -> None:
    newer, older = contenders_of(tmp_path, [publish(tmp_path, 18), publish(tmp_path, 4)])
    assert (newer.age_days, older.age_days) == (0, 14)


def test_a_version_of_another_recipe_is_always_replayed(tmp_path: Path) -> None:
    other = publish(tmp_path, 4, recipe={"fingerprint": "of an earlier release"})
    made = plan(tmp_path, date(2018, 1, 1), [publish(tmp_path, 11), other])
    assert made.how == "replayed"
    assert [each.same_recipe for each in made.contenders] == [True, False]


def test_a_history_too_short_for_one_cut_is_refused_with_what_it_would_need(tmp_path: Path) -> None:
    names = [publish(tmp_path, 18), publish(tmp_path, 4)]
    # 56 days before the first of two weekly cuts whose windows end 14 days before the cut judged
    with pytest.raises(BadInput, match=r"needs 84 days of purchases before it .* and 7 days after it"):
        plan(tmp_path, date(2017, 12, 18), names, first_day=date(2017, 9, 19))
    assert days(plan(tmp_path, date(2017, 12, 18), names, first_day=date(2017, 9, 18))) == ["2017-12-11"]


def test_versions_of_two_item_levels_are_not_compared(tmp_path: Path) -> None:
    one, other = publish(tmp_path, 4), publish(tmp_path, 11, item_level="family_3")
    with pytest.raises(BadInput, match=f"one item level .*{one} product and {other} family_3"):
        contenders_of(tmp_path, [one, other])


def test_a_profile_comes_back_as_it_was_and_ignores_what_is_no_more(tmp_path: Path) -> None:
    profile = FitProfile(window_days=(7, 7), seed=5, affinity_cuts=3)
    about = registry.manifest_of(
        tmp_path,
        registry.publish(tmp_path, replace(manifest(), parameters=asdict(profile)), RHYTHM, *fallbacks()),
    )
    assert profile_of(about) == profile
    about["parameters"]["of_an_earlier_release"] = 1
    del about["parameters"]["affinity_cuts"]
    assert profile_of(about) == replace(profile, affinity_cuts=FitProfile().affinity_cuts)
