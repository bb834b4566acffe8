"""What a night makes of discounts that suppliers pay a part of."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.commands.night_summary import night_summary
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.verify import verify
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.bundle_records import bundles_of_run
from engine.store.nights.funded_offers import promised_of_funders
from engine.store.nights.run_records import run_of
from tests.engine.nightly.shop_nights import FIRST_NIGHT, load, night, silent

ROOMY, SCARCE = 1_000_000, 300


def with_funding(opened_shop: Path, tmp_path: Path, budget_minor: int, funded_bp: int = 5000) -> Path:
    """The shop with one supplier who pays a part of every other product."""
    workspace = Path(shutil.copytree(opened_shop, tmp_path / "workspace"))
    products = pd.read_parquet(workspace / "shop" / "products.parquet")["product_id"]
    declared = (workspace / "shop" / "tables.toml").read_text()
    money = budget_minor / 100 if 'money = "decimal"' in declared else budget_minor
    pd.DataFrame(
        {
            "funder": "=Dairy",
            "agreement": "A-7",
            "product_id": products.iloc[::2],
            "starts_on": pd.Timestamp("2024-03-01").date(),
            "ends_on": pd.Timestamp("2024-12-31").date(),
            "funded_bp": funded_bp,
            "budget": money,
        }
    ).to_parquet(workspace / "shop" / "fundings.parquet", index=False)
    load(workspace)
    return workspace


def logged(workspace: Path, run_id: str, kind: str) -> pd.DataFrame:
    folder = RunFolder.of(workspace, run_id)
    return pd.concat([pd.read_parquet(file) for file in sorted((folder.path / kind).glob("*.parquet"))])


def test_the_shop_plans_its_own_part_and_each_supplier_has_a_line(opened_shop: Path, tmp_path: Path) -> None:
    workspace = with_funding(opened_shop, tmp_path, ROOMY)
    result = night(workspace, FIRST_NIGHT)
    slots, funded = (logged(workspace, result.run_id, kind) for kind in ("slots", "funded"))
    (line,) = result.manifest["budget"]["funders"]
    assert (line["funder"], line["agreement"], line["budget_minor"]) == ("=Dairy", "A-7", ROOMY)
    assert line["planned_milli"] == line["wanted_milli"] == funded["funded_milli"].sum() > 0
    both = slots.merge(funded, on=["bundle_id", "slot"])
    assert len(both) == len(funded) > 50
    # half of the discount is the supplier's, to the rounding of a unit
    assert both["expected_cost_milli"].sum() == pytest.approx(both["funded_milli"].sum(), rel=0.1)
    assert result.manifest["budget"]["planned_milli"] == slots["expected_cost_milli"].sum()
    store = open_store(store_url_in(workspace))
    try:
        promised = promised_of_funders(store, datetime(2024, 3, 31, tzinfo=UTC))
        bodies = b"".join(kept.body for kept in bundles_of_run(store, run_of(store, result.run_id)))
    finally:
        store.close()
    assert promised == {("=Dairy", "A-7"): line["planned_milli"]}
    assert bodies
    assert b"=Dairy" not in bodies, "customers are not told who pays"
    assert "supplier   =Dairy, A-7: " in night_summary(result, "EUR", 90)


@pytest.mark.long
def test_a_supplier_is_never_planned_beyond_their_budget_and_the_night_is_proved(
    opened_shop: Path, tmp_path: Path
) -> None:
    workspace = with_funding(opened_shop, tmp_path, SCARCE)
    result = night(workspace, FIRST_NIGHT)
    (line,) = result.manifest["budget"]["funders"]
    funded = logged(workspace, result.run_id, "funded")
    assert 0 < funded["funded_milli"].sum() == line["planned_milli"] <= SCARCE * 1000 < line["wanted_milli"]
    slots = logged(workspace, result.run_id, "slots")
    assert (slots["runner_up_rule"] == "funder_budget").any()
    assert slots.groupby("bundle_id").size().min() >= 5
    store = open_store(store_url_in(workspace))
    try:
        verify(workspace, result.run_id, store, jobs=1, progress=silent)
    finally:
        store.close()
