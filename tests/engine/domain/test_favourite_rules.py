from dataclasses import replace

import pytest

from engine.domain.favourite_rules import FavouriteRules, Product, Refusal, expected_cost_milli, substitutes

RULES = FavouriteRules(
    discount_bp=3000,
    min_price_minor=50,
    max_price_minor=2000,
    margin_floor_bp=0,
    flags=frozenset({"alcohol", "tobacco", "partner"}),
    families=frozenset({"FLOWERS"}),
    default_margin_bp=3000,
    family_margins_bp={"DAIRY": 2000, "CHEESE": 4000},
)
BANANAS = Product("1082185", "BANANAS", ("GROCERY", "FRUIT"), frozenset(), 96, None, None)


def test_an_ordinary_product_may_be_picked() -> None:
    assert RULES.refusal(BANANAS) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"flags": frozenset({"delisted", "alcohol"})}, Refusal.DELISTED),
        ({"flags": frozenset({"alcohol", "own_brand"})}, Refusal.ALCOHOL),
        ({"flags": frozenset({"tobacco"})}, Refusal.TOBACCO),
        ({"flags": frozenset({"partner"})}, Refusal.PARTNER),
        ({"families": ("GARDEN", "FLOWERS")}, Refusal.EXCLUDED_FAMILY),
        ({"flags": frozenset({"fuel"})}, Refusal.NOT_OFFERED),
        ({"price_minor": None}, Refusal.NOT_OFFERED),
        ({"price_minor": 2001}, Refusal.TOO_EXPENSIVE),
        ({"price_minor": 49}, Refusal.TOO_CHEAP),
        ({"cost_minor": 68}, Refusal.NOT_OFFERED),
        ({"families": ("DAIRY", "MILK")}, Refusal.NOT_OFFERED),
    ],
)
def test_a_product_is_refused_with_its_reason(change: dict[str, object], reason: Refusal) -> None:
    assert RULES.refusal(replace(BANANAS, **change)) is reason  # type: ignore[arg-type] - one literal change


@pytest.mark.parametrize(
    "change",
    [
        {"price_minor": 2000},
        {"price_minor": 50},
        {"cost_minor": 67},  # 96 less 30 % is 67
        {"families": ("DAIRY", "CHEESE")},
        {"flags": frozenset({"own_brand"})},
        {"stock": 0},
    ],
)
def test_what_is_just_within_the_rules_may_be_picked(change: dict[str, object]) -> None:
    assert RULES.refusal(replace(BANANAS, **change)) is None  # type: ignore[arg-type] - one literal change


def test_only_a_stock_that_the_shop_names_can_be_used_up() -> None:
    assert [replace(BANANAS, stock=stock).is_sold_out for stock in (None, 1, 0, -2)] == [
        False,
        False,
        True,
        True,
    ]


def test_substitutes_are_of_the_same_family_at_a_similar_price_and_the_nearest_first() -> None:
    fruit = [
        replace(BANANAS, id=name, price_minor=price, **more)  # type: ignore[arg-type] - literal products
        for name, price, more in (
            ("organic", 110, {}),
            ("small", 96, {}),
            ("premium", 116, {}),  # 20.8 % dearer
            ("gone", 96, {"stock": 0}),
            ("dried", 96, {"families": ("GROCERY", "DRIED FRUIT")}),
            ("punch", 96, {"flags": frozenset({"alcohol"})}),
            ("tiny", 90, {}),
        )
    ]
    found = substitutes(BANANAS, [BANANAS, *fruit], RULES, at_most=3, price_band_bp=2000)
    assert [product.id for product in found] == ["small", "tiny", "organic"]
    assert len(substitutes(BANANAS, fruit, RULES, at_most=1, price_band_bp=2000)) == 1


def test_a_product_without_price_or_family_has_no_substitutes() -> None:
    for bare in (replace(BANANAS, price_minor=None), replace(BANANAS, families=())):
        assert substitutes(bare, [replace(bare, id="other")], RULES, at_most=3, price_band_bp=10_000) == ()


def test_the_expected_cost_is_the_discount_of_the_units_a_favourite_sells() -> None:
    assert expected_cost_milli(96, 3000, 3) == 29 * 3 * 1000
