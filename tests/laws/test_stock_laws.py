"""Whatever a shop tells of stock, and in whatever order, nothing is promised in the place of something else that is not there.

Four customers in two stores are offered the same five milks, four units of each; three others may stand in.
"""

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engine.day.offers_at_login import offers_at_login
from engine.day.substitute_items import substitute_items
from engine.day.tell_stock import StockRow, tell_stock
from engine.store import Store, open_store
from engine.store.nights.offerable_products import OfferableRow, stage_bundle_stores, stage_offerable
from engine.store.nights.run_records import current_run
from engine.store.schema import bundles
from engine.store.schema.stock_tables import substitutions
from tests.engine.databases import Databases
from tests.engine.shop import NOON, STOCKED, publish_shop, rules

STORES = {"anna": "330", "boris": "330", "cleo": "7", "dora": "7"}
OFFERED = [str(995240 + number) for number in range(5)]
INSTEAD = ["995250", "995251", "995252"]
UNITS, MOST = 4, 2
KEYS = f"\nsubstitutes = {MOST}\nsubstitute_band_bp = 2000\nunsold_days = "

words = st.tuples(
    st.sampled_from([*OFFERED, *INSTEAD * 2]),
    st.sampled_from([None, None, "330", "7"]),
    st.sampled_from([0, 0, 0, 3, 4, 9, None]),
)


def open_shop(store: Store) -> None:
    shelf = [STOCKED[0]._replace(product_id=name, stock=None) for name in (*OFFERED, *INSTEAD)]
    text = rules(share="0.0").replace("\nunsold_days = ", KEYS)
    publish_shop(store, STORES, programme=text, products=shelf)
    run = current_run(store)
    assert run is not None
    stage_offerable(store, run, [OfferableRow(one.product_id, "1500", None) for one in shelf], "Instead")
    stage_bundle_stores(store, run, STORES.items())


def standing(store: Store) -> dict[str, set[tuple[int, str]]]:
    """What stands in for each customer: the place of the offer, and the product."""
    query = (
        select(bundles.c.customer_id, substitutions.c.slot, substitutions.c.product_id)
        .join(bundles, bundles.c.bundle_no == substitutions.c.bundle_no)
        .where(substitutions.c.ended_us.is_(None))
    )
    found: dict[str, set[tuple[int, str]]] = {name: set() for name in STORES}
    with store.reading() as connection:
        for row in connection.execute(query):
            found[row.customer_id].add((row.slot, row.product_id))
    return found


def left(
    said: Mapping[tuple[str, str | None], tuple[int, int | None]], product: str, store_id: str
) -> tuple[int | None, bool]:
    """The last word on a product in a store, and whether it is of that store alone."""
    everywhere, here = said.get((product, None)), said.get((product, store_id))
    if here is None or (everywhere is not None and everywhere[0] > here[0]):
        return (None if everywhere is None else everywhere[1]), False
    return here[1], True


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(told=st.lists(words, min_size=2, max_size=10))
def test_nothing_stands_in_that_is_not_there_or_that_somebody_has(
    databases: Databases, told: list[tuple[str, str | None, int | None]]
) -> None:
    with databases.fresh("sqlite") as url:
        store = open_store(url)
        open_shop(store)
        said: dict[tuple[str, str | None], tuple[int, int | None]] = {}
        before = standing(store)
        for step, (product, store_id, units) in enumerate(told):
            now = NOON + timedelta(minutes=step)
            tell_stock(store, [StockRow(product, store_id, units)], now=now)
            substitute_items(store, now)
            said[product, store_id] = step, units
            after = standing(store)
            for name, has in after.items():
                products = [other for _, other in has]
                assert len(products) == len(set(products)) <= MOST
                assert set(products) <= set(INSTEAD)
                assert all(left(said, OFFERED[slot], STORES[name])[0] == 0 for slot, _ in has)
                assert all(left(said, other, STORES[name])[0] != 0 for other in products)
                shown = json.loads(offers_at_login(store, name, now).body)["offers"]
                instead = {
                    (slot, one["item"]["id"]) for slot, one in enumerate(shown) if "substitute_for" in one
                }
                assert instead == has
                for _, other in has - before[name]:
                    there, of_store = left(said, other, STORES[name])
                    whose = [who for who in STORES if not of_store or STORES[who] == STORES[name]]
                    promised = sum(UNITS for who in whose for _, one in after[who] if one == other)
                    assert there is None or promised <= there
            before = after
        store.close()
