"""The favourite product on the demo page: what the customer has picked, or what they could pick."""

from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from engine.day.choose_favourite import FavouriteChoice
from engine.domain.favourite_promise import PromisedFavourite
from engine.domain.favourite_rules import Product
from engine.domain.money import offer_price_minor
from engine.serving.demo.demo_words import long_day, money, name_html, percent, prices_html

_MOMENT = timedelta(microseconds=1)  # windows are half-open: the last day is the one before the end


def favourite_html(choice: FavouriteChoice | None, now: datetime, zone: ZoneInfo) -> str:
    """Return the section, or nothing for a customer who has no favourite and none to pick."""
    if choice is None or not (choice.current or choice.upcoming or choice.suggestions):
        return ""
    picked = [one for one in (choice.current, choice.upcoming) if one is not None]
    cards = "".join(_card(one, choice, now, zone) for one in picked)
    return (
        '<section class="favourite" aria-labelledby="favourite"><h2 id="favourite">Favourite product</h2>'
        f"{f'<ul>{cards}</ul>' if cards else _invitation(choice)}{_suggestions(choice)}</section>"
    )


def _card(one: PromisedFavourite, choice: FavouriteChoice, now: datetime, zone: ZoneInfo) -> str:
    promise = one.promise
    last = (promise.valid_to - _MOMENT).astimezone(zone).date()
    begins = promise.effective_from.astimezone(zone).date()
    when = (
        f"until the end of <strong>{long_day(last)}</strong>"
        if promise.counts_at(now)
        else f"from <strong>{long_day(begins)}</strong> to the end of {long_day(last)}"
    )
    prices = prices_html(
        one.price_minor, offer_price_minor(one.price_minor, one.discount_bp), choice.currency
    )
    return (
        f'<li><span class="heart" aria-hidden="true">&#9829;</span><div><h3>{name_html(one.name)}</h3>'
        f"<p>{when}, up to {one.max_units} a day</p></div>"
        f'<p class="price">{prices}</p><span class="badge">&minus;{percent(one.discount_bp)}%</span></li>'
    )


def _invitation(choice: FavouriteChoice) -> str:
    return (
        f"<p>Nothing is picked yet: one product of the customer's own choice costs "
        f"{percent(choice.discount_bp)} % less, from the next day on.</p>"
    )


def _suggestions(choice: FavouriteChoice) -> str:
    chips = "".join(_chip(one, choice) for one in choice.suggestions)
    return f'<p class="could">Could be picked next</p><ul class="chips">{chips}</ul>' if chips else ""


def _chip(product: Product, choice: FavouriteChoice) -> str:
    price = offer_price_minor(product.price_minor or 0, choice.discount_bp)
    return f"<li>{name_html(product.name)} <b>{escape(money(price, choice.currency))}</b></li>"
