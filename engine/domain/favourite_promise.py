"""When a favourite counts: one promise after another, never two at once, each from the start of a local day.

A choice takes effect at the next local day start, so that a whole day has one favourite and nobody picks at the
till; only a customer whom no night has seen begins at once. What is in effect stays so to the end of its day. A
choice, an ending and a replacement never remove a promise from the history, they only move its end forward.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.domain.validity_window import LocalDays

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Promise:
    """One favourite of one customer.

    It counts in `[effective_from, valid_to)`; replaced before it began, the window is empty. Cost is in
    thousandths of a minor unit, expected over the window that is left.
    """

    id: str
    item_id: str
    chosen_at: datetime
    effective_from: datetime
    valid_to: datetime
    expected_cost_milli: int = 0

    def counts_at(self, moment: datetime) -> bool:
        """True while the discount is given."""
        return self.effective_from <= moment < self.valid_to

    def until(self, end: datetime) -> "Promise":
        """Return the promise ended earlier, with the share of its cost that the shorter window keeps."""
        end = min(self.valid_to, max(self.effective_from, end))
        whole, kept = self.valid_to - self.effective_from, end - self.effective_from
        if end == self.valid_to:
            return self
        cost = -(-self.expected_cost_milli * (kept // _MICROSECOND) // (whole // _MICROSECOND))
        return replace(self, valid_to=end, expected_cost_milli=cost)


@dataclass(frozen=True)
class PromisedFavourite:
    """A favourite as it was promised: the product's name and price when it was chosen."""

    promise: Promise
    name: str
    price_minor: int  # of one unit
    discount_bp: int
    max_units: int  # a local day


@dataclass(frozen=True)
class Pace:
    """How long a favourite lasts and how often it may be chosen."""

    days: int  # local days, the first one included
    choices_a_day: int


@dataclass(frozen=True)
class PromisesAt:
    """What a customer has at a moment: the promise in effect and the one that follows, either may be missing."""

    current: Promise | None
    upcoming: Promise | None

    @property
    def last(self) -> Promise | None:
        """What the customer chose last, as far as it still stands."""
        return self.upcoming or self.current


@dataclass(frozen=True)
class Change:
    """What a choice or an ending does: at most one new promise, and earlier ones with an earlier end."""

    made: Promise | None
    ended: tuple[Promise, ...]


def promises_at(history: Sequence[Promise], now: datetime) -> PromisesAt:
    """Find what counts at a moment and what comes next."""
    current = next((one for one in history if one.counts_at(now)), None)
    coming = (one for one in history if one.effective_from > now and one.valid_to > one.effective_from)
    return PromisesAt(current, min(coming, key=lambda one: one.effective_from, default=None))


def starts_at(now: datetime, days: LocalDays, *, at_once: bool) -> datetime:
    """Return when a choice made now takes effect."""
    return now if at_once else days.next_start(now)


def changeable_from(history: Sequence[Promise], now: datetime, days: LocalDays, pace: Pace) -> datetime:
    """Return from when on the next choice is accepted: the start of this local day, or of the next one."""
    following = days.next_start(now)
    today = days.start_of(days.day_of(now))
    made_today = sum(today <= one.chosen_at < following for one in history)
    return today if made_today < pace.choices_a_day else following


def stands_already(history: Sequence[Promise], item_id: str, now: datetime, days: LocalDays) -> bool:
    """True if choosing the item again would change nothing: it is what the customer chose last, and it goes on.

    On its last day the same item is a new choice, which follows without a gap.
    """
    last = promises_at(history, now).last
    return last is not None and last.item_id == item_id and last.valid_to > days.next_start(now)


def choose(
    history: Sequence[Promise], made: Promise, now: datetime, days: LocalDays, pace: Pace, *, at_once: bool
) -> Change:
    """Let a new promise follow what the customer has.

    `made` names the item, its cost and its id; its window is set here. The caller has asked `stands_already` and
    `changeable_from`.
    """
    start = starts_at(now, days, at_once=at_once)
    first_day = days.start_of(days.day_of(start))
    window = replace(made, chosen_at=now, effective_from=start, valid_to=days.after(first_day, pace.days))
    return Change(window, _ended(history, start))


def end(history: Sequence[Promise], now: datetime, days: LocalDays) -> Change:
    """End what the customer has: from the next local day on there is nothing."""
    return Change(None, _ended(history, days.next_start(now)))


def _ended(history: Sequence[Promise], moment: datetime) -> tuple[Promise, ...]:
    """Promises that would go on after a moment, ended there or, if they had not begun, emptied."""
    return tuple(one.until(moment) for one in history if one.valid_to > max(moment, one.effective_from))
