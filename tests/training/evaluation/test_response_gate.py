"""A learnt response replaces the one in use only where logged nights do not speak against it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.effects.estimate import Estimate
from models.ground.errors import BadInput, Worse
from models.response.exposed_weeks import LotSums
from models.response.exposure import Exposure
from models.response.learnt_response import LearntResponse
from models.response.price_response import PriceResponse
from models.response.stakes import Stakes
from models.response.visit_effects import COEFFICIENTS, KINDS, VisitEffects
from models.sources import load
from models.tables import SERVED_MARK
from models.versions.response_versions import (
    ResponseManifest,
    promote_response,
    publish_response,
    response_folder,
)
from models.versions.version_pointer import current_version, pointer_history
from tests.shop import write_shop
from training.cli import main
from training.evaluation.response_gate import GateState, compared, gated, judged
from training.fitting.response.logged_plans import LoggedPlans
from training.fitting.response.window_outcomes import WindowOutcomes

NEARLY = tuple(map(tuple, (np.eye(len(COEFFICIENTS)) * 1e-6).tolist()))
NOTHING = VisitEffects.prior(800.0)
BELIEVES = VisitEffects((0.5, 0.0, 0.0, 0.0, 0.0), NEARLY, 0.8, 0.01, 800.0)


def lived(brought: float, customers: int = 2_000) -> tuple[list[LoggedPlans], list[WindowOutcomes]]:
    """A night that exposed half by lot; who was exposed comes so much oftener, and leaves 100 a visit less 20 for the bundle."""
    dice = np.random.default_rng(7)
    exposed = dice.random(customers) < 0.5
    week = np.full(customers, 19_800)
    plans = LoggedPlans(
        [f"c{number}" for number in range(customers)],
        ["due_bold"] * customers,
        exposed,
        np.full(customers, 0.5),
        week,
        week + 7,
        np.full(customers, -20.0),
        np.full(customers, 1.0),
        np.full(customers, 200.0),
        np.tile([0.5, 0.0, 0.0, 0.0, 1.0], (customers, 1)),
    )
    visits = dice.poisson(2.0 + brought * exposed).astype(np.float64)
    return [plans], [WindowOutcomes(visits, 100 * visits - 20 * exposed, np.full(customers, 2.0))]


def test_a_version_that_would_give_what_loses_is_found_worse_by_lots() -> None:
    visits, margin = compared(*lived(-0.3), BELIEVES, NOTHING)

    assert visits.value == pytest.approx(-0.15, abs=0.05)
    assert margin.interval(0.95)[1] < 0
    with pytest.raises(
        Worse,
        match=r"^Version new of the response is surely worse than old by 3 logged nights of 9 customers: margin",
    ):
        judged("new", "old", visits, margin, 0.05, 3, 9, "EUR")


def test_a_version_that_would_give_what_pays_passes() -> None:
    visits, margin = compared(*lived(0.5), BELIEVES, NOTHING)

    found = judged("new", "old", visits, margin, 0.05, 3, 9, "EUR")

    assert (found.state, found.nights) == (GateState.PASSED, 3)
    assert found.as_dict()["visits"]["low"] > 0


def test_visits_that_may_be_lost_beyond_the_programmes_margin_block_and_a_wider_margin_lets_pass() -> None:
    unsure, costs_nothing = Estimate(-0.01, 0.03, 1_000.0), Estimate(5.0, 10.0, 1_000.0)

    with pytest.raises(
        Worse, match=r"may lose more visits than explore.visits_margin = 0.05 allows.*let more nights learn"
    ):
        judged("new", "old", unsure, costs_nothing, 0.05, 3, 9, "EUR")
    assert judged("new", "old", unsure, costs_nothing, 0.1, 3, 9, "EUR").state is GateState.PASSED


def test_versions_that_do_the_same_cannot_be_told_apart() -> None:
    with pytest.raises(BadInput, match="the same bundles to the same customers"):
        compared(*lived(0.0), BELIEVES, BELIEVES)


def version(workspace: Path, effects: VisitEffects, day: int, **about: object) -> str:
    # The prior is a version's own belief where no lot has spoken.
    learnt = LearntResponse(PriceResponse.prior(), effects, LotSums.nothing(), None, None)
    at = datetime(2024, 4, day, tzinfo=UTC)
    manifest = ResponseManifest(at, {"lot_nights": 0} | about, "1", {}, ())
    return publish_response(response_folder(workspace), manifest, learnt)


def test_without_logs_the_state_is_exploring_and_nothing_blocks(tmp_path: Path) -> None:
    first, second = version(tmp_path, NOTHING, 1), version(tmp_path, BELIEVES, 8)

    assert gated(tmp_path, first).state is GateState.FIRST
    promote_response(response_folder(tmp_path), first)
    assert gated(tmp_path, second).state is GateState.EXPLORING


def test_a_routine_update_of_a_promoted_version_needs_no_gate(tmp_path: Path) -> None:
    learnt = version(tmp_path, BELIEVES, 8, lot_nights=3)
    update = version(tmp_path, BELIEVES, 15, lot_nights=4)
    promote_response(response_folder(tmp_path), learnt)

    assert gated(tmp_path, update).state is GateState.ROUTINE
    earlier = version(tmp_path, BELIEVES, 1, lot_nights=2)
    assert gated(tmp_path, earlier).state is GateState.EXPLORING


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of 400 customers in which, for one learning night, those who were exposed stayed away."""
    workspace = tmp_path_factory.mktemp("gated")
    write_shop(workspace / "shop", customers=400, products=12, days=60, seed=4, last_day=date(2024, 4, 20))
    file = workspace / "shop" / "purchases.parquet"
    bought = pd.read_parquet(file)
    names = sorted(set(bought["customer_id"]))
    exposed = {name for place, name in enumerate(names) if place % 2}
    window = pd.Timestamp("2024-04-08", tz="UTC"), pd.Timestamp("2024-04-15", tz="UTC")
    away = bought["customer_id"].isin(exposed) & bought["purchased_at"].between(*window)
    bought[~away].to_parquet(file, index=False)
    load(workspace / "shop", workspace, buckets=1)
    _log(workspace, names, exposed, window)
    return workspace


