"""Cards that the data in use knows as merged: before the night looks at the store, what it holds of them is their owners'."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import pandas as pd

from engine.nightly.context import NightContext
from engine.nightly.publishing.consent_withdrawals import LONGEST_FAVOURITE, end_favourites_of
from engine.store import Store, open_store
from engine.store.choices.favourites import favourites_between, render_favourites
from engine.store.database.store_backup import back_up
from engine.store.grants.grant_views import render_grants
from engine.store.nights.merged_cards import (
    forget_cards_but,
    known_cards,
    take_over_card,
)
from models.tables import CUSTOMER_ID


def take_over_cards(store: Store, context: NightContext, now: datetime) -> int:
    """Let every newly merged card be its owner's in the store, and every parted one its own; returns how many are new.

    A bundle that cannot go over ends with the data's cut. If both have a favourite, the owner's goes on.
    """
    merged = _merged(context)
    forget_cards_but(store, merged)
    before = known_cards(store)
    new = {card: owner for card, owner in merged.items() if before.get(card) != owner}
    starts = context.night.valid_from
    for card_id, owner_id in sorted(new.items()):
        both = favourites_between(store, [card_id, owner_id], starts, starts + LONGEST_FAVOURITE)
        having = {customer_id for customer_id, _ in both}
        with store.writing(owner_id) as connection:
            if having == {card_id, owner_id}:
                end_favourites_of(store, context, card_id, now)
            take_over_card(store, card_id, owner_id, at=context.night.as_of)
            render_grants(connection, owner_id, now)
            if card_id in having:
                render_favourites(store, owner_id, now, context.data.currency)
    return len(new)


@contextmanager
def as_if_taken_over(store: Store, context: NightContext, scratch: Path) -> Iterator[Store]:
    """The store as a night sees it that has taken cards over, for who only looks: nothing of it stays.

    The embedded store is copied, so that nobody waits; PostgreSQL is written in a transaction that is given up, which only writes
    for the same customers wait for. Where no card was merged or parted since the last night it is the store itself.
    """
    if _merged(context) == known_cards(store):
        yield store
        return
    now = context.night.as_of
    if not store.is_postgresql:
        copy = scratch / "store.db"
        back_up(Path(str(store.engine.url.database)), copy)
        with closing(open_store(f"sqlite:///{copy}")) as its_copy:
            take_over_cards(its_copy, context, now)
            yield its_copy
        return
    with suppress(_GivenUp), store.writing():
        take_over_cards(store, context, now)
        yield store
        raise _GivenUp


class _GivenUp(Exception):
    pass


def _merged(context: NightContext) -> dict[str, str]:
    """Card and owner, as the load has followed the chains."""
    if context.data.cards is None:
        return {}
    cards = pd.read_parquet(context.data.cards)
    return dict(zip(cards[CUSTOMER_ID].tolist(), cards["owner_id"].tolist(), strict=True))
