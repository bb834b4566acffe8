"""An offered item is sold out before it is used: what customers see, what tills take, what comes back."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from engine.day.offers_at_login import offers_at_login
from engine.day.recall_product import recall_product
from engine.day.substitute_items import looked_through, substitute_items
from engine.day.tell_stock import StockRow, tell_stock
from engine.day.till.redeem import redeem, redeem_session
from engine.day.till.rollback import rollback
from engine.day.till.validate import Hold, validate
from engine.domain.funding import Funding
from engine.store import Store
from engine.store.checkout.funded_lines import claims_between
from engine.store.choices.recall_rendering import render_recalled
from engine.store.log.exported_log import all_substitutions
from engine.store.nights.login_views import endings
from engine.store.nights.offerable_products import OfferableRow, stage_bundle_stores, stage_offerable
from engine.store.nights.run_records import current_run
from engine.store.schema import offers
from tests.engine.bundles import NIGHT, day
from tests.engine.shop import NOON, STOCKED, basket, give_favourite, line, publish_shop, rules

SOLD_OUT = "995241"
NEAR = STOCKED[0]._replace(product_id="995250", name="MILK NEAR", price_minor=309, stock=None)
FARTHER = NEAR._replace(product_id="995251", name="MILK FARTHER", price_minor=249)
TOO_DEAR = NEAR._replace(product_id="995252", name="MILK TOO DEAR", price_minor=400)
OTHER_FAMILY = NEAR._replace(
    product_id="995253", name="CREAM", family_2="CREAM", family="CREAM", price_minor=299
)
NOT_AS_DEEP = NEAR._replace(product_id="995254", name="MILK NOT AS DEEP", price_minor=299)
LIQUEUR = NEAR._replace(product_id="995255", name="MILK LIQUEUR", price_minor=299, flags="alcohol")
NEVER_OFFERED = NEAR._replace(product_id="995256", name="MILK NEVER", price_minor=299)
SHELF = (*STOCKED, NEAR, FARTHER, TOO_DEAR, OTHER_FAMILY, NOT_AS_DEEP, LIQUEUR, NEVER_OFFERED)
TEXT = "In the place of what is sold out"
TILL = Hold("330-7-8812", timedelta(minutes=5))


def with_substitutes(most: int = 2) -> str:
    text = rules(share="0.0")
    assert text.count("\nunsold_days = ") == 1
    return text.replace(
        "\nunsold_days = ", f"\nsubstitutes = {most}\nsubstitute_band_bp = 2000\nunsold_days = "
    )


def open_shop(store: Store, *names: str, most: int = 2, shelf: Any = SHELF, **changes: Any) -> None:
    publish_shop(
        store, names or ("anna", "boris"), programme=with_substitutes(most), products=shelf, **changes
    )
    run = current_run(store)
    assert run is not None
    rows = [OfferableRow(one.product_id, "500;1500;2000", None) for one in shelf if one is not NEVER_OFFERED]
    rows = [row._replace(depths_bp="500") if row.product_id == "995254" else row for row in rows]
    stage_offerable(store, run, sorted(rows), TEXT)


def tell(store: Store, *rows: StockRow, now: Any = NOON) -> None:
    tell_stock(store, rows, now=now)
    substitute_items(store, now)


def sold_out(product_id: str = SOLD_OUT, store_id: str | None = None) -> StockRow:
    return StockRow(product_id, store_id, 0)


def seen(store: Store, customer_id: str = "anna", now: Any = NOON) -> dict[str, Any]:
    return dict(json.loads(offers_at_login(store, customer_id, now).body))


def items(store: Store, customer_id: str = "anna", now: Any = NOON) -> list[str]:
    return [one["item"]["id"] for one in seen(store, customer_id, now)["offers"]]


def of(product_id: str, price: int = 309) -> Any:
    return replace(line(1, price=price), product_id=product_id)


def test_the_customer_sees_what_stands_in_at_its_own_price_and_why(store: Store) -> None:
    open_shop(store)
    before = seen(store)["offers"][1]
    tell(store, sold_out())
    after = seen(store)["offers"][1]
    assert after == {
        **before,
        "item": {"id": "995250", "name": "MILK NEAR"},
        "price_minor": 309,
        "offer_price_minor": 263,
        "reason": {"code": "substitute", "text": TEXT},
        "substitute_for": {
            "item": {"id": SOLD_OUT, "name": "FLUID MILK WHITE ONLY 1 GA"},
            "reason": before["reason"],
        },
    }
    assert seen(store, "boris")["offers"][1]["item"]["id"] == "995250"


def test_back_on_the_shelf_every_answer_is_as_it_was_to_the_byte(store: Store) -> None:
    open_shop(store)
    before = offers_at_login(store, "anna", NOON)
    tell(store, sold_out())
    tell(store, StockRow(SOLD_OUT, None, 7))
    assert offers_at_login(store, "anna", NOON) == before


def test_a_programme_without_substitutes_shows_none(store: Store) -> None:
    open_shop(store, most=0)
    before = offers_at_login(store, "anna", NOON)
    tell(store, sold_out())
    assert offers_at_login(store, "anna", NOON) == before


def test_at_the_till_the_item_or_what_stands_in_counts_and_not_both(store: Store) -> None:
    open_shop(store)
    tell(store, sold_out())
    done = validate(store, basket(of("995250"), replace(line(1), line_id="2", product_id=SOLD_OUT)), now=NOON)
    assert [(one.product_id, one.offer_id, one.discount_minor) for one in done.receipt.lines] == [
        ("995250", "o_1", 46)
    ]
    original = validate(store, basket(line(1)), now=NOON)
    assert [(one.product_id, one.discount_minor) for one in original.receipt.lines] == [(SOLD_OUT, 45)]


def test_its_saving_is_bounded_by_its_own_price_as_it_was_shown(store: Store) -> None:
    open_shop(store)
    tell(store, sold_out())
    done = validate(store, basket(of("995250", price=999)), now=NOON)
    rise = 309 * (10_000 + 2_000) // 10_000
    assert done.receipt.discount_minor == (rise * 1500 + 5000) // 10_000


def test_used_once_the_slot_is_used_and_the_answer_says_by_what(store: Store) -> None:
    open_shop(store)
    tell(store, sold_out())
    bought = redeem(store, basket(of("995250")), now=NOON)
    shown = seen(store)
    assert (shown["offers"][1]["state"], shown["offers"][1]["item"]["id"]) == ("redeemed", "995250")
    assert shown["bundle"]["slots_used"] == 1
    assert dict(validate(store, basket(line(1)), now=NOON).receipt.not_applied)["o_1"] == "already_redeemed"
    tell(store, StockRow(SOLD_OUT, None, None))
    assert seen(store)["offers"][1]["item"]["id"] == "995250"
    rollback(store, bought.redemption_id, now=NOON)
    assert (seen(store)["offers"][1]["item"]["id"], seen(store)["bundle"]["slots_used"]) == (SOLD_OUT, 0)


def test_used_for_the_item_itself_the_answer_shows_the_item(store: Store) -> None:
    open_shop(store)
    tell(store, sold_out())
    redeem(store, basket(line(1)), now=NOON)
    assert items(store)[1] == SOLD_OUT


def test_two_tills_at_once_use_the_slot_once(store: Store) -> None:
    open_shop(store)
    tell(store, sold_out())
    validate(store, basket(of("995250")), now=NOON, hold=TILL)
    other = validate(store, basket(line(1)), now=NOON, hold=Hold("330-8-1", timedelta(minutes=5)))
    assert dict(other.receipt.not_applied)["o_1"] == "reserved_elsewhere"
    assert seen(store)["offers"][1]["state"] == "reserved"
    assert redeem_session(store, TILL.key, now=NOON).receipt.discount_minor == 46


def test_what_was_shown_in_the_morning_counts_to_the_end_of_the_day_on_which_the_item_is_back(
    store: Store,
) -> None:
    open_shop(store)
    tell(store, sold_out())
    tell(store, StockRow(SOLD_OUT, None, 9))
    assert validate(store, basket(of("995250")), now=NOON + timedelta(hours=5)).receipt.discount_minor == 46
    assert validate(store, basket(of("995250")), now=day(6)).receipt.discount_minor == 0


def test_what_the_customer_has_already_does_not_stand_in(store: Store) -> None:
    open_shop(store)
    give_favourite(store, "anna", "995250")
    tell(store, sold_out())
    assert (items(store)[1], items(store, "boris")[1]) == ("995251", "995250")


def test_so_many_offers_of_a_bundle_have_a_stand_in_as_the_programme_says(store: Store) -> None:
    open_shop(store)
    tell(store, sold_out("995240"), sold_out("995241"), sold_out("995242"))
    assert items(store) == ["995250", "995251", "995242", "995243", "995244"]


def test_a_stand_in_that_is_sold_out_itself_gives_way_to_the_next(store: Store) -> None:
    open_shop(store)
    tell(store, sold_out())
    tell(store, sold_out("995250"))
    assert items(store)[1] == "995251"
    tell(store, sold_out("995251"))
    assert items(store)[1] == SOLD_OUT


def test_it_is_promised_to_no_more_than_there_is_of_it(store: Store) -> None:
    open_shop(store)  # four units an offer
    tell(store, StockRow("995250", None, 7), sold_out())
    assert (items(store)[1], items(store, "boris")[1]) == ("995250", "995251")


def test_sold_out_in_one_store_concerns_who_shops_there(store: Store) -> None:
    open_shop(store, "anna", "boris", "cleo")
    run = current_run(store)
    assert run is not None
    stage_bundle_stores(store, run, [("anna", "330"), ("boris", "7"), ("zoe", "330")])
    tell(store, sold_out(store_id="330"))
    assert [items(store, name)[1] for name in ("anna", "boris", "cleo")] == ["995250", SOLD_OUT, SOLD_OUT]
    tell(store, sold_out())
    tell(store, StockRow(SOLD_OUT, "7", None), now=NOON + timedelta(minutes=1))
    assert [items(store, name)[1] for name in ("anna", "boris", "cleo")] == ["995250", SOLD_OUT, "995250"]


def test_a_recalled_product_stands_in_for_nothing(store: Store) -> None:
    open_shop(store)
    tell(store, sold_out())
    recall_product(store, "995250", reason="Recalled by its maker.", now=NOON)
    assert validate(store, basket(of("995250")), now=NOON).receipt.discount_minor == 0
    render_recalled(store, NOON)
    substitute_items(store, NOON)
    assert items(store)[1] == "995251"


def test_what_rests_after_the_last_bundle_does_not_stand_in(store: Store) -> None:
    open_shop(store, "anna", night=NIGHT - timedelta(days=7))
    with store.writing() as connection:  # last week's bundle held it
        connection.execute(update(offers).where(offers.c.slot == 4).values(item_id="995250"))
    open_shop(store, "anna")
    tell(store, sold_out())
    assert items(store)[1] == "995251"


def test_a_supplier_pays_nothing_for_what_stood_in(store: Store) -> None:
    pays = Funding("ACME", "A-1", 5000, None, 0)
    open_shop(store, fundings={1: pays})
    tell(store, sold_out())
    redeem(store, basket(of("995250")), now=NOON)
    assert claims_between(store, day(5), day(6)) == []


def test_killed_in_the_middle_it_goes_on_where_it_was(store: Store) -> None:
    open_shop(store)
    tell_stock(store, [sold_out()], now=NOON)
    assert next(looked_through(store, NOON, at_once=1)) == 1
    assert (items(store)[1], items(store, "boris")[1]) == ("995250", SOLD_OUT)
    substitute_items(store, NOON)
    assert items(store, "boris")[1] == "995250"


def test_a_server_that_looks_once_a_second_notices(store: Store) -> None:
    open_shop(store)
    last = endings(store)
    tell(store, sold_out())
    assert endings(store) != last


def test_what_stood_in_when_and_why_is_kept(store: Store) -> None:
    open_shop(store, "anna")
    tell(store, sold_out())
    tell(store, sold_out("995250"), now=NOON + timedelta(hours=1))
    tell(store, StockRow(SOLD_OUT, None, None), now=NOON + timedelta(hours=2))
    hour = [NOON + timedelta(hours=number) for number in range(3)]
    assert [one[2:] for one in all_substitutions(store)] == [
        ("o_1", SOLD_OUT, "995250", 309, 1500, "", "gone", hour[0], hour[1]),
        ("o_1", SOLD_OUT, "995251", 249, 1500, "", "back", hour[1], hour[2]),
    ]


def test_a_row_about_a_product_that_the_shop_does_not_have_is_named_and_left_out(store: Store) -> None:
    open_shop(store)
    told = tell_stock(store, [StockRow("4711", None, 0), sold_out()], now=NOON)
    assert (told.accepted, told.unknown) == (1, ("4711",))


def test_a_load_that_is_newer_than_what_was_told_counts(store: Store) -> None:
    open_shop(store)
    tell(store, sold_out(), now=day(3))  # the night's data are of the fourth and say nine
    assert items(store)[1] == SOLD_OUT


@pytest.mark.parametrize("units", [3, None])
def test_what_was_never_sold_out_is_left_alone(store: Store, units: int | None) -> None:
    open_shop(store)
    before = offers_at_login(store, "anna", NOON)
    tell(store, StockRow(SOLD_OUT, None, units))
    assert offers_at_login(store, "anna", NOON) == before
