"""Whole nights by a policy of plans: what is kept of those who get nothing, night after night, and that it can be proved."""

import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.nightly.choosing.offer_options import Context
from engine.nightly.choosing.plan_policy import LaidOut, PlanPolicy, Weighed
from engine.nightly.choosing.policy import Valuation
from engine.nightly.folder.export import export_frame
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.folder.why_no_bundle import why_no_bundle
from engine.nightly.identity import request_of
from engine.nightly.verify import verify
from engine.programme import parse_programme, programme_text
from engine.settings import store_url_in
from engine.store import open_store
from models.ground.moment import parse_moment
from models.response.knowledge import NOTHING_KNOWN, Knowledge
from models.sources import open_data
from tests.engine.nightly.shop_nights import FIRST_NIGHT, night, silent

NEXT_NIGHT = "2024-04-01"  # every bundle of the first night is still running
HALF = programme_text().replace("share = 0.10", "share = 0.5")


def by_chance(context: Context, _: Knowledge) -> dict[str, Valuation]:
    value = np.where(context.margin_minor[:, None] > 0, context.p_buy[:, None], -np.inf)
    return {
        "likely": Valuation(
            np.broadcast_to(value, context.allowed.shape).copy(), np.ones(context.allowed.shape)
        )
    }


def later_for_most(context: Context, _: Knowledge, laid_out: dict[str, LaidOut]) -> Weighed:
    """Exposed is whose name ends in 0; everybody who comes is worth something."""
    (likely,) = laid_out.values()
    known = np.isfinite(context.visits_per_week) & (context.offers_seen >= context.offers_used)
    worth = Weighed.without_lots(np.where(known, likely.total(likely.of(context.p_buy)), -1.0)[:, None])
    exposed = np.array([name.endswith("0") for name in context.customer_id])
    return Weighed(**(vars(worth) | {"exposed": exposed, "p_exposed": np.full(len(exposed), 0.1)}))


NEEDS = frozenset(
    {"allowed", "p_buy", "margin_minor", "customer_id", "visits_per_week", "offers_seen", "offers_used"}
)
TENTH = PlanPolicy("tenth", by_chance, NEEDS, weigh=later_for_most)


@pytest.fixture(scope="module")
def workspace(opened_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Path(shutil.copytree(opened_shop, tmp_path_factory.mktemp("shadows") / "workspace"))
    for day in (FIRST_NIGHT, NEXT_NIGHT):
        night(
            made, day, programme=HALF, policy=TENTH, accepted=("empty_bundles", "expected_cost", "mean_depth")
        )
    return made


def table(workspace: Path, day: str, kind: str) -> pd.DataFrame:
    files = sorted((workspace / "runs" / f"{day}.1" / kind).glob("*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


def test_a_shadow_bundle_that_runs_is_kept_as_a_bundle_would_be(workspace: Path) -> None:
    first, then = (table(workspace, day, "shadow") for day in (FIRST_NIGHT, NEXT_NIGHT))
    assert first.groupby("outcome")["customer_id"].nunique().min() > 0
    assert set(first["outcome"]) == {"holdout", "not_yet_exposed"}
    assert set(first["customer_id"]).isdisjoint(then["customer_id"])


def test_who_is_not_exposed_yet_has_a_shadow_and_a_reason(workspace: Path) -> None:
    waiting = table(workspace, NEXT_NIGHT, "outcomes").query("outcome == 'not_yet_exposed'")
    assert not waiting["customer_id"].str.endswith("0").any()
    folder = RunFolder.of(workspace, f"{NEXT_NIGHT}.1")
    someone = str(waiting["customer_id"].iloc[0])
    assert why_no_bundle(folder, someone, tell_arms=False).code == "nothing_chosen"
    assert "has not come yet" in why_no_bundle(folder, someone, tell_arms=True).text


def test_the_store_has_no_shadow_and_an_export_has_all(workspace: Path) -> None:
    with closing(open_store(store_url_in(workspace))) as store:
        clock = datetime(2024, 4, 8, tzinfo=UTC)
        exported = export_frame(store, workspace, "shadow", f"{FIRST_NIGHT}.1", None, clock)
        offers = export_frame(store, workspace, "offers", f"{FIRST_NIGHT}.1", None, clock)
    assert (
        exported["customer_id"].nunique()
        == RunFolder.of(workspace, f"{FIRST_NIGHT}.1").manifest()["result"]["shadows"]
    )
    assert set(exported["customer_id"]).isdisjoint(offers["customer_id"])


def test_a_night_of_plans_is_proved_with_its_shadows(workspace: Path) -> None:
    with closing(open_store(store_url_in(workspace))) as store:
        proof = verify(workspace, f"{NEXT_NIGHT}.1", store, jobs=1, progress=silent, policy=TENTH)
    assert proof.stored == proof.bundles
    names = RunFolder.of(workspace, f"{NEXT_NIGHT}.1").digests()
    assert {
        "shadow/bucket=0000.parquet",
        "snapshot/shadows/bucket=0000.parquet",
        "snapshot/offers/bucket=0000.parquet",
    } <= set(names)


def test_a_run_is_known_by_what_was_known_of_response(workspace: Path) -> None:
    as_of, data = parse_moment(NEXT_NIGHT, "UTC"), open_data(workspace)
    programme = parse_programme(HALF, "half")
    ignorant, informed = (
        request_of(workspace, "2024-04-01.2", as_of, data, programme, TENTH, None, knowledge)
        for knowledge in (NOTHING_KNOWN, Knowledge("5f0c2b9d81aa"))
    )
    assert informed == ignorant | {"knowledge": "5f0c2b9d81aa"}
