"""What a night makes of products that the shop has recalled, before it begins and while it works."""

import json
from collections import Counter
from pathlib import Path

import pandas as pd
from sqlalchemy import select

from engine.day.recall_product import recall_product
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.verify import verify
from engine.store import Store
from engine.store.choices.favourites import EVERYBODY, suggestions_of
from engine.store.nights.run_records import current_run
from engine.store.schema import moment_us, of_run, offers
from engine.store.schema.checkout_tables import passing_views
from models.ground.moment import parse_moment
from tests.engine.nightly.shop_nights import FIRST_NIGHT, night, silent

AS_OF = parse_moment(FIRST_NIGHT, "UTC").as_of
WHY = "Please bring it back."


def test_a_night_leaves_recalled_products_out_and_hides_what_was_recalled_meanwhile(
    lived_shop: Path, its_store: Store
) -> None:
    with its_store.reading() as connection:
        counted = Counter(connection.execute(select(offers.c.item_id)).scalars()).most_common(2)
    (before, _), (meanwhile, _) = counted
    recall_product(its_store, before, reason=WHY, now=AS_OF)

    def progress(what: str, _done: int, _total: int) -> None:
        if what == "publishing":
            recall_product(its_store, meanwhile, reason=WHY, now=AS_OF)

    made = night(lived_shop, FIRST_NIGHT, progress=progress)
    slots = pd.concat([pd.read_parquet(file) for file in RunFolder.of(lived_shop, made.run_id).slot_files()])
    assert before not in set(slots["item_id"])
    hidden = slots[slots["item_id"] == meanwhile]
    run = current_run(its_store)
    assert (run is not None, len(hidden) > 0) == (True, True)
    with its_store.reading() as connection:
        shown = select(passing_views.c.body).where(
            of_run(passing_views.c.bundle_no, run.run_no if run else 0),
            passing_views.c.valid_to_us > moment_us(AS_OF),
        )
        bodies = [json.loads(body) for body in connection.execute(shown).scalars()]
    assert len(bodies) == len(hidden)
    assert all(one["item"]["id"] != meanwhile for body in bodies for one in body["offers"])
    assert before not in suggestions_of(its_store, run.run_no if run else 0, EVERYBODY).popular
    assert verify(lived_shop, made.run_id, its_store, jobs=1, progress=silent).stored > 0
