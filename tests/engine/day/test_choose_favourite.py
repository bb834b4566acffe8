import json
from collections.abc import Callable
from datetime import datetime

import pytest

from engine.day.choose_favourite import FavouriteChoice, choose_favourite, end_favourite_of, favourite_of
from engine.day.offers_at_login import offers_at_login
from engine.day.published_rules import rules_now
from engine.day.till.usable_offers import stand_ins
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.choices.favourites import favourites_at, favourites_between, history_of, planned_milli
from engine.store.log.events import events_after
from engine.store.nights.assigned_arms import arm_in
from engine.store.nights.login_views import view_of
from tests.engine.day.shops import ADVICE, BANANAS, HOLDOUT, KIWIS, MILK, ORGANIC, SHELF, WINE, at, open_shop
from tests.engine.store.nights.test_assigned_arms import begun

COST = 29 * 3 * 1000  # 30 % of 0.96, three times
MONDAY = at("04 00:00")


def names(choice: FavouriteChoice) -> tuple[str | None, str | None]:
    return (
        choice.current.name if choice.current else None,
        choice.upcoming.name if choice.upcoming else None,
    )


def shown(store: Store, customer_id: str, now: datetime) -> dict[str, object] | None:
    view = json.loads(offers_at_login(store, customer_id, now).body)
    found: dict[str, object] | None = view.get("favourite")
    return found


def refusal(store: Store, customer_id: str, item_id: str, now: datetime) -> str:
    with pytest.raises(Refused) as caught:
        choose_favourite(store, customer_id, item_id, now)
    return caught.value.key


def test_a_favourite_counts_from_the_next_local_day(store: Store) -> None:
    open_shop(store)
    choice = choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    assert names(choice) == (None, "BANANAS")
    assert choice.upcoming is not None
    promise = choice.upcoming.promise
    assert (promise.effective_from, promise.valid_to) == (at("05 00:00"), at("15 00:00"))
    assert choice.effective_from == at("05 00:00")
    assert names(favourite_of(store, "c1", at("05 00:00"))) == ("BANANAS", None)
    assert names(favourite_of(store, "c1", at("15 00:00"))) == (None, None)


def test_a_customer_whom_no_night_has_seen_begins_at_once_but_only_the_first_time(store: Store) -> None:
    open_shop(store)
    first = choose_favourite(store, "c2", BANANAS.product_id, at("04 09:00"))
    assert names(first) == ("BANANAS", None)
    assert names(choose_favourite(store, "c2", MILK.product_id, at("05 09:00"))) == ("BANANAS", "FLUID MILK")


def test_the_programme_may_let_new_customers_wait_like_all_others(store: Store) -> None:
    open_shop(store, ("at_once_for_new = true", "at_once_for_new = false"))
    assert names(choose_favourite(store, "c2", BANANAS.product_id, at("04 09:00"))) == (None, "BANANAS")


def test_a_login_shows_the_favourite_from_the_choice_to_its_end(store: Store) -> None:
    open_shop(store)
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    favourite = shown(store, "c1", at("04 09:00"))
    assert favourite is not None
    assert favourite["id"] == history_of(store, "c1")[0].promise.id
    assert {name: favourite[name] for name in favourite if name != "id"} == {
        "item": {"id": "1082185", "name": "BANANAS"},
        "discount_bp": 3000,
        "price_minor": 96,
        "offer_price_minor": 67,
        "currency": "EUR",
        "max_units_a_day": 4,
        "effective_from": "2017-12-04T23:00:00Z",
        "valid_to": "2017-12-14T23:00:00Z",
    }
    assert shown(store, "c1", at("14 23:59")) == favourite
    assert shown(store, "c1", at("15 00:00")) is None


def test_a_change_shows_today_what_counts_today_and_tomorrow_what_counts_then(store: Store) -> None:
    open_shop(store)
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    choose_favourite(store, "c1", MILK.product_id, at("06 18:00"))
    today, tomorrow = shown(store, "c1", at("06 23:59")), shown(store, "c1", at("07 00:00"))
    assert today is not None
    assert tomorrow is not None
    assert (today["item"], today["valid_to"]) == (
        {"id": "1082185", "name": "BANANAS"},
        "2017-12-06T23:00:00Z",
    )
    assert tomorrow["item"] == {"id": "995240", "name": "FLUID MILK"}


