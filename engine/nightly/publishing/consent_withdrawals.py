"""Customers who refuse personal offers now, and ids that are no customer: what they still have ends with the night's day."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd

from engine.domain.budget import period_around
from engine.domain.eligibility import Outcome
from engine.nightly.choosing.favourite_suggestions import NOBODY
from engine.nightly.context import NightContext
from engine.store import Store
from engine.store.choices.favourites import (
    end_favourite,
    favourites_between,
    give_back,
    history_of,
    render_favourites,
)
from engine.store.nights.bundle_records import end_bundle, open_bundles_of
from models.tables import CUSTOMER_ID

# No favourite lasts longer, whatever programme promised it (the most that `favourite.days` may be, and a day to begin).
LONGEST_FAVOURITE = timedelta(days=62)


def end_bundles_of_those_who_refused(store: Store, context: NightContext) -> int:
    """End every open bundle of a customer who may have no personal offers now, or is none; returns how many."""
    valid_from = context.night.valid_from
    ended = sum(
        end_bundle(store, nobody, valid_from)
        for nobody in open_bundles_of(store, context.data.no_customers(), valid_from, programme=None)
    )
    for bucket in range(context.data.buckets):
        outcomes = pd.read_parquet(context.folder.outcomes(bucket), columns=[CUSTOMER_ID, "outcome"])
        refused = outcomes.loc[outcomes["outcome"] == Outcome.NO_CONSENT.value, CUSTOMER_ID].tolist()
        ended += sum(
            end_bundle(store, customer_id, valid_from)
            for customer_id in open_bundles_of(store, refused, valid_from, programme=None)
        )
    return ended


def end_favourites_of_those_who_refused(store: Store, context: NightContext, now: datetime) -> int:
    """End, with the night's day start, every favourite of those who are known to have refused, or are no customer."""
    nobodies = _with_favourites(store, context, context.data.no_customers())
    refusers = (
        customer_id
        for bucket in range(context.data.buckets)
        for customer_id in _refusers_with_favourites(store, context, bucket)
    )
    return sum(end_favourites_of(store, context, one, now) for one in (*nobodies, *refusers))


def end_favourites_of(store: Store, context: NightContext, customer_id: str, now: datetime) -> int:
    """End, with the night's day start, what a customer was promised as a favourite; returns how many that were."""
    night, ended = context.night, 0
    with store.writing(customer_id):
        for one in history_of(store, customer_id):
            shorter = one.promise.until(night.valid_from)
            if shorter == one.promise:
                continue
            end_favourite(store, customer_id, shorter)
            budget = night.programme.favourite.budget
            starts, _ = period_around(shorter.effective_from, budget.period, night.days)
            give_back(store, starts, one.promise.expected_cost_milli - shorter.expected_cost_milli)
            render_favourites(store, customer_id, max(now, night.valid_from), context.data.currency)
            ended += 1
    return ended


def _refusers_with_favourites(store: Store, context: NightContext, bucket: int) -> list[str]:
    """Customers of a bucket who have refused and whose favourite would go on."""
    file = context.folder.suggestions(bucket)
    if not file.exists():
        return []
    advised = pd.read_parquet(file)
    refused = advised.loc[advised["items"] == NOBODY, CUSTOMER_ID].tolist()
    return _with_favourites(store, context, refused)


def _with_favourites(store: Store, context: NightContext, customer_ids: Sequence[str]) -> list[str]:
    """Those whose favourite would go on."""
    valid_from = context.night.valid_from
    running = favourites_between(store, customer_ids, valid_from, valid_from + LONGEST_FAVOURITE)
    return sorted({customer_id for customer_id, _ in running})
