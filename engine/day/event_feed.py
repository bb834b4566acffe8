"""Another system reads what happened, page by page: who goes on from `next` misses nothing and gets nothing twice."""

from typing import NamedTuple

from engine.store import Store
from engine.store.log.events import Event, events_after

NEVER = "0"  # the cursor before the first event


class FeedPage(NamedTuple):
    """A stretch of the feed, and the cursor after it."""

    events: tuple[Event, ...]
    next: str  # the same as before while nothing is new


def feed_page(store: Store, after: str, *, at_most: int) -> FeedPage:
    """Return the events that follow a cursor; raises StoreUnreachable."""
    found = events_after(store, int(after), limit=at_most)
    last = str(found[-1].feed_no) if found else after
    return FeedPage(tuple(placed.event for placed in found), last)
