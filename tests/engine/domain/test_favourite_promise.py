"""Promises of a shop in Berlin, whose clocks go forward on 31 March and back on 27 October 2024."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from engine.domain.favourite_promise import (
    Pace,
    Promise,
    changeable_from,
    choose,
    end,
    promises_at,
    stands_already,
)
from engine.domain.validity_window import LocalDays

BERLIN = LocalDays("Europe/Berlin")
PACE = Pace(days=10, choices_a_day=1)


def at(text: str) -> datetime:
    """A moment by the shop's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


def pick(
    history: tuple[Promise, ...],
    item_id: str,
    moment: datetime,
    *,
    at_once: bool = False,
    days: LocalDays = BERLIN,
) -> tuple[Promise, ...]:
    """The history after a choice."""
    blank = Promise(f"f{len(history)}", item_id, moment, moment, moment, 10_000)
    change = choose(history, blank, moment, days, PACE, at_once=at_once)
    assert change.made is not None
    ended = {one.id: one for one in change.ended}
    return (*(ended.get(one.id, one) for one in history), change.made)


def test_a_choice_counts_from_the_next_local_day_for_ten_days() -> None:
    (made,) = pick((), "milk", at("2024-03-08T21:15"))
    assert (made.effective_from, made.valid_to) == (at("2024-03-09T00:00"), at("2024-03-19T00:00"))
    assert made.chosen_at == at("2024-03-08T21:15")


def test_a_new_customer_begins_at_once_and_today_is_their_first_day() -> None:
    (made,) = pick((), "milk", at("2024-03-08T21:15"), at_once=True)
    assert (made.effective_from, made.valid_to) == (at("2024-03-08T21:15"), at("2024-03-18T00:00"))


def test_ten_days_are_local_days_also_when_the_clocks_change() -> None:
    (spring,) = pick((), "milk", at("2024-03-30T12:00"))
    assert spring.valid_to == at("2024-04-10T00:00")
    assert (spring.valid_to - spring.effective_from).total_seconds() == (10 * 24 - 1) * 3600
    (autumn,) = pick((), "milk", at("2024-10-26T12:00"))
    assert autumn.valid_to == at("2024-11-06T00:00")


def test_the_hour_that_the_clock_repeats_is_one_hour_of_the_same_day() -> None:
    first, second = at("2024-10-27T02:30"), at("2024-10-27T02:30").replace(fold=1)
    history = pick((), "milk", first)
    assert changeable_from(history, second, BERLIN, PACE) == at("2024-10-28T00:00")


def test_a_day_that_starts_at_four_ends_at_four() -> None:
    late = LocalDays("Europe/Berlin", time(4))
    history = pick((), "milk", at("2024-03-09T02:00"), days=late)
    assert history[0].effective_from == at("2024-03-09T04:00")
    assert changeable_from(history, at("2024-03-09T03:59"), late, PACE) == at("2024-03-09T04:00")
    assert changeable_from(history, at("2024-03-09T04:00"), late, PACE) == at("2024-03-09T04:00")


def test_another_choice_ends_the_present_one_with_its_day() -> None:
    history = pick(pick((), "milk", at("2024-03-08T09:00")), "eggs", at("2024-03-10T09:00"))
    now = promises_at(history, at("2024-03-10T23:59"))
    assert [now.current and now.current.item_id, now.upcoming and now.upcoming.item_id] == ["milk", "eggs"]
    later = promises_at(history, at("2024-03-11T00:00"))
    assert (later.current and later.current.item_id, later.upcoming) == ("eggs", None)
    assert history[0].valid_to == at("2024-03-11T00:00")


def test_a_choice_that_has_not_begun_is_replaced_without_a_trace_at_the_till() -> None:
    history = pick(pick((), "milk", at("2024-03-08T09:00")), "eggs", at("2024-03-08T10:00"))
    assert history[0].valid_to == history[0].effective_from
    assert history[0].expected_cost_milli == 0


def test_ending_early_gives_back_the_days_that_are_left() -> None:
    history = pick(pick((), "milk", at("2024-03-08T09:00")), "eggs", at("2024-03-11T09:00"))
    assert history[0].expected_cost_milli == 3_000  # three days of ten


def test_the_same_item_again_changes_nothing_until_its_last_day() -> None:
    history = pick((), "milk", at("2024-03-08T09:00"))
    assert stands_already(history, "milk", at("2024-03-08T09:01"), BERLIN)
    assert stands_already(history, "milk", at("2024-03-17T23:59"), BERLIN)
    assert not stands_already(history, "milk", at("2024-03-18T00:00"), BERLIN)
    assert not stands_already(history, "eggs", at("2024-03-10T00:00"), BERLIN)


def test_chosen_again_on_its_last_day_it_follows_without_a_gap() -> None:
    history = pick(pick((), "milk", at("2024-03-08T09:00")), "milk", at("2024-03-18T09:00"))
    assert history[0].valid_to == history[1].effective_from == at("2024-03-19T00:00")
    assert history[0].expected_cost_milli == 10_000


def test_one_choice_a_day_then_tomorrow() -> None:
    history = pick((), "milk", at("2024-03-08T09:00"))
    assert changeable_from((), at("2024-03-08T09:00"), BERLIN, PACE) == at("2024-03-08T00:00")
    assert changeable_from(history, at("2024-03-08T23:59"), BERLIN, PACE) == at("2024-03-09T00:00")
    assert changeable_from(history, at("2024-03-09T00:00"), BERLIN, PACE) == at("2024-03-09T00:00")


def test_ended_it_lasts_to_the_end_of_the_day_and_what_had_not_begun_never_begins() -> None:
    history = pick(pick((), "milk", at("2024-03-08T09:00")), "eggs", at("2024-03-10T09:00"))
    change = end(history, at("2024-03-10T09:05"), BERLIN)
    assert change.made is None
    assert [(one.item_id, one.valid_to) for one in change.ended] == [("eggs", at("2024-03-11T00:00"))]


def test_ending_nothing_changes_nothing() -> None:
    history = pick((), "milk", at("2024-03-08T09:00"))
    assert end(history, at("2024-03-20T00:00"), BERLIN).ended == ()
