"""Turns a customer's view into the demo page: names in readable case, prices, days, reasons."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from importlib import resources
from string import Template
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from engine.day.choose_favourite import FavouriteChoice
from engine.serving.demo.demo_favourite import favourite_html
from engine.serving.demo.demo_words import DAYS, long_day, money, name_html, percent, prices_html

_PAGES = resources.files("engine.serving.demo") / "pages"
_PAGE = Template((_PAGES / "demo.html").read_text(encoding="utf-8"))
STYLE = (_PAGES / "demo.css").read_text(encoding="utf-8")

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


def render_page(visit: Visit) -> str:
    """Return the page as HTML; everything that comes from data is escaped."""
    customer = "" if visit.view is None else str(visit.view["customer_id"])
    return _PAGE.substitute(
        title=f"Offers for customer {escape(customer)}" if customer else "Abonement demo",
        style=STYLE,
        clock=_clock(visit),
        customer=escape(customer),
        autofocus="" if customer else " autofocus",
        samples=_samples(visit.samples, customer),
        content=_content(visit),
    )


def _clock(visit: Visit) -> str:
    local = visit.now.astimezone(ZoneInfo(visit.timezone))
    time = f"{long_day(local.date())} {local.year}, {local:%H:%M} {local:%Z}"
    return (
        f"Demo: the clock stands still at <strong>{time}</strong>"
        if visit.clock_is_fixed
        else f"Demo, {time}"
    )


def _samples(samples: tuple[str, ...], customer: str) -> str:
    if not samples:
        return ""
    links = "".join(
        f'<li><a href="/demo?customer={quote(one, safe="")}"{" aria-current=true" if one == customer else ""}>'
        f"{escape(one)}</a></li>"
        for one in samples
    )
    return f'<ul class="samples" aria-label="Customers to try"><li aria-hidden="true">or try</li>{links}</ul>'


def _content(visit: Visit) -> str:
    if not visit.has_run:
        return _note(
            "No night has been published yet", "Run <code>make demo</code> first, then load this page again."
        )
    if visit.view is None:
        return _note(
            "Whose offers shall we look at?",
            "Type a customer number, or pick one above: you will see what this customer finds in the shop's app.",
        )
    favourite = favourite_html(visit.choice, visit.now, ZoneInfo(visit.timezone))
    if visit.view["bundle"] is None:
        return favourite or _note(
            f"No offers for customer {escape(visit.view['customer_id'])} right now",
            "That happens, and nothing is wrong: not everybody has offers on every day. "
            "Please check the number, or pick one above.",
        )
    return _bundle(visit, visit.view) + favourite


def _note(heading: str, text: str) -> str:
    return f'<section class="note"><h1>{heading}</h1><p>{text}</p></section>'


def _bundle(visit: Visit, view: dict[str, Any]) -> str:
    zone = ZoneInfo(visit.timezone)
    bundle, offers = view["bundle"], view["offers"]
    first = datetime.fromisoformat(bundle["valid_from"]).astimezone(zone).date()
    # The window is half-open: its last day is the one before its end.
    last = (datetime.fromisoformat(bundle["valid_to"]).astimezone(zone) - timedelta(microseconds=1)).date()
    today = visit.now.astimezone(zone).date()
    count = _NUMBERS[len(offers)] if len(offers) < len(_NUMBERS) else str(len(offers))
    return (
        '<section aria-labelledby="heading"><div class="intro"><div>'
        f'<h1 id="heading">{count} offer{"" if len(offers) == 1 else "s"} for customer '
        f"{escape(view['customer_id'])}</h1>"
        f'<p class="until">Yours until the end of <strong>{long_day(last)}</strong>{_saving(offers)}</p>'
        f"{_slots(bundle, offers)}</div>{_days(first, last, today)}</div>"
        f'<ul class="offers">{"".join(_offer(offer) for offer in offers)}</ul></section>'
    )


def _slots(bundle: dict[str, Any], offers: list[dict[str, Any]]) -> str:
    """How many items were taken, and of those that the customer activates how many are active."""
    total, used = bundle["slots_total"], bundle["slots_used"]
    active = sum(offer["state"] != "offered" for offer in offers)
    chooses = active < len(offers)
    filled = active if chooses else used
    dots = "".join(
        f'<i class="{"used" if place < used else "active" if place < filled else ""}"></i>'
        for place in range(total)
    )
    said = f"{active} of {total} chosen, {used} used" if chooses else f"{used} of {total} used"
    return f'<p class="slots"><span aria-hidden="true">{dots}</span>{said}</p>'


def _saving(offers: list[dict[str, Any]]) -> str:
    if any(offer["price_minor"] is None or offer["state"] == "offered" for offer in offers):
        return ""
    saved = sum(offer["price_minor"] - offer["offer_price_minor"] for offer in offers)
    return f" · one of each saves <strong>{escape(money(saved, offers[0]['currency']))}</strong>"


def _days(first: date, last: date, today: date) -> str:
    chips = []
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        name = "today" if day == today else "past" if day < today else ""
        chips.append(f'<li class="{name}">{DAYS[day.weekday()][:3]}<b>{day.day}</b></li>')
    return f'<ul class="days" aria-hidden="true">{"".join(chips)}</ul>'


def _offer(offer: dict[str, Any]) -> str:
    tags = "".join(
        f'<span class="{style}">{text}</span>'
        for text, style in ((_TAGS.get(offer["kind"]), "tag"), (_TAKEN.get(offer["state"]), "tag taken"))
        if text
    )
    return (
        f'<li class="offer {escape(offer["state"])}"><div class="head">'
        f"<h2>{name_html(offer['item']['name'])}</h2>"
        f'<span class="badge"><span class="hidden">Discount </span>&minus;{percent(offer["discount_bp"])}%</span></div>'
        f"{_price(offer)}"
        f'<p class="why">{tags}'
        f"<span>{escape(offer['reason']['text'])}</span></p></li>"
    )


def _price(offer: dict[str, Any]) -> str:
    limit = f'<span class="limit">up to {offer["max_units"]}</span>'
    if offer["price_minor"] is None:
        return f'<p class="price"><span class="any">{percent(offer["discount_bp"])}% off any of these</span>{limit}</p>'
    prices = prices_html(offer["price_minor"], offer["offer_price_minor"], offer["currency"])
    return f'<p class="price">{prices}{limit}</p>'
