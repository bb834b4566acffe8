"""What a night publishes for substitutes, and what it makes of stock that the day was told."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import func, select

from engine.day.substitute_items import substitute_items
from engine.day.tell_stock import StockRow, tell_stock
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.verify import verify
from engine.programme import programme_text
from engine.store import Store
from engine.store.log.exported_log import all_substitutions
from engine.store.nights.run_records import current_run
from engine.store.schema.product_tables import products
from engine.store.schema.stock_tables import bundle_stores, offerable_products
from models.ground.moment import parse_moment
from tests.engine.nightly.shop_nights import FIRST_NIGHT, SECOND_NIGHT, night, silent

NOON = parse_moment("2024-03-31T12:00:00Z", "UTC").as_of
KEYS = "\nsubstitutes = 3\nsubstitute_band_bp = 10000\nunsold_days = "


@pytest.mark.long
def test_a_night_says_what_may_stand_in_the_day_does_it_and_the_next_night_leaves_out_what_is_sold_out(
    lived_shop: Path, its_store: Store
) -> None:
    rules = programme_text().replace("\nunsold_days = ", KEYS)
    made = night(lived_shop, FIRST_NIGHT, programme=rules)
    slots = pd.concat([pd.read_parquet(file) for file in RunFolder.of(lived_shop, made.run_id).slot_files()])
    with its_store.reading() as connection:
        depths = {
            row.product_id: set(row.depths_bp.split(";"))
            for row in connection.execute(select(offerable_products))
        }
        shelf = connection.execute(select(products)).all()
        family = {row.product_id: row.family for row in shelf}
        price = {row.product_id: row.price_minor for row in shelf}
        with_store = connection.execute(select(func.count()).select_from(bundle_stores)).scalar_one()
    offered = zip(slots["item_id"], slots["discount_bp"], strict=True)
    assert all(str(depth) in depths[item] for item, depth in offered)
    assert with_store == slots["bundle_id"].nunique() > 0

    alike = {
        item
        for item in set(slots["item_id"])
        for other in depths
        if other != item
        and family[other] == family[item]
        and price[other]
        and price[other] <= 2 * price[item]
    }
    item, had = next(
        (name, count) for name, count in Counter(slots["item_id"]).most_common() if name in alike
    )
    tell_stock(its_store, [StockRow(item, None, 0)], now=NOON)
    substitute_items(its_store, NOON)
    stood_in = list(all_substitutions(its_store))
    assert 0 < len(stood_in) <= had
    assert {one[3] for one in stood_in} == {item}
    assert {family[one[4]] for one in stood_in} == {family[item]}
    assert all(str(one[6]) in depths[one[4]] for one in stood_in)

    later = night(lived_shop, SECOND_NIGHT, programme=rules)
    folder = RunFolder.of(lived_shop, later.run_id)
    assert all(item not in set(pd.read_parquet(file)["item_id"]) for file in folder.slot_files())
    assert verify(lived_shop, later.run_id, its_store, jobs=1, progress=silent).stored > 0
    assert current_run(its_store) is not None
