"""The favourite's own budget line as a night finds it."""

from datetime import timedelta
from typing import Any

from engine.domain.budget import period_around
from engine.nightly.night import Night
from engine.store import Store
from engine.store.choices.favourites import (
    favourites_at,
    planned_milli,
    sold_as_favourites,
    units_of_ended_favourites,
)

# So far back the night looks for favourites that have run their course: enough of them, and still the same shop.
_LOOK_BACK = timedelta(days=28)


def look_at_favourites(store: Store, night: Night) -> dict[str, Any]:
    """Say how the line stands when the night begins.

    Returns:
        offered; amount_minor, period, planned_milli and given_minor of the period that contains `valid_from`;
        customers with a favourite at `valid_from`; expected_units as the programme assumes, units_sold_milli as
        favourites that ended in the last four weeks sold on average, null where there was none.
    """
    rules, valid_from = night.programme.favourite, night.valid_from
    starts, ends = period_around(valid_from, rules.budget.period, night.days)
    return {
        "offered": rules.offered,
        "amount_minor": rules.budget.amount_minor,
        "period": rules.budget.period.value,
        "planned_milli": planned_milli(store, starts),
        "given_minor": sold_as_favourites(store, starts, ends),
        "customers": favourites_at(store, valid_from),
        "expected_units": rules.budget.expected_units,
        "units_sold_milli": units_of_ended_favourites(store, valid_from - _LOOK_BACK, valid_from),
    }
