"""A customer picks the one product that costs them less: what they have, what they could have, choosing, ending.

Nobody is told why they have no choice: a customer whom the holdout keeps without a favourite, one who refused personal
offers, a programme without favourites and a used-up budget line all look alike. Over some days a holdout that covers the
favourite can be guessed all the same, because others have a choice; one that does not cover it changes nothing here. A promise once made is kept whatever
becomes of the line or the programme.

A customer sees one price of an item at a moment: while a bundle or a favourite of theirs shows one, it is what a suggestion
of the same item says and what choosing it promises, whatever a later night has learnt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.day.published_rules import PublishedRules, is_held_out, keep_arm, rules_now
from engine.day.recall_product import RECALLED
from engine.day.stop_offers import refuse_stopped
from engine.day.till.usable_offers import of_age_now, stand_ins
from engine.domain import favourite_promise
from engine.domain.customer_view import moment_text, prices_shown
from engine.domain.eligibility import Consent
from engine.domain.favourite_promise import Promise, PromisedFavourite
from engine.domain.favourite_rules import Product, Refusal, expected_cost_milli
from engine.domain.ids import favourite_id
from engine.domain.offer_errors import Refused
from engine.store import Store
from engine.store.choices.favourites import (
    Chosen,
    Suggestions,
    add_favourite,
    end_favourite,
    give_back,
    history_of,
    planned_milli,
    render_favourites,
    suggestions_of,
    take_from_line,
)
from engine.store.log.events import Event, append
from engine.store.nights.login_views import view_of
from engine.store.nights.published_products import products_named
from engine.store.nights.recalls import recalled_now
from engine.store.nights.stops import current_stop

NOT_AVAILABLE = "favourite_not_available"
TOO_SOON = "favourite_chosen_today"
# What the customer may be told.
REFUSALS = {
    Refusal.UNKNOWN_ITEM: "The shop has no such product.",
    Refusal.DELISTED: "The product is not sold any more.",
    Refusal.ALCOHOL: "Alcohol cannot be a favourite.",
    Refusal.TOBACCO: "Tobacco cannot be a favourite.",
    Refusal.PARTNER: "Products of partners cannot be a favourite.",
    Refusal.EXCLUDED_FAMILY: "Products of this family cannot be a favourite.",
    Refusal.LEGAL_AGE: "The shop does not know you to be old enough for this product.",
    Refusal.NOT_OFFERED: "This product cannot be a favourite.",
    Refusal.TOO_EXPENSIVE: "The product costs more than a favourite may.",
    Refusal.TOO_CHEAP: "The product costs less than a favourite must.",
}


@dataclass(frozen=True)
class FavouriteChoice:
    """What a customer has and could have.

    Attributes:
        current: in effect now; None while its product is recalled or all offers are stopped.
        upcoming: in effect from a later day on; None while its product is recalled or all offers are stopped.
        effective_from: when what they chose last takes effect or, after an ending, there is nothing left.
        changeable_from: when the next choice is accepted; None where there is none to make.
        suggestions: what they are advised to pick, the likeliest first.
        substitutes: what gets the discount while the current favourite is sold out or recalled.
        discount_bp: of a favourite chosen now.
        currency: of all amounts.

    """

    current: PromisedFavourite | None
    upcoming: PromisedFavourite | None
    effective_from: datetime | None
    changeable_from: datetime | None
    suggestions: tuple[Product, ...]
    substitutes: tuple[Product, ...]
    discount_bp: int
    currency: str


def favourite_of(store: Store, customer_id: str, now: datetime) -> FavouriteChoice:
    """Return what a customer has and could have.

    Raises:
        Refused: no_current_run.
        StoreUnreachable: the database does not answer.
    """
    return _choice(store, rules_now(store), customer_id, now)


def choose_favourite(store: Store, customer_id: str, item_id: str, now: datetime) -> FavouriteChoice:
    """Let a product be the customer's favourite, from the next local day or, for a new customer, at once.

    What they chose last is confirmed without a change.

    Raises:
        Refused: they have no choice to make, have made today's, or the product cannot be a favourite; the key says which.
        StoreUnreachable, CannotWrite: nothing was written.
    """
    shop = rules_now(store)
    with store.writing(customer_id):
        refuse_stopped(store)
        history = history_of(store, customer_id)
        made = [one.promise for one in history]
        advice = _advice(store, shop, customer_id)
        if advice is None:
            raise _not_available()
        if not favourite_promise.stands_already(made, item_id, now, shop.days):
            if favourite_promise.changeable_from(made, now, shop.days, shop.programme.favourite_pace) > now:
                raise Refused(TOO_SOON, "Today's choice is made; the next one can be made tomorrow.")
            is_new = not advice.known and not history and shop.programme.favourite.at_once_for_new
            product = _as_shown(
                _allowed(store, shop, item_id, advice, now), _prices_shown(store, customer_id, now, history)
            )
            _promise(store, shop, customer_id, made, product, now, at_once=is_new)
        return _choice(store, shop, customer_id, now)


def end_favourite_of(store: Store, customer_id: str, now: datetime) -> FavouriteChoice:
    """End what the customer has with the present local day; without a favourite nothing happens.

    Raises:
        Refused: no_current_run.
        StoreUnreachable, CannotWrite: nothing was written.
    """
    shop = rules_now(store)
    with store.writing(customer_id):
        made = [one.promise for one in history_of(store, customer_id)]
        change = favourite_promise.end(made, now, shop.days)
        _shorten(store, shop, customer_id, made, change.ended, now)
        render_favourites(store, customer_id, now, shop.currency)
        left = _choice(store, shop, customer_id, now)
    return replace(left, effective_from=shop.days.next_start(now))


def _promise(
    store: Store,
    shop: PublishedRules,
    customer_id: str,
    made: Sequence[Promise],
    product: Product,
    now: datetime,
    *,
    at_once: bool,
) -> None:
    rules, days = shop.programme.favourite, shop.days
    today = days.day_of(now)
    number = 1 + sum(days.day_of(one.chosen_at) == today for one in made)
    price = product.price_minor or 0
    cost = expected_cost_milli(price, rules.discount_bp, rules.budget.expected_units)
    name = favourite_id(customer_id, today, number)
    blank = Promise(name, product.id, now, now, now, cost)
    change = favourite_promise.choose(made, blank, now, days, shop.programme.favourite_pace, at_once=at_once)
    if change.made is None:
        return
    _shorten(store, shop, customer_id, made, change.ended, now)
    starts, amount_milli = shop.favourite_line(change.made.effective_from)
    if not take_from_line(store, starts, cost, amount_milli):
        raise _not_available()
    favourite = PromisedFavourite(change.made, product.name, price, rules.discount_bp, rules.max_units_a_day)
    arm = keep_arm(store, shop, customer_id, now).value
    add_favourite(store, customer_id, Chosen(favourite, today, number, arm))
    _tell(store, "favourite_chosen", customer_id, change.made, now)
    render_favourites(store, customer_id, now, shop.currency)


def _shorten(
    store: Store,
    shop: PublishedRules,
    customer_id: str,
    made: Sequence[Promise],
    ended: Sequence[Promise],
    now: datetime,
) -> None:
    before = {one.id: one.expected_cost_milli for one in made}
    for one in ended:
        end_favourite(store, customer_id, one)
        starts, _ = shop.favourite_line(one.effective_from)
        give_back(store, starts, before[one.id] - one.expected_cost_milli)
        _tell(store, "favourite_ended", customer_id, one, now)


def _tell(store: Store, kind: str, customer_id: str, one: Promise, now: datetime) -> None:
    """Append a favourite's window and expected cost to the feed, as they are from now on."""
    details = {
        "effective_from": moment_text(one.effective_from),
        "valid_to": moment_text(one.valid_to),
        "expected_cost_milli": one.expected_cost_milli,
    }
    with store.writing(customer_id) as connection:
        told = Event(kind, now, customer_id, offer_id=one.id, item_id=one.item_id, details=details)
        append(connection, told)


