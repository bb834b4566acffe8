"""A customer opens the app: what do they see?"""

from datetime import datetime
from typing import NamedTuple

from engine.day.nights_shown import age_seconds
from engine.day.stop_offers import STOPPED
from engine.domain.customer_view import render_empty
from engine.store import Store
from engine.store.nights.known_ids import customer_at_login
from engine.store.nights.login_views import current_as_of, customers_with_offers, view_of
from engine.store.nights.stops import current_stop


class LoginOffers(NamedTuple):
    """The bytes to hand out, and how old the data behind them is."""

    body: bytes
    age_seconds: int | None  # None before the first night


def offers_at_login(store: Store, customer_id: str, now: datetime) -> LoginOffers:
    """Return what the customer sees at this moment: the night's bytes unchanged until something in them ends.

    Somebody who is asked for by a merged card, or by a number with zeros before it, is asked for as the shop names them.
    After that, and for customers without a bundle for whatever reason, held out or unknown, an empty list. So does
    everybody while the shop has stopped all personal offers, and then the body says so.
    Raises StoreUnreachable.
    """
    view = view_of(store, customer_id, now)
    if view is None and (name := customer_at_login(store, customer_id)) != customer_id:
        customer_id = name
        view = view_of(store, customer_id, now)
    if view is None:
        as_of = current_as_of(store)
        reason = None if current_stop(store) is None else STOPPED
        body = render_empty(customer_id, as_of=as_of, reason=reason)
    else:
        body, as_of = view
    return LoginOffers(body, None if as_of is None else age_seconds(as_of, now))


def customers_to_show(store: Store, now: datetime, *, at_most: int) -> tuple[str, ...]:
    """Return some customers who have offers, always the same ones: whom to look at first. Raises StoreUnreachable."""
    return customers_with_offers(store, now, limit=at_most)
