"""What a shop says of its products beside name and price, and what apps get of it."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from engine.nightly.verify import verify
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.bundle_records import bundles_of_run
from engine.store.nights.run_records import current_run
from tests.engine.nightly.shop_nights import FIRST_NIGHT, load, night, silent


@pytest.mark.long
def test_an_offer_carries_unit_barcode_and_image_where_the_shop_gives_them(
    opened_shop: Path, tmp_path: Path
) -> None:
    workspace = Path(shutil.copytree(opened_shop, tmp_path / "workspace"))
    file = workspace / "shop" / "products.parquet"
    products = pd.read_parquet(file)
    said = products["product_id"] != "p001"
    products["unit"] = "piece"
    products["barcode"] = ("40" + products["product_id"].str[1:]).where(said)
    products["image"] = None
    products.to_parquet(file, index=False)
    load(workspace)
    night(workspace, FIRST_NIGHT)
    store = open_store(store_url_in(workspace))
    try:
        run = current_run(store)
        assert run is not None
        offers = [one for kept in bundles_of_run(store, run) for one in json.loads(kept.body)["offers"]]
        proof = verify(workspace, run.run_id, store, jobs=1, progress=silent)
    finally:
        store.close()
    assert len(offers) > 100
    for item in (offer["item"] for offer in offers):
        told = {} if item["id"] == "p001" else {"barcode": "40" + item["id"][1:]}
        assert item == {"id": item["id"], "name": item["name"], "unit": "piece"} | told
    assert proof.stored == run.bundles