def test_one_choice_a_day_and_the_answer_says_when_the_next_one_is_possible(store: Store) -> None:
    open_shop(store)
    choice = choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    assert choice.changeable_from == at("05 00:00")
    assert refusal(store, "c1", MILK.product_id, at("04 23:59")) == "favourite_chosen_today"
    assert names(choose_favourite(store, "c1", MILK.product_id, at("05 00:00"))) == ("BANANAS", "FLUID MILK")


def test_a_repeated_choice_changes_nothing(store: Store) -> None:
    open_shop(store)
    first = choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    assert choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00")) == first
    assert choose_favourite(store, "c1", BANANAS.product_id, at("09 09:00")).upcoming is None
    assert len(history_of(store, "c1")) == 1


@pytest.mark.parametrize(
    ("item", "key"),
    [("404", "favourite_unknown_item"), ("5", "favourite_alcohol"), ("995240", "favourite_too_expensive")],
)
def test_what_cannot_be_picked_is_refused_with_its_reason(store: Store, item: str, key: str) -> None:
    open_shop(store, ("max_price_minor = 2_000", "max_price_minor = 298"))
    assert refusal(store, "c1", item, at("04 09:00")) == key
    assert history_of(store, "c1") == ()
    assert planned_milli(store, MONDAY) == 0


def test_ended_it_lasts_to_the_end_of_the_day(store: Store) -> None:
    open_shop(store)
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    choice = end_favourite_of(store, "c1", at("06 09:00"))
    assert (names(choice), choice.effective_from) == (("BANANAS", None), at("07 00:00"))
    assert shown(store, "c1", at("06 23:59")) is not None
    assert shown(store, "c1", at("07 00:00")) is None
    assert end_favourite_of(store, "c1", at("06 09:01")) == choice


def test_ending_a_choice_that_has_not_begun_leaves_nothing(store: Store) -> None:
    open_shop(store)
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    assert names(end_favourite_of(store, "c1", at("04 09:05"))) == (None, None)
    assert shown(store, "c1", at("04 09:05")) is None
    assert planned_milli(store, MONDAY) == 0


def test_history_is_kept(store: Store) -> None:
    open_shop(store)
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    choose_favourite(store, "c1", MILK.product_id, at("05 09:00"))
    end_favourite_of(store, "c1", at("07 09:00"))
    assert [
        (one.name, one.promise.effective_from, one.promise.valid_to) for one in history_of(store, "c1")
    ] == [
        ("BANANAS", at("05 00:00"), at("06 00:00")),
        ("FLUID MILK", at("06 00:00"), at("08 00:00")),
    ]


def test_suggestions_are_the_nights_own_list_then_what_is_popular(store: Store) -> None:
    open_shop(store)
    assert [one.name for one in favourite_of(store, "c1", at("04 09:00")).suggestions] == [
        "FLUID MILK",
        "BANANAS",
    ]
    assert [one.name for one in favourite_of(store, "c2", at("04 09:00")).suggestions] == ["BANANAS"]


def test_a_choice_takes_its_expected_cost_from_the_line_and_a_change_gives_back_what_is_left(
    store: Store,
) -> None:
    open_shop(store)
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    assert planned_milli(store, MONDAY) == COST
    choose_favourite(store, "c1", ORGANIC.product_id, at("05 09:00"))
    assert planned_milli(store, MONDAY) == COST // 10 + 33 * 3 * 1000


def test_a_line_that_is_used_up_accepts_no_new_choice_and_keeps_its_promises(store: Store) -> None:
    open_shop(store, ("amount_minor = 200_000", "amount_minor = 100"))
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    assert refusal(store, "c2", BANANAS.product_id, at("05 09:00")) == "favourite_not_available"
    assert favourite_of(store, "c2", at("05 09:00")).suggestions == ()
    assert names(favourite_of(store, "c1", at("05 09:00"))) == ("BANANAS", None)
    assert planned_milli(store, MONDAY) == COST


def test_the_next_period_has_a_line_of_its_own(store: Store) -> None:
    open_shop(store, ("amount_minor = 200_000", "amount_minor = 100"))
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    # On Sunday a choice counts from Monday, the first day of the next week.
    assert names(choose_favourite(store, "c4", BANANAS.product_id, at("11 09:00"))) == ("BANANAS", None)
    assert planned_milli(store, at("11 00:00")) == COST


