"""What holds for every shop that declares VAT, whichever way its prices and costs are written down."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from engine.measurement.period_totals import MeasuredPeriod, customers_in
from engine.nightly.choosing.assignment import assign_bucket
from engine.nightly.choosing.bucket_plan import plan_bucket
from engine.nightly.choosing.policy import depth_rule
from engine.nightly.shelf.assortment import Assortment, build_assortment
from engine.nightly.shelf.products import product_rows
from engine.programme import Programme
from engine.wording.language_files import load_sentences
from models.features.bucket_history import open_history
from models.features.catalogue import build_catalogue
from models.features.habits import margins_of, read_habits
from models.ground.moment import local_midnight
from tests.engine.nightly.bucket import candidates, customers, night, programme
from tests.models.literal import Line, purchases, shelf

LAW = settings(max_examples=20, deadline=None)
# Each example opens a bucket's purchases anew, which is slow; a shop of seven products holds many cases.
SLOW_LAW = settings(max_examples=3, deadline=None, phases=(Phase.explicit, Phase.generate))
AS_OF = local_midnight(date(2024, 3, 29), "UTC")
MARCH = MeasuredPeriod(local_midnight(date(2024, 3, 1), "UTC"), AS_OF, 28)
# Such that prices with VAT, and all discounts on them, are whole minor units.
WHOLE = 2000
RATES = (0, 500, 700, 1900, 2500)
NAMES = ("ale", "bread", "cake", "dates", "eggs", "figs", "grapes")
# (price / WHOLE, cost, rate), net of VAT, one a product; a cost of None is unknown.
goods = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.one_of(st.none(), st.sampled_from([0.8, 0.9, 0.95]), st.floats(0.1, 1.1)),
        st.sampled_from(RATES),
    ),
    min_size=len(NAMES),
    max_size=len(NAMES),
)
Goods = list[tuple[int, float | None, int]]


def stored(shop: Goods, *, price: str, cost: str) -> pd.DataFrame:
    """The shop's products table as a load keeps it, prices and costs with or without VAT."""
    rows = [(name, ("FOOD", f"F{n // 2}"), None, "") for n, name in enumerate(NAMES)]
    gross = [1 + rate / 10_000 for _, _, rate in shop]
    price_of = [
        units * WHOLE * (g if price == "included" else 1)
        for (units, _, _), g in zip(shop, gross, strict=True)
    ]
    net_cost = [None if share is None else round(share * units * 20) * 100 for units, share, _ in shop]
    cost_of = [
        None if net is None else round(net * (g if cost == "included" else 1))
        for net, g in zip(net_cost, gross, strict=True)
    ]
    rates = np.array([rate for _, _, rate in shop])
    return shelf(*rows).assign(
        price_minor=pd.Series([round(one) for one in price_of], dtype="Int64"),
        cost_minor=pd.Series(cost_of, dtype="Int64"),
        price_vat_bp=rates if price == "included" else 0,
        cost_vat_bp=rates if cost == "included" else 0,
    )


