"""Worlds by what can be gained in them, and a policy held to that; money in cents a customer."""

from dataclasses import replace

import pytest

from training.simulator.scores.judgement_table import judgement
from training.simulator.scores.over_seeds import SeedScores
from training.simulator.scores.paying_worlds import JudgedWorld, held

SEED = SeedScores(
    gain=0.0,
    discount=50.0,
    anyway=0.8,
    offers=40.0,
    used=0.1,
    visits=0.2,
    retained=0.01,
    budget_error=-0.5,
    settled=(45.0, 50.0),
    forecasts=(10, 9),
)


def seeds(*gains: float, anyway: float = 0.8) -> list[SeedScores]:
    return [replace(SEED, gain=gain, anyway=anyway) for gain in gains]


def world(
    name: str, best: list[float], rule: list[float], policy: list[float], *, draws: bool = True
) -> JudgedWorld:
    return JudgedWorld(name, "USD", draws, seeds(*best, anyway=0.7), seeds(*rule), seeds(*policy))


RICH = world("rich", [200.0, 220.0, 210.0], [-10.0, 10.0, 0.0], [105.0, 105.0, 105.0])
FAIR = world("fair", [40.0, 41.0, 42.0], [-90.0, -91.0, -92.0], [41.0, 41.0, 41.0])
POOR = world("poor", [10.0, 11.0, 12.0], [-90.0, -91.0, -92.0], [-20.0, -22.0, -24.0])
NEVER = world("never", [0.0, 0.0, 0.0], [-50.0, -51.0, -52.0], [-3.0, 0.0, 0.0], draws=False)
DULL = world("dull", [0.0, 0.0, 0.0], [-50.0, 50.0, 0.0], [0.0, 0.0, 0.0])
UNSURE = world("unsure", [-400.0, 500.0, 200.0], [-50.0, -51.0, -52.0], [0.0, 0.0, 0.0])


def test_a_world_pays_where_the_best_known_surely_gains_thirty_cents() -> None:
    assert [one.kind for one in (RICH, FAIR, POOR, NEVER, DULL, UNSURE)] == [
        "pays",
        "pays",
        "harms",
        "harms",
        "neither",
        "harms",
    ]


def test_a_policy_is_held_to_shares_where_offers_pay_and_to_losses_elsewhere() -> None:
    figures = {one.name: (one.value, one.where) for one in held([RICH, FAIR, POOR, NEVER, DULL])}

    assert figures["share of best known, median of paying worlds"] == (pytest.approx(0.75), "2 worlds")
    assert figures["share of best known, worst paying world"] == (pytest.approx(0.5), "rich")
    assert figures["gain where offers draw nobody and nothing pays, worst world"] == (
        pytest.approx(-0.01),
        "never",
    )
    assert figures["the same in its worst seed: not below minus the sum of learning"][0] == -0.03
    assert figures["gain in the worst world where offers harm"] == (-0.22, "poor")
    assert figures["discount on bought anyway, more than best known's"][0] == pytest.approx(0.1)
    assert figures["offers redeemed"][0] == pytest.approx(0.1)
    assert figures["weeks whose gain lay in the policy's own forecast"][0] == 0.9
    assert figures["given over planned, after four weeks"][0] == pytest.approx(0.9)


def test_what_no_world_shows_is_not_measured() -> None:
    told = judgement([DULL], held([DULL]), "mine")

    assert "not measured" in told
    assert "no such world" in told


def test_every_figure_stands_beside_what_is_asked() -> None:
    told = judgement([RICH, FAIR, POOR], held([RICH, FAIR, POOR]), "mine")

    assert "at least 60.0 %, met" in told
    assert "at least -0.10, missed" in told
    assert "90.0 % to 110.0 %, met" in told
    assert "rich" in told
