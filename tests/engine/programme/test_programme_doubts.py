from dataclasses import replace

import pytest

from engine.programme import parse_programme, programme_text
from engine.programme.programme_doubts import doubts
from engine.programme.proposed_programme import propose_programme, to_confirm
from models.ground.shop_figures import ShopFigures

GROCER = ShopFigures("EUR", 97, 220, 517, 8_229_084, 2_318, frozenset({"DAIRY"}), frozenset({"alcohol"}))
ROUBLES = ShopFigures(
    "RUB", 6_000, 9_000, 40_000, 500_000_000, 5_000, frozenset({"DAIRY"}), frozenset({"own_brand"})
)


def found(figures: ShopFigures, *changes: tuple[str, str]) -> dict[str, str]:
    text = programme_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return {one.key: one.sentence for one in doubts(parse_programme(text, "x"), figures)}


def test_the_shipped_programme_suits_a_grocer_who_counts_in_euros() -> None:
    assert found(GROCER) == {}


def test_the_shipped_amounts_starve_a_rouble_shop() -> None:
    assert found(ROUBLES) == {
        "budget.amount_minor": "6,000.00 RUB a week are enough for bundles of about 873 of 5,000 customers; all of them "
        "need about 34,363.64 RUB.",
        "favourite.max_price_minor": "20.00 RUB, but nine tenths of purchases cost 60.00 RUB or more: customers find "
        "little to pick.",
        "favourite.budget.amount_minor": "2,000.00 RUB a week are enough for the favourites of about 111 of 5,000 customers; "
        "after them nobody can pick one.",
    }


@pytest.mark.parametrize("figures", [GROCER, ROUBLES], ids=["euros", "roubles"])
def test_what_is_proposed_raises_no_doubt(figures: ShopFigures) -> None:
    assert doubts(parse_programme(propose_programme(figures), "x"), figures) == []


def test_alcohol_that_no_product_is_marked_as_is_said_to_be_offered() -> None:
    unmarked = replace(GROCER, flags=frozenset())
    assert found(unmarked)["exclusions.flags"].startswith(
        "no product bears a flag, so alcohol and tobacco are offered like all others: give the products table a column flags"
    )
    assert (
        found(unmarked, ("families = []               # names of any level", 'families = ["DAIRY"]  #')) == {}
    )
    sells_none = ('flags = ["alcohol", "tobacco", "partner"]', 'flags = ["partner"]')
    assert found(unmarked, sells_none) == {}


def test_what_is_proposed_for_products_without_flags_asks_about_the_excluded_ones() -> None:
    text = propose_programme(replace(GROCER, flags=frozenset()))
    assert to_confirm(text)[0].startswith(
        "exclusions.flags = alcohol, tobacco, partner; no product bears a flag"
    )
    assert parse_programme(text, "x").exclusions.flags == ("alcohol", "tobacco", "partner")


@pytest.mark.parametrize(
    ("timezone", "country", "why"),
    [
        ("Europe/Berlin", "DE", "law.country = by the time zone Europe/Berlin"),
        ("UTC", "strictest", "law.country = all rules known: UTC is the zone of no country"),
    ],
)
def test_the_law_of_the_shops_time_zone_is_proposed_for_confirmation(
    timezone: str, country: str, why: str
) -> None:
    text = propose_programme(GROCER, timezone)
    law = parse_programme(text, "x").law
    assert law is not None
    assert law.country == country
    assert any(one.startswith(why) for one in to_confirm(text))


def test_a_tenth_of_a_percent_is_named_as_what_it_saves() -> None:
    depths = ("bp = [1000, 1500, 2000]", "bp = [10, 15, 2000]")
    assert found(GROCER, depths)["depths.bp"] == (
        "15 bp are 0.15 % off, 0.00 EUR of the middle price 2.20 EUR; for 15 % write 1500."
    )


def test_favourites_from_a_price_that_few_pay_leave_little_to_pick() -> None:
    low = ("min_price_minor = 50 ", "min_price_minor = 500 ")
    assert "half of purchases cost 2.20 EUR at most" in found(GROCER, low)["favourite.min_price_minor"]
