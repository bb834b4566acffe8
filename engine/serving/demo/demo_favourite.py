"""The favourite product on the demo page: what the customer has picked, or what they could pick."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engine.day.choose_favourite import FavouriteChoice
from engine.domain.favourite_promise import PromisedFavourite
from engine.domain.favourite_rules import Product
from engine.domain.money import offer_price_minor
from engine.serving.demo.demo_words import ReadableName, long_day, money, percent, readable_name

_MOMENT = timedelta(microseconds=1)  # windows are half-open: the last day is the one before the end


@dataclass(frozen=True)
class PickedProduct:
    """A favourite in effect, or one that begins: then `first_day` says when."""

    name: ReadableName
    first_day: str
    last_day: str
    max_units: int
    percent: str
    now: str
    before: str


@dataclass(frozen=True)
class ProductToPick:
    """What could be picked next, at the price that it would then have."""

    name: ReadableName
    price: str


@dataclass(frozen=True)
class ShownFavourite:
    """The section's words."""

    picked: Sequence[PickedProduct]
    percent: str
    suggestions: Sequence[ProductToPick]


def shown_favourite(choice: FavouriteChoice | None, now: datetime, zone: ZoneInfo) -> ShownFavourite | None:
    """Return what the section says; None for a customer who has no favourite and none to pick."""
    if choice is None or not (choice.current or choice.upcoming or choice.suggestions):
        return None
    return ShownFavourite(
        picked=[_picked(one, choice, now, zone) for one in (choice.current, choice.upcoming) if one],
        percent=percent(choice.discount_bp),
        suggestions=[_to_pick(one, choice) for one in choice.suggestions],
    )


def _picked(one: PromisedFavourite, choice: FavouriteChoice, now: datetime, zone: ZoneInfo) -> PickedProduct:
    promise = one.promise
    begins = "" if promise.counts_at(now) else long_day(promise.effective_from.astimezone(zone).date())
    return PickedProduct(
        name=readable_name(one.name),
        first_day=begins,
        last_day=long_day((promise.valid_to - _MOMENT).astimezone(zone).date()),
        max_units=one.max_units,
        percent=percent(one.discount_bp),
        now=money(offer_price_minor(one.price_minor, one.discount_bp), choice.currency),
        before=money(one.price_minor, choice.currency),
    )


def _to_pick(product: Product, choice: FavouriteChoice) -> ProductToPick:
    price = offer_price_minor(product.price_minor or 0, choice.discount_bp)
    return ProductToPick(readable_name(product.name), money(price, choice.currency))
