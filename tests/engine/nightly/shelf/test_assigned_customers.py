"""Whom a programme is for, where a shop runs several, and who has enough by the others."""

import pandas as pd
import pytest

from engine.domain.arms import DrawnAs
from engine.domain.experiments import RunningExperiment, TriedArm
from engine.domain.offer_errors import BadProgramme
from engine.nightly.shelf.assigned_customers import assigned_to_others, require_arm, with_enough
from engine.programme.assigned_section import Assignment

PEOPLE = pd.DataFrame(
    [
        ("anna", "client", "true", False),
        ("boris", "lapsing", "spurious", True),
        ("clara", "prospect", None, None),
    ],
    columns=["customer_id", "ladder", "loyalty", "deal_only"],
)
# anna has two bundles of other programmes with six items, boris one with two
BESIDE = pd.DataFrame(
    [("anna", bundle, f"{bundle}{number}") for bundle in ("w", "d") for number in range(3)]
    + [("boris", "w2", "milk"), ("boris", "w2", "tea")],
    columns=["customer_id", "bundle_id", "item_id"],
)
SPRING = RunningExperiment(
    1,
    "spring",
    "offers",
    DrawnAs.HOUSEHOLD,
    "x",
    ((0, 5000),),
    (TriedArm("daily", 0.5, {}), TriedArm("rest", 0.5, {})),
)


@pytest.mark.parametrize(
    ("to", "others"),
    [
        (("lapsing", "lost"), {"anna", "clara"}),
        (("loyalty_true", "prospect"), {"boris"}),
        (("deal_only",), {"anna", "clara"}),
    ],
)
def test_a_programme_is_for_who_stands_as_it_says(to: tuple[str, ...], others: set[str]) -> None:
    rules = Assignment.model_validate({"to": to})
    assert assigned_to_others(rules, PEOPLE, {}) == others


def test_a_programme_may_be_for_one_arm_of_an_experiment() -> None:
    cells = {"anna": "spring=daily", "boris": "spring=rest", "clara": ""}
    assert assigned_to_others(Assignment(arm="spring/daily"), PEOPLE, cells) == {"boris", "clara"}


def test_without_a_word_a_programme_is_for_everybody() -> None:
    assert assigned_to_others(None, PEOPLE, {}) == set()
    assert assigned_to_others(Assignment(max_items=12), PEOPLE, {}) == set()


def test_who_has_as_many_bundles_as_allowed_gets_no_other() -> None:
    assert with_enough(Assignment(max_bundles=2), BESIDE, 6) == {"anna"}
    assert with_enough(Assignment(max_bundles=1), BESIDE, 6) == {"anna", "boris"}


def test_a_bundle_that_could_make_it_too_many_items_is_not_given() -> None:
    assert with_enough(Assignment(max_items=12), BESIDE, 6) == set()
    assert with_enough(Assignment(max_items=11), BESIDE, 6) == {"anna"}
    assert with_enough(None, BESIDE, 6) == set()


def test_an_arm_that_nobody_is_in_is_refused() -> None:
    require_arm(Assignment(arm="spring/rest"), (SPRING,))
    with pytest.raises(
        BadProgramme, match=r"is no arm of an experiment that runs tonight \(spring/daily, spring/rest"
    ):
        require_arm(Assignment(arm="spring/dayly"), (SPRING,))
