"""The favourite's own budget line as a night finds it, and the favourites of those who refuse personal offers now."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from engine.domain.budget import period_around
from engine.nightly.favourites import NOBODY
from engine.nightly.night import Night
from engine.nightly.scene import Scene
from engine.store import Store
from engine.store.favourites import (
    end_favourite,
    favourites_at,
    favourites_between,
    give_back,
    history_of,
    planned_milli,
    render_favourites,
    sold_as_favourites,
    units_of_ended_favourites,
)

# So far back the night looks for favourites that have run their course: enough of them, and still the same shop.
_LOOK_BACK = timedelta(days=28)
# No favourite lasts longer, whatever programme promised it (the most that `favourite.days` may be, and a day to begin).
_LONGEST = timedelta(days=62)


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


def end_of_those_who_refused(store: Store, scene: Scene, now: datetime) -> int:
    """End, with the night's day start, every favourite of a customer who is known to have refused; returns how many."""
    night = scene.night
    ended = 0
    for bucket in range(scene.data.buckets):
        for customer_id in _refusers(store, scene, bucket):
            with store.writing(customer_id):
                for one in history_of(store, customer_id):
                    shorter = one.promise.until(night.valid_from)
                    if shorter == one.promise:
                        continue
                    end_favourite(store, customer_id, shorter)
                    budget = night.programme.favourite.budget
                    starts, _ = period_around(shorter.effective_from, budget.period, night.days)
                    give_back(store, starts, one.promise.expected_cost_milli - shorter.expected_cost_milli)
                    render_favourites(store, customer_id, max(now, night.valid_from), scene.data.currency)
                    ended += 1
    return ended


def _refusers(store: Store, scene: Scene, bucket: int) -> list[str]:
    """Customers of a bucket who have refused and whose favourite would go on."""
    file = scene.folder.suggestions(bucket)
    if not file.exists():
        return []
    advised = pd.read_parquet(file)
    refused = advised.loc[advised["items"] == NOBODY, "customer_id"].tolist()
    valid_from = scene.night.valid_from
    running = favourites_between(store, refused, valid_from, valid_from + _LONGEST)
    return sorted({customer_id for customer_id, _ in running})
