"""What the law asks of a night's offers, as customers, apps and clerks see it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from engine.nightly.verify import verify
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.bundle_records import bundles_of_run
from engine.store.nights.run_records import current_run
from tests.engine.nightly.shop_nights import FIRST_NIGHT, load, night, silent

NEW_YORK = "THIS PRICE WAS SET BY AN ALGORITHM USING YOUR PERSONAL DATA"


def published(workspace: Path, rules: str = "") -> list[dict[str, Any]]:
    """The bodies that customers read after a night that is proved."""
    night(workspace, FIRST_NIGHT, rules=rules)
    store = open_store(store_url_in(workspace))
    try:
        run = current_run(store)
        assert run is not None
        assert verify(workspace, run.run_id, store, jobs=1, progress=silent).stored == run.bundles
        return [json.loads(kept.body) for kept in bundles_of_run(store, run)]
    finally:
        store.close()


@pytest.mark.long  # two nights are published, and proved
def test_what_was_cheaper_for_everybody_is_not_called_reduced_and_every_answer_says_who_set_its_prices(
    opened_shop: Path, tmp_path: Path
) -> None:
    without = Path(shutil.copytree(opened_shop, tmp_path / "without"))
    free = published(without, "\n[law]\nlowest_price = false\ndisclosure = false\n")
    assert not any("disclosure" in body for body in free)
    offers = [offer for body in free for offer in body["offers"]]
    assert not any("lowest_price_30_days_minor" in offer for offer in offers)
    often = pd.Series([offer["item"]["id"] for offer in offers]).value_counts().index[0]

    # Ten days ago it cost everybody half as much.
    workspace = Path(shutil.copytree(opened_shop, tmp_path / "strict"))
    file = workspace / "shop" / "purchases.parquet"
    lines = pd.read_parquet(file)
    night_at = pd.Timestamp(FIRST_NIGHT, tz="UTC")
    sale = lines["product_id"].eq(often) & lines["purchased_at"].between(
        night_at - pd.Timedelta(days=25), night_at
    )
    assert sale.any()
    lines.loc[sale, "paid"] = (lines.loc[sale, "paid"] + lines.loc[sale, "discount"]) // 2
    lines.loc[sale, "discount"] = 0
    lines.to_parquet(file, index=False)
    load(workspace)
    bodies = published(workspace, '\n[law]\ncountry = "DE"\n')
    assert {body["disclosure"] for body in bodies} == {NEW_YORK}
    offers = [offer for body in bodies for offer in body["offers"]]
    assert len(offers) > 100
    assert all(offer["offer_price_minor"] < offer["lowest_price_30_days_minor"] for offer in offers)
    if (
        pd.read_parquet(workspace / "shop" / "products.parquet")
        .set_index("product_id")["price"]
        .notna()[often]
    ):
        assert often not in {offer["item"]["id"] for offer in offers}
