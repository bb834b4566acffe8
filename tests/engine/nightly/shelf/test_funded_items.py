"""Which agreement pays for an item tonight, and what the shop's own part may be."""

from datetime import date

import numpy as np
import pandas as pd

from engine.nightly.shelf.assortment import build_assortment
from engine.nightly.shelf.funded_items import NOBODY, FundedItems, funded_items
from engine.programme import parse_programme, programme_text
from models.features.catalogue import Catalogue, build_catalogue

FIRST, LAST = date(2024, 4, 1), date(2024, 4, 14)
PRODUCTS = pd.DataFrame(
    {
        "product_no": [0, 1, 2],
        "product_id": ["bread", "milk", "yoghurt"],
        "name": ["Bread", "Milk", "Yoghurt"],
        "family_1": ["BAKERY", "DAIRY", "DAIRY"],
        **dict.fromkeys(("family_2", "family_3", "family_4", "brand"), None),
        "price_minor": [200, 100, 100],
        "cost_minor": [100, 90, 90],
        "introduced_on": None,
        "flags": "",
        "merchandise": True,
    }
)
NAMES = ("funder", "agreement", "product_id", "family", "starts_on", "ends_on", "funded_bp", "budget_minor", "unit_cap_minor")  # fmt: skip
DAIRY = ("Dairy", "A-7", None, "DAIRY", date(2024, 4, 1), date(2024, 4, 14), 5000, 1000, None)
MILK = ("Dairy", "B-1", "milk", None, date(2024, 1, 1), date(2024, 12, 31), 2000, 1000, 3)


def catalogue(level: str = "product") -> Catalogue:
    return build_catalogue(PRODUCTS, level)


def found(*rows: tuple[object, ...], level: str = "product", promised: int = 0) -> FundedItems | None:
    fundings = pd.DataFrame(rows, columns=list(NAMES))
    return funded_items(fundings, catalogue(level), FIRST, LAST, {("Dairy", "A-7"): promised})


def test_a_products_own_row_comes_before_its_familys_and_a_cap_holds() -> None:
    funded = found(DAIRY, MILK)
    assert funded is not None
    assert funded.agreements == (("Dairy", "A-7"), ("Dairy", "B-1"))
    assert funded.agreement_no.tolist() == [NOBODY, 1, 0]
    assert funded.of_unit(np.full((3, 1), 25)).tolist() == [[0], [3], [12]]


def test_the_larger_part_comes_first_and_a_family_is_funded_as_an_item() -> None:
    larger = ("Mill", "C", None, "DAIRY", date(2024, 4, 1), date(2024, 4, 14), 6000, 1000, None)
    funded = found(DAIRY, larger, level="family_1")
    assert funded is not None
    assert funded.agreements == (("Mill", "C"),)
    assert funded.agreement_no.tolist() == [NOBODY, 0]


def test_an_agreement_that_ends_before_the_last_day_of_a_bundle_or_is_used_up_pays_nothing() -> None:
    assert found((*DAIRY[:5], date(2024, 4, 13), *DAIRY[6:])) is None
    assert found((*DAIRY[:4], date(2024, 4, 2), *DAIRY[5:])) is None
    assert found(DAIRY, promised=990_000) is None
    nearly = found(DAIRY, promised=989_999)
    assert nearly is not None
    assert nearly.left_milli.tolist() == [10_001]


def test_the_margin_floor_is_held_by_the_shops_own_part() -> None:
    rules = parse_programme(programme_text(), "the shipped programme")
    items = catalogue().items.assign(unit_price_minor=np.nan)
    alone = build_assortment(items, rules)
    all_of_it = (*DAIRY[:6], 10_000, *DAIRY[7:])
    helped = build_assortment(items, rules, funded=found(all_of_it))
    milk = 1
    assert not alone.allowed[milk].all(), "a margin of a tenth bears no deep discount"
    assert helped.allowed[milk].all()
    assert helped.own_minor[milk].tolist() == [0] * len(helped.depths_bp)
    assert helped.discount_minor[milk].all()
    assert alone.own_minor.tolist() == alone.discount_minor.tolist()
