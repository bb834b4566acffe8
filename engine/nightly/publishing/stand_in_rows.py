"""What the day may show in the place of an item that is sold out, and where the bundles' customers shop, published with a night.

Only by a programme with `[shelf] substitutes`; where offers are on families, a sold-out product needs none.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from engine.nightly.context import NightContext
from engine.nightly.shelf.usual_store import usual_stores
from engine.store import Store
from engine.store.nights.offerable_products import OfferableRow, stage_bundle_stores, stage_offerable
from engine.store.nights.run_records import Run
from engine.store.nights.told_stock import look_through_after_night
from engine.wording.language_files import substitute_text
from models.features.catalogue import PRODUCT_LEVEL
from models.features.promoted_weeks import PLANNED_OFF
from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_NO


def has_stand_ins(context: NightContext) -> bool:
    """Whether the night's bundles may have anything standing in by day."""
    shelf = context.night.programme.shelf
    return shelf is not None and bool(shelf.substitutes) and context.catalogue.item_level == PRODUCT_LEVEL


def stage_stand_ins(store: Store, staged: Run, context: NightContext) -> None:
    """Write what may stand in, and in which store each bundle's customer usually buys, beside a staged run's bundles."""
    if not has_stand_ins(context):
        return
    text = substitute_text(context.night.programme.language)
    stage_offerable(store, staged, offerable_rows(context), text)
    stage_bundle_stores(store, staged, _customers_stores(context))


def look_again(store: Store, staged: Run, context: NightContext) -> None:
    """Have the day look through all open bundles, since the load may say otherwise than the day did of what is sold out."""
    if has_stand_ins(context):
        with store.switching() as connection:
            look_through_after_night(connection, staged.run_no)


def offerable_rows(context: NightContext) -> Iterator[OfferableRow]:
    """Every item that the night's rules let be offered without a supplier's money, in the order of the ids.

    What is promoted for everybody in any store is left out at depths that are no more than the promotion: the day does not
    know the customer's week.
    """
    funded = context.assortment.funded is not None
    allowed = context.unfunded_assortment if funded else context.assortment
    planned = np.zeros(len(allowed.item_id), dtype=np.int64)
    if context.promoted is not None:
        most = context.promoted.rows.groupby(ITEM_NO)[PLANNED_OFF].max()
        planned[most.index.to_numpy(dtype=np.int64)] = most.to_numpy()
    may = allowed.allowed & ((planned == 0)[:, None] | (allowed.discount_minor > planned[:, None]))
    lowest = context.folder.lowest_prices
    for row in sorted(np.flatnonzero(may.any(axis=1)), key=lambda one: str(allowed.item_id[one])):
        name = str(allowed.item_id[row])
        depths = ";".join(str(depth) for depth in allowed.depths_bp[may[row]])
        yield OfferableRow(name, depths, lowest.get(name))


def _customers_stores(context: NightContext) -> Iterator[tuple[str, str]]:
    for bucket in range(context.data.buckets):
        people = pd.read_parquet(context.data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID])
        usual = usual_stores(context.data.purchases(bucket), context.moment)
        stores = people[CUSTOMER_NO].map(usual)
        known = stores.notna()
        yield from zip(people.loc[known, CUSTOMER_ID].tolist(), stores[known].tolist(), strict=True)
