"""`abonement experiment`: a plan that says what a shop can see, and a life from start to stop."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.domain.offer_errors import BadRequest
from models.ground.errors import Busy
from models.ground.locks import only_writer
from tests.engine.nightly.in_force.test_tried_tonight import DEEPER
from tests.engine.nightly.shop_nights import SECOND_NIGHT


@pytest.fixture
def planned_shop(lived_shop: Path) -> Path:
    (lived_shop / "deeper.toml").write_text(DEEPER, encoding="utf-8")
    return lived_shop


def said(workspace: Path, *words: str, code: int = 0) -> str:
    answer = CliRunner().invoke(app, ["experiment", *words, "--workspace", str(workspace)])
    if isinstance(answer.exception, Exception) and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    assert answer.exit_code == code, answer.output
    return answer.output


def test_a_small_shop_is_told_that_it_would_see_noise_and_what_it_would_take(planned_shop: Path) -> None:
    file = str(planned_shop / "deeper.toml")
    text = said(planned_shop, "plan", file, "--as-of", SECOND_NIGHT, code=3)
    assert "deeper: margin a customer, arm against control, found four times in five." in text
    assert "  8 weeks, " in text
    assert "This shop would see noise: over 8 weeks " in text
    facts = json.loads(said(planned_shop, "plan", file, "--as-of", SECOND_NIGHT, "--json", code=3))
    (planned,) = (one for one in facts["effects"] if one["weeks"] == 8)
    assert planned["needed"] > planned["customers"] > 0
    assert planned["effect"] > 0.1 * planned["usual"]
    assert [one["weeks"] for one in facts["effects"]] == [4, 8, 16]


def test_an_experiment_is_started_looked_at_and_stopped(planned_shop: Path) -> None:
    file = str(planned_shop / "deeper.toml")
    begun = said(planned_shop, "start", file, "--from", SECOND_NIGHT)
    assert begun == "Experiment deeper begins with the night of 2024-04-07, planned until 2024-06-02.\n"
    lines = said(planned_shop, "status").splitlines()
    assert lines[0] == "holdout-1  layer holdout, since 2024-03-31, until it is ended"
    assert lines[1:3] == ["  holdout      7 customers", "  treated      53 customers"]
    assert lines[3] == "deeper  layer offers, since 2024-04-07, until 2024-06-02"
    assert "Judged by margin, guarded by churn." in lines[4]
    with pytest.raises(BadRequest, match="No experiment other runs; running are: deeper"):
        said(planned_shop, "stop", "other", "--because", "x")
    ended = said(planned_shop, "stop", "deeper", "--because", "complaints", "--early")
    assert ended == "Experiment deeper has ended: early: complaints. The next night goes without it.\n"
    assert "ended 2024-04-07: early: complaints" in said(planned_shop, "status")


def test_a_night_that_was_run_is_reported_with_the_shadows_of_its_holdout(planned_shop: Path) -> None:
    facts = json.loads(said(planned_shop, "report", "--json"))
    assert facts["experiment"] == "holdout-1"
    assert facts["weeks"] == 1
    assert sum(facts["customers"]) <= 60
    assert facts["bought_anyway"]["without_first_week"] is None
    assert facts["bought_anyway"]["whole"] == facts["bought_anyway"]["first_week"]
    states = {light["name"]: light["state"] for light in facts["lights"]}
    assert states["leakage"] == states["served"] == states["sample_ratio"] == "ok"


def test_nothing_begins_or_ends_while_a_night_runs(planned_shop: Path) -> None:
    file = str(planned_shop / "deeper.toml")
    with only_writer(planned_shop, "the night of 2024-04-07"):
        for words in (
            ["start", file, "--from", SECOND_NIGHT],
            ["stop", "deeper", "--because", "x", "--early"],
        ):
            with pytest.raises(Busy, match="the night of 2024-04-07"):
                said(planned_shop, *words)
    assert "deeper" not in said(planned_shop, "status")
