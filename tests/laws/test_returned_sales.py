"""A sale and its full return leave every figure as if neither had been."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.measurement.period_totals import MeasuredPeriod, customers_in
from models.features.catalogue import Catalogue, build_catalogue
from models.features.feature_matrix import FeatureMatrix
from models.features.habits import Margins
from models.ground.moment import local_midnight
from models.items.candidates import CandidateLimits
from models.scoring import bucket_features
from tests.models.literal import Line, named_customers, purchases, shelf, shop_at
from training.fitting.labels import back_after, bought_after, visits_after

pytestmark = pytest.mark.long

FIRST = datetime(2024, 3, 1, tzinfo=UTC)
CUT = local_midnight(date(2024, 3, 20), "UTC")
AS_OF = local_midnight(date(2024, 4, 20), "UTC")
DAYS = (AS_OF.day - CUT.day).days
LAST_HOUR = 24 * 49
SHELF = shelf(
    ("milk", ("DAIRY", "MILK"), None, ""),
    ("bread", ("BAKERY", "BREAD"), None, ""),
    ("petrol", ("FUEL", "PETROL"), 180, "fuel;not_offered"),
)
CATALOGUE = build_catalogue(SHELF, "product")
CUSTOMERS, PRODUCTS = 3, 3


@dataclass(frozen=True)
class Bought:
    """One line of history: whose, of what, when, how many (below zero: returned), for what, on which receipt."""

    customer: int
    product: int
    hour: int
    pieces: int
    paid: int
    receipt: str

    @property
    def line(self) -> Line:
        """As a written-out bucket has it."""
        at = FIRST + timedelta(hours=self.hour)
        return (self.customer, self.product, at.isoformat(), self.pieces, self.paid, 0)


some_history = st.lists(
    st.builds(
        Bought,
        customer=st.integers(0, CUSTOMERS - 1),
        product=st.integers(0, PRODUCTS - 1),
        hour=st.integers(0, LAST_HOUR),
        pieces=st.integers(-2, 4).filter(bool),
        paid=st.integers(0, 1000),
        receipt=st.sampled_from(["h1", "h2", "h3", "h4"]),
    ),
    min_size=1,
    max_size=12,
)


@st.composite
def given_back(draw: st.DrawFn, *, named: bool) -> list[Bought]:
    """A sale in some receipts and days, and its return in others; `named` says that returns name the sale's receipt."""
    customer, product = draw(st.integers(0, CUSTOMERS - 1)), draw(st.integers(0, PRODUCTS - 1))
    sales = [
        Bought(customer, product, hour, pieces, draw(st.integers(0, 1000)), f"sale{place}")
        for place, (hour, pieces) in enumerate(
            draw(st.lists(st.tuples(st.integers(0, LAST_HOUR), st.integers(1, 4)), min_size=1, max_size=3))
        )
    ]
    sold_by = max(sale.hour for sale in sales)
    returns = []
    for sale in sales:
        left = sale.pieces
        while left:
            part = draw(st.integers(1, left))
            hour = draw(st.integers(sale.hour if named else sold_by, LAST_HOUR))
            receipt = sale.receipt if named else f"return{len(returns)}"
            returns.append(Bought(customer, product, hour, -part, -draw(st.integers(0, 1000)), receipt))
            left -= part
    return [*sales, *returns]


def figures(history: list[Bought], catalogue: Catalogue = CATALOGUE) -> dict[str, pd.DataFrame]:
    """All that features, labels and metrics make of a bucket with that history."""
    with TemporaryDirectory() as folder:
        file = purchases(Path(folder) / "purchases.parquet", [one.line for one in history])
        receipts = [one.receipt for one in history]
        pd.read_parquet(file).assign(basket_id=receipts).to_parquet(file, index=False)
        people = named_customers(Path(folder) / "customers.parquet", *range(CUSTOMERS))
        shop = shop_at([file], catalogue, AS_OF)
        features = bucket_features(
            file, people, shop, CandidateLimits(), 56, lambda seen: np.full(len(seen), 7)
        )
        margins = Margins(
            pd.DataFrame({"item_no": [0], "cost_minor": [50.0], "assumed_bp": [2000]}), 2000, 28
        )
        return {
            "items": shop.item_table,
            "customers": _frame(features.customers),
            "pairs": _frame(features.pairs),
            "bought": bought_after(file, catalogue, CUT, DAYS),
            "back": back_after(file, catalogue, CUT, DAYS, 14),
            "visits": visits_after(file, catalogue, CUT, DAYS),
            "metrics": customers_in(file, catalogue, margins, MeasuredPeriod(CUT, AS_OF, 14)),
        }


def _frame(matrix: FeatureMatrix) -> pd.DataFrame:
    features = pd.DataFrame(matrix.values, columns=list(matrix.names)).add_prefix("feature_")
    return pd.concat([matrix.keys.reset_index(drop=True), features], axis=1)


def assert_same(found: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame]) -> None:
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(found[name], frame, check_exact=True, obj=name)


@settings(max_examples=10, deadline=None)
@given(some_history, given_back(named=True))
def test_a_return_that_names_its_receipts_undoes_them_whatever_else_was_bought(
    history: list[Bought], undone: list[Bought]
) -> None:
    assert_same(figures([*history, *undone]), figures(history))


@settings(max_examples=10, deadline=None)
@given(some_history, given_back(named=False))
def test_a_return_under_a_number_of_its_own_undoes_the_latest_purchases(
    history: list[Bought], undone: list[Bought]
) -> None:
    first, last = min(one.hour for one in undone), max(one.hour for one in undone)
    apart = [
        one
        for one in history
        if (one.customer, one.product) != (undone[0].customer, undone[0].product)
        or not first <= one.hour <= last
    ]
    kept = apart or [Bought((undone[0].customer + 1) % CUSTOMERS, 0, 0, 1, 100, "h1")]
    assert_same(figures([*kept, *undone]), figures(kept))
