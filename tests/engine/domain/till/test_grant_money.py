"""What grants pay of a basket, and that it sums to the cent."""

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.eligibility import UNCONFIRMED
from engine.domain.favourite_rules import Product
from engine.domain.money import apportioned
from engine.domain.till.basket import BasketLine, Unit
from engine.domain.till.basket_pricing import PricingRules, WhyNot, price_basket
from engine.domain.till.grant_money import Purse, pay, to_pay

MINOR = st.integers(0, 10**7)
RULES = PricingRules(
    promotion_first=False,
    price_rise_bp=0,
    price_floor_minor=1,
    margin_floor_bp=0,
    excluded_flags=frozenset({"tobacco", UNCONFIRMED}),
    excluded_families=frozenset({"BOOKS"}),
    default_margin_bp=3000,
    family_margins_bp={},
    too_young_for=frozenset({"alcohol"}),
)


def product(name: str, *flags: str, family: str = "FOOD") -> Product:
    return Product(name, name, (family,), frozenset(flags), 100, None, None)


def line(name: str, price: int = 100, promo: int = 0) -> BasketLine:
    return BasketLine(name, name, 1000, Unit.PIECE, price, promo)


def costs(*lines: BasketLine, recalled: frozenset[str] = frozenset()) -> list[int]:
    known = {
        one.id: one
        for one in (
            product("bread"),
            product("milk"),
            product("wine", "alcohol"),
            product("cigarettes", "tobacco"),
            product("postage", UNCONFIRMED),
            product("novel", family="BOOKS"),
        )
    }
    priced = price_basket(lines, [], known, RULES, free_slots={}, units_left_milli=0)
    return to_pay(lines, priced, known, RULES, recalled)


def test_the_largest_remainders_get_the_cents_that_are_left() -> None:
    assert apportioned(100, [1, 1, 1]) == [34, 33, 33]
    assert apportioned(500, [299, 150, 99]) == [273, 137, 90]
    assert apportioned(0, [0, 0]) == [0, 0]


def test_a_line_is_paid_after_the_tills_own_promotion() -> None:
    assert costs(line("bread", 250, promo=50), line("milk", 99)) == [200, 99]


def test_goods_that_get_no_discount_by_law_or_programme_or_are_unknown_are_not_paid_for() -> None:
    names = ("wine", "cigarettes", "postage", "novel", "nobody-knows-it", "bread")
    assert costs(*map(line, names)) == [0, 0, 0, 0, 0, 100]
    assert costs(line("bread"), line("milk"), recalled=frozenset({"milk"})) == [100, 0]


def test_the_grant_that_comes_first_pays_first_and_the_rest_keeps_its_money() -> None:
    paid = pay([Purse("g_1", 150), Purse("g_2", 500), Purse("g_3", 10)], [200, 100])
    assert paid.parts == (("g_1", 0, 100), ("g_1", 1, 50), ("g_2", 0, 100), ("g_2", 1, 50))
    assert paid.not_used == (("g_3", WhyNot.NOTHING_TO_PAY),)


def test_a_grant_that_another_basket_holds_pays_nothing() -> None:
    paid = pay([Purse("g_1", 150, WhyNot.RESERVED)], [200])
    assert (paid.parts, paid.not_used) == ((), (("g_1", WhyNot.RESERVED),))


@given(st.lists(MINOR, min_size=1, max_size=30), MINOR)
def test_parts_sum_to_the_whole_and_none_is_above_its_line(weights: list[int], amount: int) -> None:
    whole = min(amount, sum(weights))
    parts = apportioned(whole, weights)
    assert sum(parts) == whole
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@given(st.lists(st.integers(1, 10**6), max_size=4), st.lists(MINOR, max_size=12))
def test_grants_pay_as_much_as_they_can_and_no_line_more_than_it_costs(
    amounts: list[int], lines: list[int]
) -> None:
    paid = pay([Purse(f"g_{place}", amount) for place, amount in enumerate(amounts)], lines)
    assert sum(part for _, _, part in paid.parts) == min(sum(amounts), sum(lines))
    for place, cost in enumerate(lines):
        assert sum(part for _, where, part in paid.parts if where == place) <= cost
    for place, amount in enumerate(amounts):
        assert sum(part for name, _, part in paid.parts if name == f"g_{place}") <= amount
