"""The budget: what a night may plan to spend of it, in expected discount cost.

The programme grants an amount per period. A night may plan what its period has left (the amount less what open
bundles are expected to cost) divided by the nights that remain, this one included. Expected cost is counted in
thousandths of a minor unit, because one offer's expected cost is often less than a cent.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from engine.domain.offer_errors import BadRequest
from engine.domain.validity_window import LocalDays

MILLI = 1000
_DECEMBER = 12


class BudgetPeriod(StrEnum):
    """How often the budget starts anew: by local day, by week from Monday, by calendar month."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def period_around(moment: datetime, period: BudgetPeriod, days: LocalDays) -> tuple[datetime, datetime]:
    """Return the period `[start, end)` that contains a moment."""
    today = days.day_of(moment)
    match period:
        case BudgetPeriod.DAY:
            first, following = today, today + timedelta(days=1)
        case BudgetPeriod.WEEK:
            first = today - timedelta(days=today.weekday())
            following = first + timedelta(days=7)
        case BudgetPeriod.MONTH:
            first = today.replace(day=1)
            following = (
                date(first.year + 1, 1, 1)
                if first.month == _DECEMBER
                else first.replace(month=first.month + 1)
            )
    return days.start_of(first), days.start_of(following)


def remaining_nights(valid_from: datetime, period: BudgetPeriod, days: LocalDays) -> int:
    """Count the nights left in the period, the one whose bundles start at `valid_from` included."""
    _, end = period_around(valid_from, period, days)
    return max(days.between(valid_from, end), 1)


def allowance_milli(amount_minor: int, committed_milli: int, nights: int) -> int:
    """Return what tonight may plan, in thousandths of a minor unit; zero when the period is overspent.

    Args:
        amount_minor: the programme's grant for the whole period.
        committed_milli: expected cost of every bundle, not withdrawn, whose window meets the period.
        nights: nights left in the period, this one included.

    """
    if nights < 1:
        raise BadRequest(f"expected at least one night left in the period, got {nights}")
    return max(amount_minor * MILLI - committed_milli, 0) // nights


def cell_allowances(
    amount_minor: int,
    people: Mapping[str, int],
    committed_milli: Mapping[str, int],
    nights: int,
    whole_milli: int,
) -> dict[str, int]:
    """Return what tonight may plan for each group of customers, in proportion to how many they are.

    Args:
        amount_minor: the programme's grant for the whole period.
        people: how many customers of each group may have offers.
        committed_milli: expected cost of each group's bundles whose window meets the period; 0 where it is missing.
        nights: nights left in the period, this one included.
        whole_milli: what tonight may plan for all of them together: where one group has spent more than its part, the
            others get less rather than that.

    """
    everybody = max(sum(people.values()), 1)
    parts = {
        name: max(amount_minor * MILLI * count // everybody - committed_milli.get(name, 0), 0) // nights
        for name, count in people.items()
    }
    together = sum(parts.values())
    if together <= whole_milli:
        return parts
    return {name: part * whole_milli // together for name, part in parts.items()}


def amount_for(wanted_milli: int, committed_milli: int, nights: int) -> int:
    """Return the least grant of which `allowance_milli` lets tonight plan `wanted_milli`, in minor units."""
    return -(-(wanted_milli * nights + committed_milli) // MILLI)
