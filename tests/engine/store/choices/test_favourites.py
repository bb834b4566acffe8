from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from engine.domain.favourite_promise import Promise, PromisedFavourite
from engine.store import Store
from engine.store.choices.favourites import (
    EVERYBODY,
    Chosen,
    Suggestions,
    add_favourite,
    end_favourite,
    give_back,
    history_of,
    planned_milli,
    sold_as_favourites,
    stage_suggestions,
    suggestions_of,
    take_from_line,
    units_of_ended_favourites,
)
from engine.store.schema import moment_us
from engine.store.schema.checkout_tables import redemption_lines, redemptions, rollbacks
from tests.engine.bundles import MONDAY, begin, day

MILK = PromisedFavourite(
    Promise("f_1", "995242", day(4), day(5), day(15), 90_000), "FLUID MILK", 299, 3000, 4
)


def choice(made: PromisedFavourite = MILK, number: int = 1) -> Chosen:
    return Chosen(made, date(2017, 12, 4), number, "treated")


def test_a_favourite_comes_back_as_it_was_written(store: Store) -> None:
    add_favourite(store, "anna", choice())
    assert history_of(store, "anna") == (MILK,)
    assert history_of(store, "bert") == ()


def test_the_same_choice_of_a_day_cannot_be_made_twice(store: Store) -> None:
    add_favourite(store, "anna", choice())
    again = replace(MILK, promise=Promise("f_2", "1", day(4), day(5), day(15)))
    with pytest.raises(IntegrityError):
        add_favourite(store, "anna", choice(again))
    assert history_of(store, "anna") == (MILK,)


def test_an_earlier_end_keeps_the_row(store: Store) -> None:
    add_favourite(store, "anna", choice())
    end_favourite(store, "anna", MILK.promise.until(day(7)))
    (found,) = history_of(store, "anna")
    assert (found.promise.valid_to, found.promise.expected_cost_milli) == (day(7), 18_000)


def test_a_line_is_never_overspent_and_takes_back_what_is_given_back(store: Store) -> None:
    assert take_from_line(store, MONDAY, 60, 100)
    assert not take_from_line(store, MONDAY, 41, 100)
    assert take_from_line(store, MONDAY, 40, 100)
    give_back(store, MONDAY, 30)
    assert planned_milli(store, MONDAY) == 70
    assert planned_milli(store, day(11)) == 0


def test_of_choices_made_in_parallel_as_many_pass_as_the_line_has_room_for(store: Store) -> None:
    with ThreadPoolExecutor(8) as people:
        passed = list(people.map(lambda _: take_from_line(store, MONDAY, 10, 55), range(16)))
    assert (sum(passed), planned_milli(store, MONDAY)) == (5, 50)


def test_suggestions_are_each_customers_own_and_everybodys(store: Store) -> None:
    run = begin(store)
    stage_suggestions(store, run, [(EVERYBODY, '["1"]'), ("anna", '["2", "3"]'), ("carl", "null")])
    assert suggestions_of(store, run.run_no, "anna") == Suggestions(
        known=True, allowed=True, own=("2", "3"), popular=("1",)
    )
    assert suggestions_of(store, run.run_no, "bert") == Suggestions(
        known=False, allowed=False, own=(), popular=("1",)
    )
    assert suggestions_of(store, run.run_no, "carl") == Suggestions(
        known=True, allowed=False, own=(), popular=("1",)
    )


def sell(
    store: Store, favourite_no: int, units_milli: int, discount: int, *, taken_back: bool = False
) -> None:
    """One line of a favourite at a till on 6 December."""
    with store.writing("anna") as connection:
        key = connection.execute(
            insert(redemptions).values(
                redemption_id=f"r_{units_milli}",
                customer_id="anna",
                redeemed_us=moment_us(day(6)),
                local_day=date(2017, 12, 6),
                currency="USD",
                discount_minor=discount,
            )
        ).inserted_primary_key
        assert key is not None
        rollback = None
        if taken_back:
            rollback = connection.execute(
                insert(rollbacks).values(
                    redemption_no=key[0], rolled_back_us=moment_us(day(6)), discount_minor=discount
                )
            ).inserted_primary_key
        connection.execute(
            insert(redemption_lines).values(
                redemption_no=key[0],
                line_no=0,
                line_id="1",
                product_id="995242",
                offer_id="f_1",
                favourite_no=favourite_no,
                unit="piece",
                quantity_milli=units_milli,
                units_milli=units_milli,
                shelf_price_minor=299,
                promo_discount_minor=0,
                discount_bp=3000,
                discount_minor=discount,
                rollback_no=None if rollback is None else rollback[0],
            )
        )


def test_what_favourites_gave_and_sold_leaves_out_what_was_taken_back(store: Store) -> None:
    add_favourite(store, "anna", choice())
    assert units_of_ended_favourites(store, day(5), day(15)) is None
    sell(store, 1, 2000, 180)
    sell(store, 1, 1000, 90, taken_back=True)
    assert sold_as_favourites(store, day(6), day(7)) == 180
    assert sold_as_favourites(store, day(7), day(8)) == 0
    assert units_of_ended_favourites(store, day(5), day(16)) == 2000
