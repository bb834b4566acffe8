"""A bundle in money, and what it would be otherwise, from what a night logged."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.nightly.folder.bundle_in_money import worth_of
from engine.wording.money_sentences import money_lines
from models.response.visit_effects import COEFFICIENTS, VisitEffects
from tests.engine.nightly.shop_nights import FIRST_NIGHT

NEARLY = tuple(map(tuple, (np.eye(len(COEFFICIENTS)) * 1e-6).tolist()))
EFFECTS = VisitEffects((0.5, 0.0, 0.0, 0.0, 0.0), NEARLY, 0.4, 0.1, 40.0)
MONEY = {
    "p_buy_offer": 0.5,
    "units_offer": 1.0,
    "own_gain": -18.0,
    "visits": 50.0,
    "deviation": 9.0,
    "discount": 20.0,
    "saves_plausible": 40.0,
    "saves_due": 0.0,
    "saves_loved": 0.0,
    "saves_new": 0.0,
}


def slots(**changes: Any) -> pd.DataFrame:
    """Two places of one bundle: milk and bread at 20 %."""
    row = {
        "policy": "value",
        "plan": "due_bold",
        "plan_value": 64.0,
        "plan_lower": 40.0,
        "plan_deviation": 24.0,
        "plan_parts": json.dumps({"own_gain": -36.0, "visits": 100.0, "usual_visits": 1_000.0}),
        "p_exposed": 0.5,
        "p_plan": 1.0,
        "discount_bp": 2000,
        "p_buy": 0.4,
        "expected_units": 1.0,
        "expected_cost_milli": 16_000,
        "value_parts": json.dumps(MONEY),
    } | changes
    return pd.DataFrame(
        [
            row | {"slot": 1, "item_id": "b", "name": "Bread"},
            row | {"slot": 0, "item_id": "m", "name": "Milk"},
        ]
    )


def test_every_slot_is_told_in_money_and_at_every_other_depth() -> None:
    worth = worth_of(slots(), EFFECTS, (1000, 2000))

    milk = worth["slots"][0]
    assert (milk["item_id"], milk["own_gain_minor"], milk["visits_minor"], milk["staying_minor"]) == (
        "m",
        -18.0,
        50.0,
        None,
    )
    none, shallow = milk["otherwise"]
    assert (none["discount_bp"], none["p_buy"], none["own_gain_minor"]) == (0, 0.4, 0.0)
    # 1,000 x .4 x .5 x (80 / (80 + 20) - 40 / (40 + 20)) of visits go, 18 of own loss too
    assert none["gain_changed_minor"] == pytest.approx(18 - 200 * (80 / 100 - 40 / 60))
    assert 0.4 < shallow["p_buy"] < 0.5
    assert -18 < shallow["own_gain_minor"] < 0
    assert worth["without"] == {"units": 0.8, "units_with": 1.0, "value_minor": 0.0}


def test_an_analyst_reads_it_in_words() -> None:
    said = money_lines(worth_of(slots(), EFFECTS, (1000, 2000)), "EUR")

    assert said[0] == (
        "In EUR: plan due_bold is expected to bring +0.64, give or take 0.24 (by itself -0.36, visits +1.00, staying not learnt "
        "yet); it competed by +0.40."
    )
    assert said[1].startswith(
        "-20 %  Milk: bought with 50.0% instead of 40.0%, 1.0 instead of 1.0 units; by itself -0.18, visits +0.50, staying not "
        "learnt yet, give or take 0.09; without this offer: 40.0% bought, 0.09 less; at 10 %: "
    )
    assert said[3] == (
        "Without the bundle: 0.80 units of these items are bought anyway, with it 1.00, and the visits of its days leave 10.00; "
        "nothing is gained and nothing given."
    )


def test_where_the_nights_response_is_gone_only_own_gain_is_told_at_other_depths() -> None:
    worth = worth_of(slots(), None, (1000, 2000))

    assert worth["slots"][0]["otherwise"][1]["gain_changed_minor"] is None
    assert "at 10 %: 4" in money_lines(worth, "EUR")[1]
    assert "by itself -0.0" in money_lines(worth, "EUR")[1]


def test_of_a_policy_that_does_not_count_in_money_only_chance_and_cost_are_told() -> None:
    of_chances = slots(
        policy="depth_rule",
        plan_parts="{}",
        value_parts='{"uses": 0.4, "depth_share": 1.0}',
        plan_deviation=np.nan,
    )

    worth = worth_of(of_chances, None, (1000, 2000))

    assert (worth["in_money"], worth["value_minor"], worth["slots"][0]["visits_minor"]) == (False, None, None)
    said = money_lines(worth, "EUR")
    assert said[0].startswith(
        "Policy depth_rule values offers by the chance that they are used, not in money"
    )
    assert said[1] == (
        "-20 %  Milk: bought with a chance of 40.0% without the offer, 1.0 units if bought; its discount is expected to cost "
        "0.16 EUR; at 10 %: 0.08"
    )


def test_show_tells_a_customers_bundle_in_money_where_it_is_asked_for(shop_after_a_night: Path) -> None:
    at = [
        "show",
        "--workspace",
        str(shop_after_a_night),
        "--now",
        f"{FIRST_NIGHT}T12:00:00Z",
        "--bundles",
        "1",
    ]

    plain, told = CliRunner().invoke(app, at), CliRunner().invoke(app, [*at, "--money"])
    (view,) = json.loads(CliRunner().invoke(app, [*at, "--money", "--json"]).stdout)["customers"]

    assert told.stdout.startswith(plain.stdout.rstrip("\n"))
    assert "Without the bundle: " in told.stdout
    assert "Without the bundle: " not in plain.stdout
    assert [one["item_id"] for one in view["worth"]["slots"]] == [one["item"]["id"] for one in view["offers"]]
    assert "worth" not in json.loads(CliRunner().invoke(app, [*at, "--json"]).stdout)["customers"][0]
