"""The shop's stock system tells the day what is left: of a product, in one store or in all.

The day itself looks through the bundles afterwards (`engine.day.substitute_items`), which every server does within seconds.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from engine.day.published_rules import rules_now
from engine.domain.substitution import StockWord
from engine.store import Store
from engine.store.nights.known_ids import product_known_as
from engine.store.nights.published_products import products_named
from engine.store.nights.told_stock import keep_told
from engine.store.schema.stock_tables import ALL_STORES


class StockRow(NamedTuple):
    """What is left of a product; units None for enough, store None for all of them."""

    product_id: str
    store_id: str | None
    units: int | None


class StockTaken(NamedTuple):
    """What became of the rows."""

    accepted: int
    unknown: tuple[str, ...]  # products of no night published last, as they were named


def tell_stock(store: Store, rows: Sequence[StockRow], *, now: datetime) -> StockTaken:
    """Keep the last word on each product and store; rows of products that the shop does not have are left out and named.

    Of two rows about one product and store the later counts.

    Raises:
        Refused: no_current_run.
        StoreUnreachable, StoreBusy, CannotWrite: nothing was kept.
    """
    shop = rules_now(store)
    named = {asked: product_known_as(store, asked) for asked in dict.fromkeys(row.product_id for row in rows)}
    sold = products_named(store, shop.run_no, sorted(set(named.values())))
    known = [row for row in rows if named[row.product_id] in sold]
    told = {(named[row.product_id], _store(store, row.store_id)): row.units for row in known}
    if told:
        loaded: Mapping[str, StockWord] = {
            name: StockWord(sold[name].stock, shop.as_of) for name in sorted({name for name, _ in told})
        }
        keep_told(store, told, loaded, now)
    unknown = tuple(asked for asked, name in named.items() if name not in sold)
    return StockTaken(len(known), unknown)


def _store(store: Store, store_id: str | None) -> str:
    # stores follow the same rule as products: 007 is 7 where ids are numbers
    return ALL_STORES if store_id is None else product_known_as(store, store_id)