def test_who_has_no_choice_cannot_tell_why(store: Store) -> None:
    open_shop(store, HOLDOUT)
    shop = rules_now(store)
    held_out = next(f"x{number}" for number in range(50) if shop.arm_of(f"x{number}").value == "holdout")
    answers = [favourite_of(store, name, at("04 09:00")) for name in (held_out, "c3")]
    assert answers == [FavouriteChoice(None, None, None, None, (), (), 3000, "EUR")] * 2
    for name in (held_out, "c3"):
        for item in (BANANAS.product_id, "404", WINE.product_id):
            assert refusal(store, name, item, at("04 09:00")) == "favourite_not_available"


def test_who_was_seen_in_an_arm_stays_in_it_whatever_a_draw_of_their_id_would_say(store: Store) -> None:
    number = begun(store, ("c1", "treated"), ("c2", "holdout"))
    open_shop(store, HOLDOUT, holdout_no=number)
    assert names(choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))) == (None, "BANANAS")
    assert refusal(store, "c2", BANANAS.product_id, at("04 09:00")) == "favourite_not_available"


def test_a_stranger_who_chooses_is_seen_from_then_on(store: Store) -> None:
    number = begun(store)
    open_shop(store, HOLDOUT, holdout_no=number)
    shop = rules_now(store)
    treated = next(f"x{number}" for number in range(50) if shop.arm_of(f"x{number}").value == "treated")
    choose_favourite(store, treated, BANANAS.product_id, at("04 09:00"))
    assert arm_in(store, number, treated) == "treated"


def test_a_holdout_that_covers_bundles_only_leaves_the_favourite(store: Store) -> None:
    open_shop(store, HOLDOUT, ('"bundle", "favourite"', '"bundle"'))
    for number in range(8):
        assert favourite_of(store, f"x{number}", at("04 09:00")).suggestions


def test_where_consent_must_be_given_strangers_have_no_choice(store: Store) -> None:
    open_shop(store, ('rule = "unless_refused"', 'rule = "required"'))
    assert refusal(store, "c2", BANANAS.product_id, at("04 09:00")) == "favourite_not_available"
    assert names(choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))) == (None, "BANANAS")


def test_a_programme_without_favourites_keeps_what_was_promised(store: Store) -> None:
    open_shop(store)
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    open_shop(store, ("offered = true ", "offered = false "), night=5)
    assert refusal(store, "c1", MILK.product_id, at("05 09:00")) == "favourite_not_available"
    assert names(favourite_of(store, "c1", at("05 09:00"))) == ("BANANAS", None)
    assert shown(store, "c1", at("05 09:00")) is not None


@pytest.mark.parametrize("ask", [favourite_of, end_favourite_of])
def test_before_the_first_night_there_is_nothing_to_choose(
    store: Store, ask: Callable[[Store, str, datetime], FavouriteChoice]
) -> None:
    with pytest.raises(Refused, match="No night") as caught:
        ask(store, "c1", at("04 09:00"))
    assert caught.value.key == "no_current_run"


def test_while_it_is_sold_out_similar_products_stand_in_for_it(store: Store) -> None:
    open_shop(store)
    choose_favourite(store, "c2", KIWIS.product_id, at("04 09:00"))
    assert [one.name for one in favourite_of(store, "c2", at("04 09:00")).substitutes] == [
        "BANANAS",
        "BANANAS ORGANIC",
    ]
    shop = rules_now(store)
    assert stand_ins(store, shop, BANANAS.product_id, frozenset()) == ()


def test_back_in_stock_nothing_stands_in_for_it(store: Store) -> None:
    open_shop(store)
    choose_favourite(store, "c2", KIWIS.product_id, at("04 09:00"))
    open_shop(store, night=5, shelf=(*SHELF[:2], KIWIS._replace(stock=7), *SHELF[3:]))
    assert favourite_of(store, "c2", at("05 09:00")).substitutes == ()


