"""One customer on one page: the card that lies before whoever has them on the telephone."""

import json
from contextlib import suppress

from starlette.responses import Response

from engine.console.customers.customer_past import (
    bundle_of,
    bundles_before,
    contacts_in_words,
    names_of_offers,
    uses_in_words,
)
from engine.console.door.doorkeeper import not_found
from engine.console.frame.shown_page import address_of, page
from engine.console.frame.visit import ConsoleVisit, zone_of
from engine.day.choose_favourite import FavouriteChoice, favourite_of
from engine.day.nights_shown import current_night
from engine.day.offers_at_login import offers_at_login
from engine.day.shops_ids import customer_known_as
from engine.domain.console_users import Role
from engine.domain.contacts import MAX_NOTE, Channel, Found
from engine.domain.offer_errors import Refused
from engine.store.access.audit import keep_record
from engine.store.access.customer_erasure import waiting_erasures
from engine.store.checkout.past_uses import past_uses
from engine.store.choices.contact_log import contacts_of
from engine.store.nights.known_ids import cards_of
from engine.store.nights.login_views import kept_bodies
from engine.store.nights.run_records import run_states
from engine.store.nights.stops import current_stop
from engine.wording.spoken_words import readable
from models.ground.shop_ids import is_id

PAGE = "engine/console/customers/customer.html"
_USES_SHOWN = 50


def customer(visit: ConsoleVisit) -> Response:
    """Show a customer; that it was looked at is in the audit trail."""
    asked = visit.names["customer_id"]
    if not is_id(asked):
        return not_found(visit)
    texts, store = visit.texts, visit.store
    name = customer_known_as(store, asked)
    with store.writing() as connection:
        keep_record(connection, visit.act("customer_seen", customer_id=name))
    night = current_night(store, visit.now)
    zone = zone_of(None if night is None else night.timezone)
    view = json.loads(offers_at_login(store, name, visit.now).body)
    bodies = kept_bodies(store, name)
    contacts = contacts_of(store, [name]).get(name, [])
    uses = past_uses(store, name, at_most=_USES_SHOWN)
    cards = cards_of(store, name)
    return page(
        visit,
        PAGE,
        texts("customer.title", id=name),
        customer_id=name,
        asked_as=asked if asked != name else "",
        cards=", ".join(cards),
        is_erased=name in waiting_erasures(store),
        is_unknown=not (bodies or contacts or uses or cards),
        is_stopped=current_stop(store) is not None,
        bundle=bundle_of(view, zone, texts),
        withdrawn=[
            (readable(one["item"]["name"]), one["reason"]["text"]) for one in view.get("withdrawn", ())
        ],
        favourite=_favourite(visit, name),
        why=address_of("customers", name, "why"),
        before=bundles_before(bodies, (view["bundle"] or {}).get("id", ""), run_states(store), zone, texts),
        uses=uses_in_words(uses, names_of_offers(bodies), zone, texts),
        contacts=contacts_in_words(contacts, zone, texts),
        kinds=[(one.value, texts(f"contact.found_{one}")) for one in Found],
        channels=[(one.value, texts(f"contact.channel_{one}")) for one in Channel],
        longest_note=MAX_NOTE,
        may_erase=visit.may(Role.ADMIN),
    )


def _favourite(visit: ConsoleVisit, customer_id: str) -> str:
    """The favourite product in a sentence; nothing where there is none to speak of."""
    choice: FavouriteChoice | None = None
    with suppress(Refused):  # before the first night
        choice = favourite_of(visit.store, customer_id, visit.now)
    for one in () if choice is None else (choice.current, choice.upcoming):
        if one is not None:
            share = visit.texts.percent(one.discount_bp / 10_000)
            return visit.texts("customer.favourite", name=readable(one.name), percent=share)
    return ""
