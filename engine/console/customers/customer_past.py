"""What a customer was offered, used and told us, in words: the newest first."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from engine.console.frame.texts import Texts
from engine.domain.contacts import Contact
from engine.store.checkout.past_uses import PastUse
from engine.store.schema import PUBLISHED
from engine.wording.spoken_words import readable

_MOMENT = timedelta(microseconds=1)  # windows are half-open: the last day is the one before the end


class ShownAsOffered(NamedTuple):
    """An offer as the customer's app shows it."""

    name: str
    percent: str
    price: str
    before: str
    limit: str
    reason: str
    state: str
    word: str


class SeenBundle(NamedTuple):
    """A bundle with its offers, and how many of its slots are used."""

    window: str
    used: str
    offers: Sequence[ShownAsOffered]


class PastLine(NamedTuple):
    """Something that happened: when, what, and what it came to."""

    when: str
    what: str
    came_to: str
    says: str = ""


def bundle_of(view: Mapping[str, Any], zone: tzinfo, texts: Texts) -> SeenBundle | None:
    """A body that the app got, in words; None where there is no bundle in it."""
    bundle = view["bundle"]
    if bundle is None:
        return None
    return SeenBundle(
        _window(bundle, zone, texts),
        texts("customer.slots", used=bundle["slots_used"], total=bundle["slots_total"]),
        [_offer(one, texts) for one in view["offers"]],
    )


def bundles_before(
    bodies: Sequence[bytes], now_id: str, states: Mapping[str, str], zone: tzinfo, texts: Texts
) -> list[PastLine]:
    """Every kept bundle but the one that is shown now, and those of nights that were replaced or rolled back before anything was used.

    Args:
        bodies: as the app got them, the oldest first.
        now_id: the bundle that is shown now.
        states: of the runs by name.
        zone: the shop's.
        texts: in the visitor's language.

    """
    views = [json.loads(body) for body in reversed(bodies)]
    return [
        PastLine(
            _window(view["bundle"], zone, texts),
            ", ".join(readable(offer["item"]["name"]) for offer in view["offers"]),
            texts("customer.slots", used=view["bundle"]["slots_used"], total=view["bundle"]["slots_total"]),
        )
        for view in views
        if view["bundle"] is not None
        and view["bundle"]["id"] != now_id
        and (states.get(view["bundle"]["run_id"]) == PUBLISHED or view["bundle"]["slots_used"])
    ]


def uses_in_words(
    uses: Sequence[PastUse], names: Mapping[str, str], zone: tzinfo, texts: Texts
) -> list[PastLine]:
    """Lines of receipts; `names` are the products' by offer, where a bundle that has them is kept."""
    return [
        PastLine(
            texts.moment(one.redeemed_at.astimezone(zone)),
            readable(names.get(one.offer_id, "")) or one.product_id,
            texts.money(one.discount_minor, one.currency),
            texts("customer.taken_back")
            if one.is_taken_back
            else texts("customer.in_store", store=one.store_id)
            if one.store_id
            else "",
        )
        for one in uses
    ]


def contacts_in_words(contacts: Sequence[Contact], zone: tzinfo, texts: Texts) -> list[PastLine]:
    """What contacts found, the newest first."""
    return [
        PastLine(
            texts.moment(one.at.astimezone(zone)),
            texts(f"contact.found_{one.found}"),
            texts("contact.by", channel=texts(f"contact.channel_{one.channel}"), name=one.by),
            one.note,
        )
        for one in reversed(contacts)
    ]


def names_of_offers(bodies: Sequence[bytes]) -> dict[str, str]:
    """The products' names by offer, as the customer read them."""
    views = map(json.loads, bodies)
    return {offer["id"]: offer["item"]["name"] for view in views for offer in view["offers"]}


def _window(bundle: Mapping[str, Any], zone: tzinfo, texts: Texts) -> str:
    first = datetime.fromisoformat(bundle["valid_from"]).astimezone(zone).date()
    last = (datetime.fromisoformat(bundle["valid_to"]).astimezone(zone) - _MOMENT).date()
    return texts("customer.window", first=texts.date(first), last=texts.date(last))


def _offer(offer: Mapping[str, Any], texts: Texts) -> ShownAsOffered:
    price, currency = offer["price_minor"], offer["currency"]
    return ShownAsOffered(
        readable(offer["item"]["name"]),
        texts.percent(offer["discount_bp"] / 10_000, 0 if offer["discount_bp"] % 100 == 0 else 1),
        "" if price is None else texts.money(offer["offer_price_minor"], currency),
        "" if price is None else texts.money(price, currency),
        texts("customer.units", n=offer["max_units"]),
        offer["reason"]["text"],
        offer["state"],
        texts(f"customer.state_{offer['state']}"),
    )