def _log(
    workspace: Path, names: list[str], exposed: set[str], window: tuple[pd.Timestamp, pd.Timestamp]
) -> None:
    folder = workspace / "runs" / "2024-04-08.1"
    parts = {"own_gain": -20.0, "own_gain_open": 1.0, "usual_visits": 200.0, "visits": 0.0}
    parts |= {f"dose_{name}": 0.5 if name == COEFFICIENTS[0] else 0.0 for name in COEFFICIENTS}
    rows = pd.DataFrame(
        {
            "customer_id": names,
            "slot": 0,
            "plan": "due_bold",
            "plan_parts": json.dumps(parts),
            "p_exposed": 0.5,
            "p_plan": 1.0,
            "valid_from": window[0],
            "valid_to": window[1],
            "outcome": "not_yet_exposed",
        }
    )
    got = rows["customer_id"].isin(exposed)
    for kind, some in (("slots", rows[got].drop(columns="outcome")), ("shadow", rows[~got])):
        (folder / kind).mkdir(parents=True)
        some.to_parquet(folder / kind / "bucket=0000.parquet", index=False)
    learning = {
        "share": 0.5,
        "cost_minor": 10.0,
        "share_paying": 0.0,
        "stakes": [Stakes.nothing().as_dict()] * len(KINDS),
        "visits_margin": 0.02,
    }
    manifest = {
        "run_id": "2024-04-08.1",
        "as_of": (window[0] - timedelta(hours=1)).isoformat(),
        "policy": "value",
        "response": "none",
        "exposure": Exposure.first(0.5, 1_000.0).as_dict(),
        "learning": learning,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / SERVED_MARK).touch()


def test_promotion_of_what_logged_nights_refute_is_refused_with_exit_code_3_unless_forced(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = response_folder(shop)
    promote_response(folder, version(shop, NOTHING, 1))
    bold = version(shop, BELIEVES, 16)
    asked = ["abonement-train", "promote", bold, "--response", "--workspace", str(shop)]
    codes = []
    for more in ([], ["--force"]):
        monkeypatch.setattr("sys.argv", [*asked, *more])
        with pytest.raises(SystemExit) as leaving:
            main()
        codes.append(leaving.value.code)
        if not more:
            assert current_version(folder) != bold

    said = capsys.readouterr()
    assert codes == [3, 0]
    assert said.err.startswith(f"Version {bold} of the response is surely worse than ")
    assert said.err.count("\n") == 1
    assert current_version(folder) == bold
    assert pointer_history(folder)[-1]["gate"] == "forced"


def test_a_bolder_version_in_use_is_replaced_by_one_that_gives_nothing(shop: Path) -> None:
    folder = response_folder(shop)
    promote_response(folder, version(shop, replace(BELIEVES, trip_minor=801.0), 2))

    found = gated(shop, version(shop, NOTHING, 17))

    assert (found.state, found.nights, found.visits_margin) == (GateState.PASSED, 1, 0.02)
    assert found.visits is not None
    assert found.visits.value > 0
