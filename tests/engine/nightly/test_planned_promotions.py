"""What a night makes of promotions that the chain plans for everybody."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.nightly.folder.left_out import left_out_for_promotion
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.verify import verify
from engine.settings import store_url_in
from engine.store import open_store
from models.features.recipe import PROMOTION_FEATURES
from models.ground.moment import parse_moment
from models.sources import open_data
from models.versions import registry
from tests.engine.nightly.shop_nights import FIRST_NIGHT, fit_model, load, night, silent

NOON = f"{FIRST_NIGHT}T12:00:00Z"


def test_nobody_gets_a_personal_discount_on_what_everybody_gets_as_cheap(
    opened_shop: Path, tmp_path: Path
) -> None:
    workspace = Path(shutil.copytree(opened_shop, tmp_path / "workspace"))
    products = pd.read_parquet(workspace / "shop" / "products.parquet")
    half = products["product_id"].iloc[::2]
    begins = date.fromisoformat(FIRST_NIGHT)
    pd.DataFrame(
        {
            "product_id": half,
            "starts_on": begins,
            "ends_on": date(2024, 4, 6),
            "price": 1,  # far below whatever a programme may give
        }
    ).to_parquet(workspace / "shop" / "promotions.parquet", index=False)
    load(workspace)
    result = night(workspace, FIRST_NIGHT)
    folder = RunFolder.of(workspace, result.run_id)
    slots = pd.concat([pd.read_parquet(file) for file in folder.slot_files()])
    assert len(slots) > 100
    assert not set(slots["item_id"]) & set(half)
    withheld = slots[slots["runner_up_rule"] == "planned_promotion"]
    assert set(withheld["runner_up"]) <= set(half)
    told = withheld["customer_id"].iloc[0]
    left_out = left_out_for_promotion(folder, told)
    assert set(left_out) == set(withheld.loc[withheld["customer_id"] == told, "runner_up"])
    said = CliRunner().invoke(app, ["show", "--workspace", str(workspace), "--customer", told, "--now", NOON])
    assert f"everybody gets it as cheap this week: {', '.join(left_out)}" in said.stdout
    store = open_store(store_url_in(workspace))
    try:
        proof = verify(workspace, result.run_id, store, jobs=1, progress=silent)
    finally:
        store.close()
    assert proof.bundles == slots["bundle_id"].nunique()


@pytest.mark.long
def test_a_model_of_a_shop_that_plans_reads_the_plan_and_a_night_is_computed_again_to_the_byte(
    opened_shop: Path, tmp_path: Path
) -> None:
    workspace = Path(shutil.copytree(opened_shop, tmp_path / "workspace"))
    without = registry.open_current(registry.registry_folder(workspace))
    products = pd.read_parquet(workspace / "shop" / "products.parquet")["product_id"]
    mondays = [date(2023, 11, 6) + timedelta(days=7 * week) for week in range(22)]
    plan = [
        pd.DataFrame(
            {"product_id": products.iloc[week % 4 :: 4], "starts_on": day, "ends_on": day + timedelta(days=6)}
        )
        for week, day in enumerate(mondays)
    ]
    file = workspace / "shop" / "promotions.parquet"
    pd.concat(plan).assign(mailer=True).to_parquet(file, index=False)
    load(workspace)
    fit_model(workspace, parse_moment(FIRST_NIGHT, "UTC"))
    artifact = registry.open_current(registry.registry_folder(workspace))
    assert set(artifact.recipe.pair_features) - set(without.recipe.pair_features) == set(PROMOTION_FEATURES)
    assert artifact.manifest.recipe["promotions"] is True
    assert "promotions" not in without.manifest.recipe
    result = night(workspace, FIRST_NIGHT)
    store = open_store(store_url_in(workspace))
    try:
        proof = verify(workspace, result.run_id, store, jobs=1, progress=silent)
    finally:
        store.close()
    assert proof.bundles > 0
    # A table that does not come any more leaves its features unknown, and the night as it is.
    file.unlink()
    load(workspace)
    assert open_data(workspace).promotions is None
    again = night(workspace, "2024-04-07")
    assert len(RunFolder.of(workspace, again.run_id).slot_files()) == again.buckets