def lines_of(products: pd.DataFrame) -> list[Line]:
    """A customer who bought everything twice, once at a discount of 10 %."""
    made: list[Line] = []
    for number, price in enumerate(products["price_minor"].tolist()):
        made.append((0, number, "2024-03-10T10:00Z", 2, 2 * price, 0))
        made.append((0, number, "2024-03-20T10:00Z", 1, price - price // 10, price // 10))
    return made


def margins_by(products: pd.DataFrame, level: str, lines: list[Line] | None = None) -> tuple[float, float]:
    """Margin of the period as habits and as metrics count it."""
    catalogue = build_catalogue(products, level)
    margins = margins_of(catalogue.items, lambda _families: 3000, 28)
    with TemporaryDirectory() as folder:
        file = purchases(Path(folder) / "purchases.parquet", lines or lines_of(products))
        with open_history(file, catalogue, AS_OF) as history:
            of_habits = read_habits(history, margins)["margin_minor_ever"].item()
        of_metrics = customers_in(file, catalogue, margins, MARCH)["margin_minor"].item()
    return of_habits, of_metrics


def assortment_of(products: pd.DataFrame, rules: Programme) -> Assortment:
    return build_assortment(build_catalogue(products, "product").items, rules)


@pytest.mark.parametrize("level", ["product", "family_2"])
@SLOW_LAW
@given(shop=goods)
def test_a_shop_that_declares_net_prices_earns_what_one_that_declares_gross_ones_does(
    level: str, shop: Goods
) -> None:
    net = margins_by(stored(shop, price="excluded", cost="excluded"), level)
    assert net[0] == pytest.approx(net[1])
    assert margins_by(stored(shop, price="included", cost="included"), level) == pytest.approx(net)


@LAW
@given(shop=goods)
def test_both_shops_have_the_same_floors_also_where_an_offer_is_exactly_at_one(shop: Goods) -> None:
    rules = programme(("margin_bp = 500 ", "margin_bp = 1000 "))
    net = assortment_of(stored(shop, price="excluded", cost="excluded"), rules)
    for price, cost in (("included", "excluded"), ("included", "included"), ("excluded", "included")):
        other = assortment_of(stored(shop, price=price, cost=cost), rules)
        assert other.allowed.tolist() == net.allowed.tolist()
        assert other.margin_assumed.tolist() == net.margin_assumed.tolist()


@LAW
@given(shop=goods, p_buy=st.lists(st.floats(0.01, 0.9), min_size=len(NAMES), max_size=len(NAMES)))
@pytest.mark.long
def test_both_shops_offer_the_same_where_the_budget_binds_neither(shop: Goods, p_buy: list[float]) -> None:
    tonight = night()
    made = []
    for price in ("excluded", "included"):
        assortment = assortment_of(stored(shop, price=price, cost="excluded"), tonight.programme)
        plan = plan_bucket(
            tonight,
            assortment,
            customers(),
            candidates(sorted(p_buy, reverse=True)),
            consent=pd.Series([True], index=[0], dtype=object),
            open_customers=frozenset(),
            policy=depth_rule,
        )
        slots = assign_bucket(plan, tonight, assortment, 0, load_sentences("en")).slots
        made.append(slots[["item_id", "discount_bp", "kind"]].values.tolist())
    assert made[0] == made[1]


@SLOW_LAW
@given(shop=goods, more=st.sampled_from([100, 500, 2000]))
def test_margin_never_rises_by_adding_tax_to_what_was_paid(shop: Goods, more: int) -> None:
    before = stored(shop, price="included", cost="excluded")
    after = before.assign(price_vat_bp=before["price_vat_bp"] + more)
    # Where the cost is assumed, it is a share of the price without VAT, and a loss shrinks with it.
    known = [line for line in lines_of(before) if shop[line[1]][1] is not None]
    if known:
        assert margins_by(after, "product", known)[0] < margins_by(before, "product", known)[0]


@LAW
@given(shop=goods, more=st.sampled_from([100, 500, 2000]))
def test_no_offer_comes_back_by_adding_tax_to_the_same_price(shop: Goods, more: int) -> None:
    before = stored(shop, price="included", cost="excluded")
    after = before.assign(price_vat_bp=before["price_vat_bp"] + more)
    allowed = assortment_of(before, programme()).allowed
    assert not (assortment_of(after, programme()).allowed & ~allowed).any()


@LAW
@given(shop=goods)
def test_the_day_never_knows_a_cost_below_what_the_night_counts_with(shop: Goods) -> None:
    products = stored(shop, price="included", cost="excluded").assign(brand=None, stock=None)
    catalogue = build_catalogue(products, "product")
    rows = product_rows(products, catalogue, products["price_minor"].to_numpy(dtype=np.float64))
    exact = catalogue.items["cost_minor"] * (1 + catalogue.items["vat_bp"] / 10_000)
    over = rows["cost_minor"].astype("float64").to_numpy() - exact.to_numpy()
    assert (np.isnan(over) == exact.isna().to_numpy()).all()
    assert (over[~np.isnan(over)] > -1e-6).all()
    assert (over[~np.isnan(over)] < 1).all()


def test_a_shop_that_declares_no_vat_counts_prices_as_they_stand() -> None:
    shop: Goods = [(1, 0.5, 1900)] * len(NAMES)
    untaxed = stored(shop, price="excluded", cost="excluded")
    unknown = untaxed.drop(columns=["price_vat_bp", "cost_vat_bp"])
    assert build_catalogue(unknown, "product").tax_known is False
    assert build_catalogue(untaxed, "product").tax_known is True
    assert margins_by(unknown, "product") == margins_by(untaxed, "product")