def test_the_night_is_told_whose_favourite_counts_when(store: Store) -> None:
    open_shop(store)
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    assert favourites_between(store, ["c1", "c2"], at("14 00:00"), at("16 00:00")) == [("c1", "1082185")]
    assert favourites_between(store, ["c1"], at("15 00:00"), at("20 00:00")) == []
    assert favourites_between(store, ["c2"], at("05 00:00"), at("20 00:00")) == []
    assert (favourites_at(store, at("04 12:00")), favourites_at(store, at("05 12:00"))) == (0, 1)


def test_a_customer_with_a_favourite_and_no_bundle_has_a_view(store: Store) -> None:
    open_shop(store)
    assert view_of(store, "c2", at("04 09:00")) is None
    choose_favourite(store, "c2", BANANAS.product_id, at("04 09:00"))
    body = json.loads(offers_at_login(store, "c2", at("04 09:00")).body)
    assert (body["bundle"], body["offers"], body["favourite"]["item"]["id"]) == (None, [], "1082185")
    assert "c2" not in ADVICE


def test_the_feed_tells_what_was_chosen_and_what_it_ended(store: Store) -> None:
    open_shop(store)
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:01"))
    choose_favourite(store, "c1", MILK.product_id, at("06 09:00"))
    told = [one.event for one in events_after(store, 0, limit=10)]
    assert [(one.kind, one.item_id) for one in told] == [
        ("favourite_chosen", "1082185"),
        ("favourite_ended", "1082185"),
        ("favourite_chosen", "995240"),
    ]
    assert told[1].details == {
        "effective_from": "2017-12-04T23:00:00Z",
        "valid_to": "2017-12-06T23:00:00Z",
        "expected_cost_milli": COST // 5,
    }


def test_an_item_has_one_price_on_a_screen_whatever_a_later_night_has_learnt(store: Store) -> None:
    open_shop(store)
    dearer = tuple(one._replace(price_minor=319) if one is MILK else one for one in SHELF)
    open_shop(store, night=5, shelf=dearer)
    now = at("05 09:00")
    offered = {
        one["item"]["id"]: one["price_minor"]
        for one in json.loads(offers_at_login(store, "c1", now).body)["offers"]
    }
    assert offered[MILK.product_id] == 299
    suggested = {one.id: one.price_minor for one in favourite_of(store, "c1", now).suggestions}
    assert suggested == {MILK.product_id: 299, BANANAS.product_id: 96}
    chosen = choose_favourite(store, "c1", MILK.product_id, now).upcoming
    assert chosen is not None
    assert chosen.price_minor == 299


def test_a_favourite_keeps_its_price_among_the_suggestions(store: Store) -> None:
    open_shop(store)
    choose_favourite(store, "c1", BANANAS.product_id, at("04 09:00"))
    dearer = tuple(one._replace(price_minor=109) if one is BANANAS else one for one in SHELF)
    open_shop(store, night=5, shelf=dearer)
    choice = favourite_of(store, "c1", at("05 09:00"))
    assert choice.current is not None
    suggested = {one.id: one.price_minor for one in choice.suggestions}
    assert (choice.current.price_minor, suggested[BANANAS.product_id]) == (96, 96)


# Of age for wine are c1, whom the night has seen, and c4, whom it has not; of c2 no age is known.
AGES = {"c1": {"items": ["5", "1082185"], "of_age": ["alcohol"]}, "c2": ["5"], "c4": {"of_age": ["alcohol"]}}
WINE_FOR_ADULTS = (
    ('flags = ["alcohol", "tobacco", "partner"]', 'flags = ["tobacco"]'),
    ("max_price_minor = 2_000", "max_price_minor = 9_999"),
)


def test_only_who_is_known_to_be_old_enough_may_pick_and_is_advised_wine(store: Store) -> None:
    open_shop(store, *WINE_FOR_ADULTS, advice=AGES)
    for name in ("c1", "c4"):
        assert names(choose_favourite(store, name, WINE.product_id, at("04 09:00"))).count("WINE") == 1
    assert refusal(store, "c2", WINE.product_id, at("04 09:00")) == "favourite_legal_age"
    assert refusal(store, "nobody-knows-them", WINE.product_id, at("04 09:00")) == "favourite_legal_age"
    assert [one.name for one in favourite_of(store, "c1", at("04 09:00")).suggestions] == ["WINE", "BANANAS"]
    assert favourite_of(store, "c2", at("04 09:00")).suggestions == ()
