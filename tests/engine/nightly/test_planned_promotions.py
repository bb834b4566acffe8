"""What a night makes of promotions that the chain plans for everybody."""

import shutil
from datetime import date
from pathlib import Path

import pandas as pd

from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.verify import verify
from engine.settings import store_url_in
from engine.store import open_store
from tests.engine.nightly.shop_nights import FIRST_NIGHT, load, night, silent


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
    assert "planned_promotion" in set(slots["runner_up_rule"])
    store = open_store(store_url_in(workspace))
    try:
        proof = verify(workspace, result.run_id, store, jobs=1, progress=silent)
    finally:
        store.close()
    assert proof.bundles == slots["bundle_id"].nunique()