def _allowed(store: Store, shop: PublishedRules, item_id: str, advice: Suggestions, now: datetime) -> Product:
    found = products_named(store, shop.run_no, [item_id]).get(item_id)
    product = None if found is None else found.product
    if item_id in recalled_now(store, now):
        raise Refused("product_recalled", RECALLED)
    rules = shop.programme.favourite_rules_for(advice.of_age)
    reason = Refusal.UNKNOWN_ITEM if product is None else rules.refusal(product)
    if product is None or reason is not None:
        raise Refused(reason or Refusal.UNKNOWN_ITEM, REFUSALS[reason or Refusal.UNKNOWN_ITEM])
    return product


def _advice(store: Store, shop: PublishedRules, customer_id: str) -> Suggestions | None:
    """What the customer is advised; None where they have no choice to make."""
    if current_stop(store) is not None:
        return None
    programme = shop.programme
    held_out = "favourite" in programme.holdout.covers and is_held_out(store, shop, customer_id)
    if not programme.favourite.offered or held_out:
        return None
    advice = suggestions_of(store, shop.run_no, customer_id)
    # where the programme is for some stores, it is not for whom no night has seen in them
    unasked = programme.consent.rule is Consent.UNLESS_REFUSED and programme.eligibility.stores is None
    return advice if (advice.allowed if advice.known else unasked) else None


