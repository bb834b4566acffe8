"""An experiment's file: what it may say, and the rules that its arms make of a programme."""

from pathlib import Path

import pytest

from engine.domain.offer_errors import BadProgramme
from engine.programme import programme_text
from engine.programme.experiment_file import changed_programme, load_experiment

PLAN = """
name = "deeper"
hypothesis = "A quarter off brings more margin than it costs"
weeks = 8
metric = "margin"
stop = "planned_end"

[[arms]]
name = "control"
share = 0.3

[[arms]]
name = "quarter"
share = 0.3
"""
LEARNS = programme_text() + '\n[policy]\nname = "value"\n[explore]\nfirst_share = 0.5\namount_minor = 2_000\n'


def refusal(folder: Path, text: str) -> str:
    file = folder / "deeper.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadProgramme) as no:
        load_experiment(file)
    return str(no.value)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("programme.depths = 5", "arms.programme.depths = 5: expected sections among bundle, depths"),
        ("programme = 5", "arms.programme = 5: expected sections among bundle, depths"),
    ],
)
def test_a_section_that_is_no_table_is_refused_in_one_sentence(tmp_path: Path, more: str, says: str) -> None:
    said = refusal(tmp_path, f"{PLAN}{more}\n")
    assert says in said
    assert len(said.splitlines()) == 2


def test_a_share_that_is_nobody_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, PLAN.replace("share = 0.3", "share = 0.00001", 1))
    assert (
        "arms.share = 1e-05: expected a share of all customers, from 0.0001 to 1; a smaller one is nobody"
        in said
    )


def test_an_arm_may_go_by_another_policy_where_the_programme_learns_by_lot() -> None:
    rules = changed_programme(LEARNS, [{"policy": {"name": "depth_rule"}}], "arm plain")
    assert (rules.policy.name, rules.explore) == ("depth_rule", None)


def test_an_arm_of_another_policy_takes_none_of_the_parameters_of_the_programmes() -> None:
    text = LEARNS.replace("[explore]\nfirst", "parameters = { hope = 1.0 }\n[explore]\nfirst")
    assert changed_programme(text, [{"policy": {"name": "pull"}}], "arm pull").policy.parameters == {}
    kept = changed_programme(text, [{"policy": {"parameters": {"hope": 2.0}}}], "arm hopes")
    assert (kept.policy.name, kept.policy.parameters) == ("value", {"hope": 2.0})


def test_a_shop_in_which_an_arm_would_be_nobody_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "deeper.toml"
    file.write_text(PLAN.replace("share = 0.3", "share = 0.01", 1), encoding="utf-8")
    plan = load_experiment(file)
    plan.require_somebody(100)
    with pytest.raises(
        BadProgramme, match=r"Of 99 customers .* less than one into arm control \(share = 0.01\)"
    ):
        plan.require_somebody(99)
