from dataclasses import replace

import pytest

from engine.domain.favourite_rules import Product
from engine.domain.offer_errors import Refused
from engine.domain.till.basket import BasketLine, Unit, check_basket
from engine.domain.till.basket_pricing import Deal, Priced, PricingRules, StoodIn, WhyNot, price_basket

RULES = PricingRules(
    promotion_first=False,
    price_rise_bp=2_000,
    price_floor_minor=50,
    margin_floor_bp=500,
    excluded_flags=frozenset({"alcohol"}),
    excluded_families=frozenset(),
    default_margin_bp=3_000,
    family_margins_bp={"SALE": 1_000},
)
MILK = Deal("milk", frozenset({"1"}), False, 1_500, 299, 4_000, bundle_no=1)
BREAD = Deal("bread", frozenset({"2"}), False, 1_000, 300, 4_000, bundle_no=1)
FAVOURITE = Deal("favourite", frozenset({"1"}), False, 3_000, 299, 2_000, bundle_no=None)
DAIRY = Deal("dairy", frozenset({"DAIRY"}), True, 2_000, None, 4_000, bundle_no=1)
YOGHURT = Product("3", "YOGHURT", ("FOOD", "DAIRY"), frozenset(), 100, None, None)


def item(
    product: str = "1", pieces: int = 1, *, price: int = 299, promo: int = 0, line: str = ""
) -> BasketLine:
    return BasketLine(line or product, product, pieces * 1_000, Unit.PIECE, price, promo)


def kilos(milli: int, *, price: int = 299) -> BasketLine:
    return BasketLine("1", "1", milli, Unit.KG, price)


def priced(
    *lines: BasketLine,
    deals: tuple[Deal, ...] = (MILK, BREAD),
    rules: PricingRules = RULES,
    slots: int = 5,
    units: int = 100,
    products: tuple[Product, ...] = (YOGHURT,),
) -> Priced:
    return price_basket(
        lines,
        deals,
        {product.id: product for product in products},
        rules,
        free_slots={1: slots},
        units_left_milli=units * 1_000,
    )


def saved(done: Priced) -> dict[str, int]:
    return {one.line.line_id: one.discount_minor for one in done.applied}


def why(done: Priced, offer: str = "milk") -> WhyNot:
    return dict(done.not_applied)[offer]


def test_the_documented_basket_saves_what_the_documentation_says() -> None:
    done = priced(item(pieces=2))
    assert (saved(done), why(done, "bread")) == ({"1": 90}, WhyNot.NOT_IN_BASKET)


def test_units_beyond_the_cap_cost_their_full_price() -> None:
    done = priced(item(pieces=6))
    assert (done.applied[0].units_milli, saved(done)) == (4_000, {"1": 180})


def test_the_cap_is_of_the_offer_and_not_of_the_line() -> None:
    done = priced(item(pieces=3), item(pieces=3, line="again"))
    assert saved(done) == {"1": 135, "again": 45}


@pytest.mark.parametrize(("milli", "discount"), [(1_000, 45), (333, 15), (1_234, 56), (12, 1), (4_500, 180)])
def test_weighed_goods_save_one_kilograms_discount_times_the_weight(milli: int, discount: int) -> None:
    assert saved(priced(kilos(milli))) == {"1": discount}


def test_a_weight_too_small_to_save_anything_takes_no_slot() -> None:
    done = priced(kilos(11), item("2", price=300), slots=1)
    assert saved(done) == {"2": 30}
    assert why(done) is WhyNot.PRICE_FLOOR


@pytest.mark.parametrize(("promo", "expected"), [(44, {"1": 45}), (45, {}), (120, {})])
def test_the_better_of_offer_and_promotion_counts_and_a_tie_is_the_promotions(
    promo: int, expected: dict[str, int]
) -> None:
    done = priced(item(promo=promo))
    assert saved(done) == expected
    assert expected or why(done) is WhyNot.PROMO


def test_a_promoted_line_takes_no_slot() -> None:
    done = priced(item(promo=200), item("2", price=300), slots=1)
    assert saved(done) == {"2": 30}


def test_promotion_first_leaves_promoted_lines_to_the_till() -> None:
    done = priced(item(promo=1), item(line="plain"), rules=replace(RULES, promotion_first=True))
    assert saved(done) == {"plain": 45}


def test_the_deeper_of_two_offers_counts_and_the_other_says_so() -> None:
    done = priced(item(), deals=(MILK, FAVOURITE))
    assert saved(done) == {"1": 90}
    assert why(done) is WhyNot.BETTER_OFFER


def test_an_offer_takes_over_where_the_favourites_units_are_used_up() -> None:
    done = priced(item(pieces=2), item(line="third"), deals=(MILK, FAVOURITE))
    assert [(one.line.line_id, one.deal.offer_id) for one in done.applied] == [
        ("1", "favourite"),
        ("third", "milk"),
    ]