def _choice(store: Store, shop: PublishedRules, customer_id: str, now: datetime) -> FavouriteChoice:
    history = {one.promise.id: one for one in history_of(store, customer_id)}
    made = [one.promise for one in history.values()]
    found = favourite_promise.promises_at(made, now)
    recalled, is_stopped = recalled_now(store, now), current_stop(store) is not None
    current, upcoming = (
        None if one is None or one.item_id in recalled or is_stopped else history[one.id]
        for one in (found.current, found.upcoming)
    )
    shown = _prices_shown(store, customer_id, now, [one for one in (current, upcoming) if one])
    suggested = _affordable(store, shop, _advice(store, shop, customer_id), now, shown)
    changeable = favourite_promise.changeable_from(made, now, shop.days, shop.programme.favourite_pace)
    return FavouriteChoice(
        current,
        upcoming,
        None if found.last is None else found.last.effective_from,
        changeable if suggested else None,
        suggested,
        ()
        if found.current is None or is_stopped
        else stand_ins(store, shop, found.current.item_id, of_age_now(store, shop, customer_id), recalled),
        shop.programme.favourite.discount_bp,
        shop.currency,
    )


def _affordable(
    store: Store, shop: PublishedRules, advice: Suggestions | None, now: datetime, shown: Mapping[str, int]
) -> tuple[Product, ...]:
    """The products to suggest: those that the rules still allow and that the budget line has room for, at the price shown."""
    if advice is None:
        return ()
    rules = shop.programme.favourite
    ids = list(dict.fromkeys((*advice.own, *advice.popular)))[: rules.suggestions]
    named, recalled = products_named(store, shop.run_no, ids), recalled_now(store, now)
    starts, amount_milli = shop.favourite_line(shop.days.next_start(now))
    left = amount_milli - planned_milli(store, starts)
    allowed_now = shop.programme.favourite_rules_for(advice.of_age)
    allowed = [
        named[one].product
        for one in ids
        if one in named and one not in recalled and allowed_now.refusal(named[one].product) is None
    ]
    return tuple(
        one
        for one in (_as_shown(product, shown) for product in allowed)
        if one.price_minor is not None
        and expected_cost_milli(one.price_minor, rules.discount_bp, rules.budget.expected_units) <= left
    )


def _prices_shown(
    store: Store, customer_id: str, now: datetime, favourites: Sequence[PromisedFavourite]
) -> dict[str, int]:
    """What the customer's offers and favourites say that items cost."""
    view = view_of(store, customer_id, now)
    offered = {} if view is None else prices_shown(view.body)
    promised = {one.promise.item_id: one.price_minor for one in favourites if one.promise.valid_to > now}
    return promised | offered


def _as_shown(product: Product, shown: Mapping[str, int]) -> Product:
    return replace(product, price_minor=shown.get(product.id, product.price_minor))


def _not_available() -> Refused:
    return Refused(NOT_AVAILABLE, "No favourite can be chosen at present.")
