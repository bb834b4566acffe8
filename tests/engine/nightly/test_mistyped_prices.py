"""A price that somebody mistyped, in the products table or at a till, reaches no customer."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.bundle_records import bundles_of_run
from engine.store.nights.run_records import current_run
from tests.engine.nightly.shop_nights import FIRST_NIGHT, load, night

TIMES = 109  # 649.50 for 5.95


def shown_prices(workspace: Path) -> dict[str, int]:
    """What customers are shown each item to cost."""
    night(workspace, FIRST_NIGHT)
    store = open_store(store_url_in(workspace))
    try:
        run = current_run(store)
        assert run is not None
        bodies = [json.loads(kept.body)["offers"] for kept in bundles_of_run(store, run)]
    finally:
        store.close()
    return {offer["item"]["id"]: offer["price_minor"] for offers in bodies for offer in offers}


@pytest.mark.long
def test_one_mistyped_price_in_the_table_and_one_at_a_till_reach_no_customer(
    opened_shop: Path, tmp_path: Path
) -> None:
    right = shown_prices(Path(shutil.copytree(opened_shop, tmp_path / "right")))
    workspace = Path(shutil.copytree(opened_shop, tmp_path / "mistyped"))
    products = pd.read_parquet(workspace / "shop" / "products.parquet")
    of_table = next(name for name in right if products.set_index("product_id")["price"].notna()[name])
    of_till = next(name for name in right if products.set_index("product_id")["price"].isna()[name])
    products.loc[products["product_id"] == of_table, "price"] *= TIMES
    products.to_parquet(workspace / "shop" / "products.parquet", index=False)
    lines = pd.read_parquet(workspace / "shop" / "purchases.parquet")
    sold = lines[(lines["product_id"] == of_till) & (lines["purchased_at"] < FIRST_NIGHT)]
    full = sold[(sold["discount"] == 0) & (sold["paid"] > 0)]
    lines.loc[full["purchased_at"].idxmax(), "paid"] *= TIMES
    lines.to_parquet(workspace / "shop" / "purchases.parquet", index=False)
    load(workspace)
    shown = shown_prices(workspace)
    assert {of_table, of_till} <= set(shown)
    assert max(shown.values()) < 1000
    assert {name: shown[name] for name in (of_table, of_till)} == {
        name: right[name] for name in (of_table, of_till)
    }
