"""What a customer draws of the offers that a night has made for them: a set for the day, another one, one offer for another.

A night makes a *pool*; the customer claims a *set* of it, which is what counts at the till. All chance is a hash of the
bundle's name, the local day and how many sets were drawn before, so that a draw can be done again and nobody can try for a
better one. Each draw prefers what the customer has not seen on this day, then what they put away longest ago; so no item
comes twice in a day before the whole pool was shown.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class How(StrEnum):
    """Why a set is what it is."""

    CLAIM = "claim"
    REFRESH = "refresh"
    SWAP = "swap"


@dataclass(frozen=True)
class ClaimTerms:
    """What a night has promised of a pool; a later programme changes nothing of it.

    Attributes:
        shown: offers of a set.
        days: local days for which a set counts, the one on which it is claimed included.
        refreshes_a_day: other sets on a local day, beside the one that was claimed.
        swaps_a_day: single offers exchanged on a local day.
        families: so many different ones at least in each set; 0 for any number.
    """

    shown: int
    days: int
    refreshes_a_day: int
    swaps_a_day: int
    families: int = 0


@dataclass(frozen=True)
class Drawn:
    """A set that was drawn.

    Attributes:
        draw_no: 1, 2, ... of its pool.
        how: by claim, refresh or swap.
        day: local day on which it was.
        slots: places in the pool of its offers, ascending.
    """

    draw_no: int
    how: How
    day: date
    slots: tuple[int, ...]


@dataclass(frozen=True)
class Pool:
    """What can be drawn of.

    Attributes:
        name: of the bundle.
        families: of the offers, by place in the pool; empty for an item without one, which is like no other.
        gone: places that cannot be drawn: used, held at a till, or recalled.
        drawn: all sets so far, in their order.
    """

    name: str
    families: tuple[str, ...]
    gone: frozenset[int]
    drawn: tuple[Drawn, ...]


def count_of(drawn: Sequence[Drawn], how: How, day: date) -> int:
    """Return how many sets were drawn in a way on a local day."""
    return sum(one.how is how and one.day == day for one in drawn)


def new_set(pool: Pool, terms: ClaimTerms, day: date, current: Collection[int] = ()) -> tuple[int, ...]:
    """Return the places of the next set; empty where nothing can be drawn that is not in the current one."""
    order = _order(pool, day, current)
    if all(slot in current for slot in order):
        return ()
    chosen: list[int] = []
    for slot in order:  # first so many families as a bundle of the night would hold
        if len(chosen) >= min(terms.families, terms.shown):
            break
        if different(pool, [*chosen, slot]) > len(chosen):
            chosen.append(slot)
    rest = [slot for slot in order if slot not in chosen]
    return tuple(sorted([*chosen, *rest[: terms.shown - len(chosen)]]))


def swapped_set(
    pool: Pool, terms: ClaimTerms, day: date, current: Collection[int], given: int
) -> tuple[int, ...]:
    """Return the places after one offer of the current set was given for another; empty where there is no other.

    The set holds as many families as it has to, or as it had if that was fewer.
    """
    kept = [slot for slot in current if slot != given]
    least = min(terms.families, different(pool, current))
    for slot in _order(pool, day, current):
        if slot not in current and different(pool, [*kept, slot]) >= least:
            return tuple(sorted([*kept, slot]))
    return ()


def different(pool: Pool, slots: Collection[int]) -> int:
    """Return how many different families the offers in some places have."""
    named = {pool.families[slot] for slot in slots} - {""}
    return len(named) + sum(pool.families[slot] == "" for slot in slots)


def parts_of_dearest(costs_milli: Sequence[int], places: int) -> tuple[int, ...]:
    """Return what each offer of a pool is planned to cost: parts, by its own cost, of what the `places` dearest cost.

    No set of so many offers costs more than all parts together, whichever is drawn, refreshed or swapped together
    (docs/decisions/a-pool-costs-its-dearest-set.md). Each part is rounded up.
    """
    whole = sum(costs_milli)
    if whole == 0:
        return tuple(costs_milli)
    dearest = sum(sorted(costs_milli, reverse=True)[:places])
    return tuple(-(-cost * dearest // whole) for cost in costs_milli)


def _order(pool: Pool, day: date, current: Collection[int]) -> list[int]:
    """The places that can be drawn, those to be preferred first: unseen today, put away longest ago, in the current set."""
    seen = {slot: one.draw_no for one in pool.drawn if one.day == day for slot in one.slots}
    words = f"{pool.name}/{day.isoformat()}/{len(pool.drawn)}"
    free = (slot for slot in range(len(pool.families)) if slot not in pool.gone)
    return sorted(free, key=lambda slot: (slot in current, seen.get(slot, 0), _place(words, slot)))


def _place(words: str, slot: int) -> bytes:
    return hashlib.sha256(f"{words}/{slot}".encode()).digest()
