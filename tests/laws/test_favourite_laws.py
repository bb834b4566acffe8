"""What holds for every sequence of choices and endings, in every zone and across every change of the clocks."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.favourite_promise import (
    Pace,
    Promise,
    changeable_from,
    choose,
    end,
    promises_at,
    stands_already,
)
from engine.domain.favourite_rules import FavouriteRules, Product, substitutes
from engine.domain.validity_window import LocalDays

LAW = settings(max_examples=100, deadline=None)
ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Apia", "America/Havana", "Australia/Lord_Howe", "UTC")
# Around a change of the clocks in the zones above, and Samoa's skipped 30 December 2011.
STARTS = (
    datetime(2011, 12, 27, tzinfo=UTC),
    datetime(2024, 3, 7, tzinfo=UTC),
    datetime(2024, 10, 24, tzinfo=UTC),
)
COST = 900_000

moves = st.lists(
    st.tuples(st.sampled_from(["milk", "eggs", "tea", None]), st.integers(0, 40 * 60)),
    min_size=1,
    max_size=12,
)
paces = st.builds(Pace, days=st.integers(1, 12), choices_a_day=st.integers(1, 3))
shops = st.builds(LocalDays, st.sampled_from(ZONES))


def live(
    steps: Sequence[tuple[str | None, int]], start: datetime, days: LocalDays, pace: Pace
) -> list[tuple[datetime, tuple[Promise, ...]]]:
    """Play choices (None: an ending), each some minutes after the one before; the history after every move."""
    history: tuple[Promise, ...] = ()
    told = []
    now = start
    for number, (item, minutes) in enumerate(steps):
        now += timedelta(minutes=minutes)
        if item is None:
            change = end(history, now, days)
        elif stands_already(history, item, now, days) or changeable_from(history, now, days, pace) > now:
            continue
        else:
            blank = Promise(f"f{number}", item, now, now, now, COST)
            change = choose(history, blank, now, days, pace, at_once=not history)
        ended = {one.id: one for one in change.ended}
        history = tuple(ended.get(one.id, one) for one in history) + ((change.made,) if change.made else ())
        told.append((now, history))
    return told


@LAW
@given(moves, st.sampled_from(STARTS), shops, paces)
def test_never_two_favourites_at_once(
    steps: list[tuple[str | None, int]], start: datetime, days: LocalDays, pace: Pace
) -> None:
    for _, history in live(steps, start, days, pace):
        windows = sorted(
            (one.effective_from, one.valid_to) for one in history if one.effective_from < one.valid_to
        )
        assert all(first[1] <= second[0] for first, second in pairwise(windows))


@LAW
@given(moves, st.sampled_from(STARTS), shops, paces)
def test_no_favourite_lasts_longer_than_its_days_or_begins_within_one(
    steps: list[tuple[str | None, int]], start: datetime, days: LocalDays, pace: Pace
) -> None:
    for _, history in live(steps, start, days, pace):
        for place, one in enumerate(history):
            first_day = days.start_of(days.day_of(one.effective_from))
            assert one.valid_to <= days.after(first_day, pace.days)
            assert place == 0 or one.effective_from == first_day


@LAW
@given(moves, st.sampled_from(STARTS), shops, paces)
def test_no_day_sees_more_choices_than_the_programme_allows(
    steps: list[tuple[str | None, int]], start: datetime, days: LocalDays, pace: Pace
) -> None:
    told = live(steps, start, days, pace)
    chosen = [days.day_of(one.chosen_at) for one in told[-1][1]] if told else []
    assert all(chosen.count(day) <= pace.choices_a_day for day in chosen)


@LAW
@given(moves, st.sampled_from(STARTS), shops, paces)
def test_what_is_in_effect_stays_so_for_the_rest_of_its_day(
    steps: list[tuple[str | None, int]], start: datetime, days: LocalDays, pace: Pace
) -> None:
    before: tuple[Promise, ...] = ()
    for now, history in live(steps, start, days, pace):
        current = promises_at(before, now).current
        last_moment = days.next_start(now) - timedelta(microseconds=1)
        if current is not None:
            kept = promises_at(history, last_moment).current
            assert kept is not None
            assert kept.id == current.id
        before = history


@LAW
@given(moves, st.sampled_from(STARTS), shops, paces)
def test_after_an_ending_the_next_day_has_no_favourite(
    steps: list[tuple[str | None, int]], start: datetime, days: LocalDays, pace: Pace
) -> None:
    told = live([*steps, (None, 5)], start, days, pace)
    now, history = told[-1]
    found = promises_at(history, days.next_start(now))
    assert (found.current, found.upcoming) == (None, None)


@LAW
@given(moves, st.sampled_from(STARTS), shops, paces)
def test_no_promise_costs_more_than_it_was_planned_and_an_empty_one_nothing(
    steps: list[tuple[str | None, int]], start: datetime, days: LocalDays, pace: Pace
) -> None:
    for _, history in live(steps, start, days, pace):
        for one in history:
            assert 0 <= one.expected_cost_milli <= COST
            assert (one.expected_cost_milli == 0) == (one.effective_from == one.valid_to)


products = st.builds(
    Product,
    id=st.text("abcdef", min_size=1, max_size=3),
    name=st.just("x"),
    families=st.sampled_from([(), ("A",), ("A", "B"), ("A", "C")]),
    flags=st.frozensets(st.sampled_from(["alcohol", "own_brand", "delisted"]), max_size=2),
    price_minor=st.none() | st.integers(0, 3000),
    cost_minor=st.none() | st.integers(0, 3000),
    stock=st.none() | st.integers(-2, 5),
)


@LAW
@given(products, st.lists(products, max_size=20, unique_by=lambda one: one.id), st.integers(0, 4))
def test_every_substitute_could_be_a_favourite_itself_and_is_there(
    wanted: Product, assortment: list[Product], at_most: int
) -> None:
    rules = FavouriteRules(3000, 50, 2000, 0, frozenset({"alcohol"}), frozenset({"C"}), 3000, {})
    found = substitutes(wanted, assortment, rules, at_most=at_most, price_band_bp=2000)
    assert len(found) <= at_most
    for one in found:
        assert rules.refusal(one) is None
        assert not one.is_sold_out
        assert one.id != wanted.id
        assert one.families[-1] == wanted.families[-1]
