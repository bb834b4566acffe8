"""Customers of whom a model knows too little or too much go through load, fit, night and export like any other."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.nightly.folder.export import export_frame
from engine.nightly.verify import verify
from engine.settings import store_url_in
from engine.store import open_store
from models.customers.churn_reasons import LIKELY_FROM
from models.ground.moment import parse_moment
from tests.engine.nightly.shop_nights import FIRST_NIGHT, fit_model, load, night, silent
from tests.shop import write_shop

pytestmark = pytest.mark.long

NIGHT = pd.Timestamp(FIRST_NIGHT, tz="UTC")
EVERY_DAY, ONLY_RETURNS, ONCE, ON_ONE_DAY = "every day", "only returns", "once", "on one day"
CANCELLED, CAME_FOR_NOTHING = "cancelled", "came for nothing"
A_QUARTER_OF_AN_HOUR = 1 / 96


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    write_shop(folder / "shop", customers=30, products=30, days=120, seed=11, last_day=date(2024, 3, 30))
    odd = [
        *_visits(EVERY_DAY, range(1, 301)),
        *_visits(ONLY_RETURNS, [20, 10], pieces=-1),
        *_visits(ONCE, [45]),
        *_visits(ON_ONE_DAY, [40, 40, 40]),
        *_visits(CANCELLED, [20], pieces=50_000),
        *_visits(CANCELLED, [20 - A_QUARTER_OF_AN_HOUR], pieces=-50_000),
        *_visits(CAME_FOR_NOTHING, [50, 30, 10]),
        *_visits(CAME_FOR_NOTHING, [9], pieces=-2),
    ]
    for table, rows in (
        ("purchases", pd.DataFrame(odd)),
        ("customers", pd.DataFrame({"customer_id": [ONLY_RETURNS], "consent": True})),
    ):
        file = folder / "shop" / f"{table}.parquet"
        pd.concat([pd.read_parquet(file), rows], ignore_index=True).to_parquet(file, index=False)
    load(folder)
    fit_model(folder, parse_moment(FIRST_NIGHT, "UTC"))
    night(folder, FIRST_NIGHT)
    return folder


@pytest.fixture(scope="module")
def customers(workspace: Path) -> pd.DataFrame:
    store = open_store(store_url_in(workspace))
    try:
        run, clock = f"{FIRST_NIGHT}.1", NIGHT.to_pydatetime()
        return export_frame(store, workspace, "customers", run, None, clock).set_index("customer_id")
    finally:
        store.close()


def _visits(customer: str, days_ago: Iterable[int], pieces: int = 1) -> list[dict[str, object]]:
    """A basket of one piece of p000 on each of those days."""
    return [
        {
            "customer_id": customer,
            "basket_id": f"{customer} {place}",
            "line_no": 1,
            "purchased_at": NIGHT - pd.Timedelta(days=days) + pd.Timedelta(hours=9),
            "product_id": "p000",
            "quantity_milli": pieces * 1000,
            "unit": "piece",
            "paid": pieces * 300,
            "discount": 0,
            "store_id": "s0",
        }
        for place, days in enumerate(days_ago)
    ]


def test_no_number_of_anybody_is_infinite_and_no_chance_is_none(customers: pd.DataFrame) -> None:
    numbers = customers.select_dtypes("number").astype("float64")
    assert not np.isinf(numbers).any(axis=None)
    for chance in ("p_churn", "p_churn_long", "p_partial"):
        assert numbers[chance].dropna().between(0, 1).all(), chance
    scored = customers[customers["p_churn"].notna()]
    assert set(scored.index) >= {EVERY_DAY, ONCE, ON_ONE_DAY}
    assert (scored["p_churn_long"] <= scored["p_churn"]).all()
    assert scored["next_visit"].notna().all()


def test_three_hundred_visits_make_a_client_who_stays(customers: pd.DataFrame) -> None:
    regular = customers.loc[EVERY_DAY]
    assert (regular["visits"], regular["ladder"]) == (300, "client")
    assert regular["p_churn"] < customers["p_churn"].median()
    assert regular["visit_gap_days"] == pytest.approx(1, abs=0.5)
    assert pd.isna(regular["churn_reasons"])
    assert 0 < regular["value_visits_low"] <= regular["value_visits"] <= regular["value_visits_high"]


@pytest.mark.parametrize("customer", [ONLY_RETURNS, CANCELLED])
def test_who_only_brought_back_or_kept_nothing_has_never_bought(
    customers: pd.DataFrame, customer: str
) -> None:
    returned = customers.loc[customer]
    assert returned[["p_churn", "p_churn_long", "p_partial", "churn_reasons", "visits"]].isna().all()
    assert returned["about"].endswith("known, never bought")


def test_a_visit_whose_goods_went_back_is_none(customers: pd.DataFrame) -> None:
    kept = customers.loc[
        CAME_FOR_NOTHING
    ]  # two pieces back: one of the receipt that is named, one of the latest
    assert (kept["visits"], kept["days_since_visit"]) == (1, 30)


@pytest.mark.parametrize(("customer", "silent_days"), [(ONCE, 45), (ON_ONE_DAY, 40)])
def test_one_day_of_shopping_is_one_visit_with_the_shop_s_cycle(
    customers: pd.DataFrame, customer: str, silent_days: int
) -> None:
    one = customers.loc[customer]
    assert (one["visits"], one["days_since_visit"]) == (1, silent_days)
    assert 1 < one["visit_gap_days"] < 60
    assert pd.isna(one["p_partial"]), "one visit has no rate of its own"


def test_who_is_likely_to_leave_reads_why(customers: pd.DataFrame) -> None:
    told = customers[customers["churn_reasons"].notna()]
    assert len(told)
    assert (told["p_churn"] >= LIKELY_FROM).all()
    assert told["churn_reasons"].str.contains("has not come for").any()


def test_such_a_night_is_proven_byte_for_byte(workspace: Path) -> None:
    store = open_store(store_url_in(workspace))
    try:
        assert verify(workspace, f"{FIRST_NIGHT}.1", store, jobs=1, progress=silent).bundles > 0
    finally:
        store.close()