def test_the_discount_counts_on_the_price_at_the_shelf() -> None:
    assert saved(priced(item(price=200))) == {"1": 30}


def test_a_shelf_price_far_above_the_one_shown_is_not_subsidised() -> None:
    assert saved(priced(item(price=2_990))) == {"1": 54}  # 15 % of 2.99 and a fifth more


@pytest.mark.parametrize(("price", "expected"), [(60, {"1": 9}), (57, {"1": 7}), (51, {"1": 1})])
def test_no_offer_price_goes_below_the_floor(price: int, expected: dict[str, int]) -> None:
    assert saved(priced(item(price=price))) == expected


def test_at_the_floor_itself_there_is_nothing_to_save() -> None:
    assert why(priced(item(price=50))) is WhyNot.PRICE_FLOOR


def test_a_family_is_discounted_product_by_product() -> None:
    done = priced(item("3", price=100), deals=(DAIRY,))
    assert saved(done) == {"3": 20}


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"flags": frozenset({"alcohol"})}, WhyNot.EXCLUDED),
        ({"cost_minor": 77}, WhyNot.MARGIN_FLOOR),
        ({"families": ("FOOD", "DAIRY", "SALE")}, WhyNot.MARGIN_FLOOR),
        ({"families": ("FOOD",)}, WhyNot.NOT_IN_BASKET),
    ],
)
def test_floors_and_exclusions_of_a_family_hold_for_each_product(
    changes: dict[str, object], key: WhyNot
) -> None:
    product = Product(**(vars(YOGHURT) | changes))  # type: ignore[arg-type] - literal data of one product
    assert why(priced(item("3", price=100), deals=(DAIRY,), products=(product,)), "dairy") is key


def test_a_product_the_shop_does_not_know_is_of_no_family() -> None:
    done = priced(item("77", price=100), deals=(DAIRY,))
    assert why(done, "dairy") is WhyNot.NOT_IN_BASKET


def test_a_blocked_offer_says_why_and_nothing_else() -> None:
    done = priced(item(), deals=(replace(MILK, blocked=WhyNot.RESERVED),))
    assert why(done) is WhyNot.RESERVED


def test_without_units_left_today_nothing_applies() -> None:
    assert why(priced(item(), units=0)) is WhyNot.TOO_MANY_UNITS


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((item(), item()), "Line 1 is there twice"),
        ((item(pieces=0),), "more than zero"),
        ((item(pieces=-1),), "Goods that come back are rolled back"),
        ((BasketLine("1", "1", 1_500, Unit.PIECE, 299),), "whole thousands for pieces"),
        ((item(promo=300),), "promoted by 300 of 299"),
    ],
)
def test_a_basket_that_cannot_be_is_refused(lines: tuple[BasketLine, ...], said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        check_basket(lines)
    assert refused.value.key == "basket_impossible"


DAILY_MILK = replace(MILK, offer_id="daily", discount_bp=2_000, bundle_no=2)


def test_an_item_in_two_bundles_gets_the_better_discount_and_takes_that_bundles_slot() -> None:
    done = price_basket(
        [item()], (MILK, DAILY_MILK), {}, RULES, free_slots={1: 1, 2: 1}, units_left_milli=9_000
    )
    assert (saved(done), why(done)) == ({"1": 60}, WhyNot.BETTER_OFFER)


def test_further_lines_of_that_item_do_not_take_the_other_bundles_slot_too() -> None:
    lines = [item(pieces=4), item(pieces=4, line="again")]
    done = price_basket(lines, (MILK, DAILY_MILK), {}, RULES, free_slots={1: 1, 2: 1}, units_left_milli=9_000)
    assert ([one.deal.offer_id for one in done.applied], why(done)) == (["daily"], WhyNot.BETTER_OFFER)


def test_where_the_better_bundle_has_no_slot_left_the_other_one_counts() -> None:
    done = price_basket(
        [item()], (MILK, DAILY_MILK), {}, RULES, free_slots={1: 1, 2: 0}, units_left_milli=9_000
    )
    assert (saved(done), why(done, "daily")) == ({"1": 45}, WhyNot.SLOTS)


def test_each_bundle_has_slots_of_its_own() -> None:
    done = price_basket(
        [item(), item("2", price=300)],
        (BREAD, DAILY_MILK),
        {},
        RULES,
        free_slots={1: 1, 2: 1},
        units_left_milli=9_000,
    )
    assert saved(done) == {"1": 60, "2": 30}


def test_what_stands_in_for_one_bundles_item_is_not_discounted_by_another_bundles_offer_too() -> None:
    standing = replace(DAILY_MILK, items=frozenset({"9"}), stood_in=(StoodIn("1", 299),))
    lines = [item(pieces=4), item(pieces=4, line="again")]
    done = price_basket(lines, (MILK, standing), {}, RULES, free_slots={1: 1, 2: 1}, units_left_milli=9_000)
    assert ([one.deal.offer_id for one in done.applied], why(done)) == (["daily"], WhyNot.BETTER_OFFER)
