"""The pilot's stores beside the rest: customers who usually buy in them, others who bought alike before, and both before and after.

Stores of a pilot are chosen and not drawn, and all customers of a store share what happens to it. So nothing here is an effect, and
the intervals know nothing of a competitor that opened next door.
"""

from collections.abc import Collection, Sequence
from functools import partial

import numpy as np
import pandas as pd

from engine.measurement.metric_definitions import MONEY
from engine.nightly.shelf.usual_store import usual_stores
from engine.reports.matched_customers import DIFFERENCE, Bools, MatchedWords, matched_customers
from engine.reports.report_content import amount
from engine.reports.report_figures import ManagersReport, ReportedShop, ReportTable, report_of
from models.effects.not_causal import WHY_BEFORE_AFTER, WHY_LOOKALIKES
from models.ground.errors import BadInput
from models.running.terminal import number_of
from models.tables import CUSTOMER_NO

WORDS = MatchedWords(
    "pilot's customers",
    "who usually bought in the pilot's stores when the period began",
    "The stores were chosen, not drawn",
)


def pilot(shop: ReportedShop, stores: Collection[str]) -> ManagersReport:
    """Compare customers of some stores with the rest.

    Raises:
        BadInput: the programme is limited to no stores.
    """
    if not stores:
        raise BadInput(
            "The programme is for all stores, so there is no pilot to set beside the rest; name the pilot's in [eligibility] stores, "
            "or its rules with --programme."
        )
    tables = matched_customers(shop, partial(_customers_of, shop, frozenset(stores)), WORDS)
    return report_of(
        "pilot",
        "The pilot beside the rest",
        _answer(shop, tables, len(stores)),
        (
            WHY_LOOKALIKES,
            WHY_BEFORE_AFTER,
            "Customers of a store share what happens to it, which no interval here knows. What the programme is worth is said by `abonement experiment report`, of customers whom a lot held out in the pilot's own stores.",
        ),
        tables,
    )


def _customers_of(shop: ReportedShop, stores: frozenset[str], bucket: int) -> tuple[Bools, Bools]:
    people = pd.read_parquet(shop.data.customers(bucket), columns=[CUSTOMER_NO]).sort_values(CUSTOMER_NO)
    usual = people[CUSTOMER_NO].map(usual_stores(shop.data.purchases(bucket), shop.starts))
    inside = usual.isin(stores).to_numpy(np.bool_)
    return inside, usual.notna().to_numpy(np.bool_) & ~inside


def _answer(shop: ReportedShop, tables: Sequence[ReportTable], stores: int) -> str:
    found = [line for table in tables if table.name == "matched" for line in table.lines]
    apart = next((line.figures[-1] for line in found if line.name == DIFFERENCE), None)
    if apart is None or apart.value is None or apart.low is None or apart.high is None:
        return "Too few bought before the period, in the pilot's stores or elsewhere, to be set beside each other."
    value, low, high = (
        amount(one, MONEY, shop.data.currency) for one in (apart.value, apart.low, apart.high)
    )
    return (
        f"Customers of {number_of(stores, 'pilot store')} brought {value} [{low}, {high}] of margin more each than others who bought alike before. "
        "That is no effect of the pilot."
    )
