"""Experiments in a night: each arm by its own rules and its own part of the budget, two of a layer on different customers."""

from pathlib import Path

import pandas as pd
import pytest

from engine.domain.offer_errors import BadProgramme, BadRequest
from engine.measurement.begun_experiments import start_experiment, statuses, stop_experiment
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.run import NightResult
from engine.nightly.verify import verify
from engine.programme import programme_text
from engine.programme.experiment_file import load_experiment
from engine.store import Store
from models.ground.moment import parse_moment
from tests.engine.nightly.shop_nights import FIRST_NIGHT, SECOND_NIGHT, night, silent

pytestmark = pytest.mark.long

DEEPER = """
name = "deeper"
hypothesis = "A quarter off brings more margin than it costs"
weeks = 8
metric = "margin"
guards = ["churn"]
stop = "planned_end"

[[arms]]
name = "control"
share = 0.3

[[arms]]
name = "quarter"
share = 0.3

[arms.programme.depths]
bp = [2500]

[arms.programme.policy]
name = "pull"
"""
TONIGHT = parse_moment(SECOND_NIGHT, "UTC")


def start(store: Store, workspace: Path, text: str = DEEPER, day: str = SECOND_NIGHT) -> None:
    file = workspace / "experiment.toml"
    file.write_text(text, encoding="utf-8")
    start_experiment(store, load_experiment(file), parse_moment(day, "UTC"))


def of_run(workspace: Path, run: NightResult, kind: str) -> pd.DataFrame:
    files = sorted((RunFolder.of(workspace, run.run_id).path / kind).glob("*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files]).reset_index(drop=True)


def test_each_arm_goes_by_its_rules_and_spends_its_own_part_of_the_budget(
    lived_shop: Path, its_store: Store
) -> None:
    start(its_store, lived_shop)
    run = night(lived_shop, SECOND_NIGHT, accepted=["mean_depth", "empty_bundles", "expected_cost"])
    cells = of_run(lived_shop, run, "snapshot/arms").set_index("customer_id")["cell"]
    slots = of_run(lived_shop, run, "slots")
    by_cell = slots.groupby(slots["customer_id"].map(cells))
    assert {cell: set(rows["discount_bp"]) - {1000, 1500, 2000} for cell, rows in by_cell} == {
        "": set(),
        "deeper=control": set(),
        "deeper=quarter": {2500},
    }
    assert set(by_cell.get_group("deeper=quarter")["policy"]) == {"pull"}
    budget = run.manifest["budget"]
    parts = budget["cells"]
    assert sum(part["customers"] for part in parts.values()) == 53
    for part in parts.values():
        assert part["planned_milli"] <= part["allowance_milli"]
        assert part["allowance_milli"] == (
            (600_000_000 * part["customers"] // 53 - part["committed_milli"]) // budget["nights_left"]
        )
    assert sum(part["committed_milli"] for part in parts.values()) == budget["committed_milli"]
    (_, tried) = statuses(its_store)
    assert tried.customers == {arm: int((cells == f"deeper={arm}").sum()) for arm in ("control", "quarter")}
    assert verify(lived_shop, run.run_id, its_store, jobs=1, progress=silent).bundles > 0


def test_two_experiments_of_a_layer_share_nobody_and_a_third_finds_no_room(
    lived_shop: Path, its_store: Store
) -> None:
    start(its_store, lived_shop)
    smaller = DEEPER.replace('"deeper"', '"smaller"').replace("0.3", "0.2").replace("[2500]", "[1000]")
    start(its_store, lived_shop, smaller)
    places = [one.about.definition["places"] for one in statuses(its_store)[1:]]
    assert places == [[[0, 6000]], [[6000, 10_000]]]
    third = DEEPER.replace('"deeper"', '"third"')
    with pytest.raises(
        BadProgramme, match="asks for 60% of layer 'offers', which has 0% left beside deeper, smaller"
    ):
        start(its_store, lived_shop, third)
    with pytest.raises(
        BadProgramme, match=r"changes depths.bp, policy.name, and so does deeper for some of the"
    ):
        start(its_store, lived_shop, 'layer = "other"\n' + third)


def test_a_name_is_used_once_and_nobody_is_drawn_after_they_were_served(
    lived_shop: Path, its_store: Store
) -> None:
    with pytest.raises(BadRequest, match=rf"run {FIRST_NIGHT}.1 was published for then or later"):
        start(its_store, lived_shop, day=FIRST_NIGHT)
    start(its_store, lived_shop)
    with pytest.raises(BadProgramme, match="There is an experiment deeper already"):
        start(its_store, lived_shop)


def test_an_experiment_is_looked_at_once_unless_it_is_ended_by_name(
    lived_shop: Path, its_store: Store
) -> None:
    start(its_store, lived_shop)
    with pytest.raises(BadRequest, match="planned to be looked at once, on 2024-06-02"):
        stop_experiment(its_store, "deeper", because="looks fine", early=False)
    ended = stop_experiment(its_store, "deeper", because="complaints", early=True)
    assert ended.stopped_because == "early: complaints"
    run = night(lived_shop, SECOND_NIGHT)
    assert "cells" not in run.manifest["budget"]
    assert "experiments" not in run.manifest


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ("share = 0.3", "share = 0.6", "the arms' shares sum to 1.2, more than all customers"),
        (
            "[arms.programme.depths]\nbp = [2500]",
            "[arms.programme.budget]\namount_minor = 1",
            "changes budget",
        ),
        ('"quarter"', '"control"', "the arms control, control must have different names"),
        ('metric = "margin"', 'metric = "joy"', 'metric = \'joy\': expected "margin", "spend" or "visits"'),
        ("share = 0.3", "share = 3", "arms.share = 3: expected a share of all customers, from 0.0001 to 1"),
        ("weeks = 8", "weaks = 8", "weaks is not a key of an experiment and would do nothing"),
        ("bp = [2500]", "bp = []", "depths.bp = (): expected a list of 1 to 10 ascending depths"),
    ],
)
def test_an_experiment_that_cannot_be_is_refused_with_the_reason(
    tmp_path: Path, wrong: str, right: str, says: str
) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text(DEEPER.replace(wrong, right), encoding="utf-8")
    with pytest.raises(BadProgramme) as no:
        load_experiment(file).require_possible(programme_text())
    assert says in str(no.value)


def test_a_programme_that_was_edited_so_that_an_arm_is_impossible_is_refused_before_anything_is_done(
    lived_shop: Path, its_store: Store
) -> None:
    start(
        its_store,
        lived_shop,
        DEEPER.replace("[arms.programme.depths]\nbp = [2500]", "[arms.programme.novelty]\nmax_slots = 6"),
    )
    smaller = programme_text().replace("max_items = 6", "max_items = 5").replace("\nslots = 6", "\nslots = 5")
    with pytest.raises(BadProgramme, match="arm quarter of experiment deeper is refused") as no:
        night(lived_shop, SECOND_NIGHT, programme=smaller)
    assert "novelty.max_slots = 6 is above bundle.max_items = 5" in str(no.value)
    assert not (lived_shop / "runs" / f"{SECOND_NIGHT}.1").exists()
