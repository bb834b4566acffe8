"""What must not get worse: judged by a band that may be looked at every week, in the report and after a night."""

from dataclasses import replace

import numpy as np
import pytest

from engine.measurement.compared_arms import ComparedArms
from engine.measurement.experiment_guards import guards
from engine.measurement.report_words import guard_in_words
from tests.engine.measurement.test_broken_experiments import compared

PEOPLE, WEEKS = 2_000, 8
EVEN = np.arange(PEOPLE) % 2 == 0  # the treated
NAMES = ("margin", "churn", "complaints", "nps")


def rolled(seed: int, treated: float, control: float) -> np.ndarray:
    """Who of each arm something happens to, shape (n, weeks): the same people in every week."""
    rng = np.random.default_rng(seed)
    return np.tile((rng.random(PEOPLE) < np.where(EVEN, treated, control))[:, None], WEEKS)


def shop(seed: int = 1) -> ComparedArms:
    rng = np.random.default_rng(seed)
    arms = compared(rng.normal(1000, 300, (PEOPLE, WEEKS)))
    said = np.where(rng.random(PEOPLE) < 0.1, rng.integers(-1, 2, PEOPLE), np.nan)
    return replace(
        arms,
        active=rolled(seed + 1, 0.8, 0.8),
        complained=rolled(seed + 2, 0.02, 0.02),
        nps=np.tile(said[:, None], WEEKS),
    )


def test_a_healthy_experiment_gets_nothing_worse() -> None:
    assert [one.state for one in guards(shop(), NAMES, WEEKS)] == ["ok"] * 4


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("margin", {"margin": np.random.default_rng(5).normal(1000, 300, (PEOPLE, WEEKS)) - 100 * EVEN[:, None]}),
        ("churn", {"active": rolled(6, 0.6, 0.8)}),
        ("complaints", {"complained": rolled(7, 0.1, 0.02)}),
        ("nps", {"nps": np.where(np.arange(PEOPLE) % 10 < 2, np.where(EVEN, -1.0, 1.0), np.nan)[:, None] * np.ones(WEEKS)}),
    ],
)  # fmt: skip
def test_what_got_worse_is_named_with_the_week_since(name: str, what: dict[str, np.ndarray]) -> None:
    found = guards(replace(shop(), **what), NAMES, WEEKS)
    (broken,) = (one for one in found if one.state == "worse")
    assert broken.name == name
    assert broken.since == (4 if name == "churn" else 1)
    assert f"worse since week {broken.since}" in guard_in_words(broken, "EUR")


def test_what_too_few_tell_of_is_not_judged() -> None:
    few = replace(
        shop(), complained=rolled(1, 0, 0), nps=np.full((PEOPLE, WEEKS), np.nan), active=np.ones((PEOPLE, 2))
    )
    few = replace(few, margin=few.margin[:, :2], complained=few.complained[:, :2], nps=few.nps[:, :2])
    _, *others = guards(few, NAMES, WEEKS)
    assert [guard_in_words(one, "EUR") for one in others] == [
        "churn: not judged, who is active is told by 4 weeks, 2 are over",
        "complaints: not judged, 0 complained in both arms; from 10 on it is judged",
        "nps: not judged, 0 answered in both arms; from 20 in each on it is judged",
    ]
