"""Turns a customer's view into what the demo page says: names in readable case, prices, days, reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from engine.day.choose_favourite import FavouriteChoice
from engine.domain.customer_view import by_bundle
from engine.serving.demo.demo_favourite import shown_favourite
from engine.serving.demo.demo_words import DAYS, ReadableName, long_day, money, percent, readable_name
from models.pages.rendering import render

PAGE = "engine/serving/demo/demo_page.html"
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six")
_TAGS = {"novelty": "New for you", "cold_start": "Popular"}
_TAKEN = {"offered": "Not active", "reserved": "In your basket", "redeemed": "Used"}


@dataclass(frozen=True)
class Visit:
    """All that one page shows."""

    now: datetime
    clock_is_fixed: bool
    timezone: str
    has_run: bool
    samples: tuple[str, ...]
    view: dict[str, Any] | None  # what the customer's app would get; None before a number was typed
    choice: FavouriteChoice | None = None  # their favourite product and what they could pick


@dataclass(frozen=True)
class ShownDay:
    """A day of the bundle's window; `when` is past, today or nothing."""

    weekday: str
    number: int
    when: str


@dataclass(frozen=True)
class ShownOffer:
    """One offer; without `before` it is for any product of a family, whose prices differ."""

    state: str
    name: ReadableName
    percent: str
    now: str
    before: str
    max_units: int
    tag: str
    taken: str
    reason: str


@dataclass(frozen=True)
class ShownBundle:
    """A bundle and its offers; `slots` are used, active or nothing."""

    heading: str
    claim: str
    last_day: str
    saving: str
    slots: Sequence[str]
    slots_said: str
    days: Sequence[ShownDay]
    offers: Sequence[ShownOffer]


def render_page(visit: Visit) -> str:
    """Return the page as HTML."""
    customer = "" if visit.view is None else str(visit.view["customer_id"])
    zone = ZoneInfo(visit.timezone)
    local = visit.now.astimezone(zone)
    return render(
        PAGE,
        title=f"Offers for customer {customer}" if customer else "Abonement demo",
        clock=f"{long_day(local.date())} {local.year}, {local:%H:%M} {local:%Z}",
        clock_is_fixed=visit.clock_is_fixed,
        customer=customer,
        samples=[{"customer_id": one, "address": quote(one, safe="")} for one in visit.samples],
        has_run=visit.has_run,
        bundles=[
            _bundle(customer, *of, local, zone)
            for of in ([] if visit.view is None else by_bundle(visit.view))
        ],
        favourites=shown_favourite(visit.choice, visit.now, zone),
    )


def _bundle(
    customer: str, bundle: dict[str, Any], offers: list[dict[str, Any]], now: datetime, zone: ZoneInfo
) -> ShownBundle:
    first = datetime.fromisoformat(bundle["valid_from"]).astimezone(zone).date()
    # The window is half-open: its last day is the one before its end.
    last = (datetime.fromisoformat(bundle["valid_to"]).astimezone(zone) - timedelta(microseconds=1)).date()
    count = _NUMBERS[len(offers)] if len(offers) < len(_NUMBERS) else str(len(offers))
    called = f"{bundle['programme']} " if "programme" in bundle else ""
    what = f"{count} {called}offer{'' if len(offers) == 1 else 's'}"
    if not bundle.get("claim", {"claimed": True})["claimed"]:
        what = f"{called}offers to claim".capitalize()
    slots, slots_said = _slots(bundle, offers)
    return ShownBundle(
        heading=f"{what} for customer {customer}",
        claim=_claim(bundle["claim"]) if "claim" in bundle else "",
        last_day=long_day(last),
        saving=_saving(offers),
        slots=slots,
        slots_said=slots_said,
        days=_days(first, last, now.date()),
        offers=[_offer(offer) for offer in offers],
    )


def _claim(claim: dict[str, Any]) -> str:
    """What there is to claim, or what may still be drawn in the place of what was."""
    if not claim["claimed"]:
        return f"{claim['shown']} of {claim['of']} offers are to be claimed: the customer sees them when they do so in the app."
    left = f"{claim['refreshes_left']} other set{'' if claim['refreshes_left'] == 1 else 's'}"
    swaps = f"{claim['swaps_left']} exchange{'' if claim['swaps_left'] == 1 else 's'}"
    return f"Claimed, {claim['shown']} of {claim['of']}; {left} and {swaps} of single offers left today."


def _slots(bundle: dict[str, Any], offers: list[dict[str, Any]]) -> tuple[list[str], str]:
    """How many items were taken, and of those that the customer activates how many are active."""
    total, used = bundle["slots_total"], bundle["slots_used"]
    active = sum(offer["state"] != "offered" for offer in offers)
    chooses = active < len(offers)
    filled = active if chooses else used
    slots = ["used" if place < used else "active" if place < filled else "" for place in range(total)]
    return slots, f"{active} of {total} chosen, {used} used" if chooses else f"{used} of {total} used"


def _saving(offers: list[dict[str, Any]]) -> str:
    """What one of each saves; nothing where a price is unknown or an offer is not active."""
    if not offers or any(offer["price_minor"] is None or offer["state"] == "offered" for offer in offers):
        return ""
    saved = sum(offer["price_minor"] - offer["offer_price_minor"] for offer in offers)
    return money(saved, offers[0]["currency"])


def _days(first: date, last: date, today: date) -> list[ShownDay]:
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    return [
        ShownDay(
            weekday=DAYS[day.weekday()][:3],
            number=day.day,
            when="today" if day == today else "past" if day < today else "",
        )
        for day in days
    ]


def _offer(offer: dict[str, Any]) -> ShownOffer:
    priced = offer["price_minor"] is not None
    return ShownOffer(
        state=offer["state"],
        name=readable_name(offer["item"]["name"]),
        percent=percent(offer["discount_bp"]),
        now=money(offer["offer_price_minor"], offer["currency"]) if priced else "",
        before=money(offer["price_minor"], offer["currency"]) if priced else "",
        max_units=offer["max_units"],
        tag=_TAGS.get(offer["kind"], ""),
        taken=_TAKEN.get(offer["state"], ""),
        reason=offer["reason"]["text"],
    )
