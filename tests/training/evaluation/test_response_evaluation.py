"""What a version of the response believes, who gets what by it, and how long seeing an effect takes."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from models.ground.errors import BadInput
from models.ground.moment import parse_moment
from models.response.exposed_weeks import LotSums
from models.response.learnt_response import LearntResponse
from models.response.price_response import PriceResponse
from models.response.visit_effects import COEFFICIENTS, VisitEffects
from models.sources import load
from models.versions.response_versions import (
    ResponseManifest,
    promote_response,
    publish_response,
    response_folder,
)
from training.cli import app
from training.evaluation.response_effects import effects_table, plans_table, weekly_gain
from training.evaluation.response_power import WeeklySpread, power_rows, spread_of
from training.fitting.response.logged_plans import LoggedPlans

PRIOR = VisitEffects.prior(800.0)
NEARLY = tuple(map(tuple, (np.eye(len(COEFFICIENTS)) * 1e-6).tolist()))
KNOWN = VisitEffects((0.5, 0.0, 0.0, 0.0, 0.0), NEARLY, 0.8, 0.01, 800.0)


def plans() -> LoggedPlans:
    """Two customers with a plan for what is due, who lose 10 by it and have visits of 1,000 and of 10 a week."""
    doses = np.array([[0.2, 0.0, 0.0, 0.0, 1.0]] * 2)
    week = np.array([19_700, 19_700])
    return LoggedPlans(
        ["a", "b"],
        ["due_bold", "due_bold"],
        np.array([True, False]),
        np.array([0.5, 0.5]),
        week,
        week + 7,
        np.array([-10.0, -10.0]),
        np.array([1.0, 1.0]),
        np.array([1_000.0, 10.0]),
        doses,
    )


def test_every_effect_has_an_interval_and_what_was_believed_before() -> None:
    table = effects_table(LearntResponse(PriceResponse.prior(), PRIOR, LotSums.nothing(), None, None))

    assert table["effect"].tolist()[-6:] == [
        *(f"visits, {name}" for name in COEFFICIENTS),
        "worth of a visit brought",
    ]
    assert (table["low"] < table["value"]).all()
    assert table["low"].tolist() == pytest.approx(table["before_low"].tolist())


def test_who_gets_what_is_told_by_plan_and_what_it_brings_by_week() -> None:
    (row,) = plans_table(plans(), KNOWN).to_dict("records")
    gain = weekly_gain(plans(), KNOWN)

    assert (row["plan"], row["customers"], row["share"], row["given"], row["paying"]) == (
        "due_bold",
        2,
        1.0,
        0.5,
        0.5,
    )
    assert (gain.asked, gain.paying) == (2, 1)
    assert gain.a_week == pytest.approx(-10 + 1_000 * 0.8 * 0.1)
    assert gain.just_pays == pytest.approx(20 / (1_010 * 0.8))
    assert gain.believed == pytest.approx(0.1)


def test_a_shop_without_lots_gains_nothing_for_sure() -> None:
    gain = weekly_gain(plans(), PRIOR)

    assert (gain.paying, gain.a_week, gain.deviation) == (0, 0.0, 0.0)


def test_a_larger_shop_sees_the_same_effect_sooner_and_a_small_one_never_a_small_one() -> None:
    spread = WeeklySpread(1.0, 1.0, 0.05)

    table = power_rows(spread, {"large": 0.06, "small": -0.01}, 0.5, (1_000, 10_000, 1_000_000))

    large = table[table["effect"] == "large"]
    assert large["weeks_once"].tolist() == sorted(large["weeks_once"], reverse=True)
    assert (large["weeks_any_look"] >= large["weeks_once"]).all()
    assert table.loc[table["effect"] == "small", "weeks_once"].isna().tolist() == [True, True, False]


def test_spread_within_a_customer_is_told_from_that_between_them() -> None:
    dice = np.random.default_rng(5)

    found = spread_of(dice.poisson(2.0, (4_000, 24)).astype(np.float64))

    assert found.mean == pytest.approx(2.0, rel=0.02)
    assert found.within == pytest.approx(2.0, rel=0.06)
    assert found.between < 0.02


def test_nobody_who_came_before_tells_no_spread() -> None:
    with pytest.raises(BadInput, match="Expected customers who came 24 to 12 weeks before"):
        spread_of(np.zeros((5, 24)))


def test_the_response_in_use_is_shown_as_table_page_and_json(grocer: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    load(grocer, workspace, buckets=2)
    folder = response_folder(workspace)
    learnt = LearntResponse(PriceResponse.prior(), PRIOR, LotSums.nothing(), None, None)
    at = parse_moment("2024-05-11", "UTC").as_of
    version = publish_response(folder, ResponseManifest(at, {}, "1", {}, ()), learnt)
    promote_response(folder, version)
    asked = [
        "evaluate",
        "--response",
        "--workspace",
        str(workspace),
        "--as-of",
        "2024-05-11",
        "--out",
        str(tmp_path),
    ]

    said = CliRunner().invoke(app, asked, catch_exceptions=False).stdout
    told = json.loads(CliRunner().invoke(app, [*asked, "--json"], catch_exceptions=False).stdout)

    assert said.startswith(f"Response {version}, in use: no night has learnt yet")
    assert "1,000,000 customers, visits  +6.00%" in said
    assert (told["version"], told["night"], told["gain"]) == (version, None, None)
    assert {row["customers"] for row in told["power"]} >= {1_000, 1_000_000}
    page = (tmp_path / "response.html").read_text(encoding="utf-8")
    assert "How long until it can be seen" in page
