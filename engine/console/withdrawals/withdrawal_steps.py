"""A product leaves all offers or may come back, all offers stop or go on: each in one transaction with its line of the trail."""

from starlette.responses import Response

from engine.console.frame.shown_page import go_to
from engine.console.frame.visit import ConsoleVisit
from engine.day.recall_product import lift_recall, recall_product
from engine.day.shops_ids import product_known_as
from engine.day.stop_offers import resume_offers, stop_offers
from engine.domain.offer_errors import Refused
from engine.store.access.audit import keep_record
from models.ground.shop_ids import ID_RULE, is_id


def recall(visit: ConsoleVisit) -> Response:
    """Withdraw a product from all offers."""
    name = _product(visit)
    with visit.store.switching() as connection:
        reason = visit.form.get("reason", "")
        if recall_product(visit.store, name, reason=reason, now=visit.now):
            keep_record(connection, visit.act("recalled", subject=name))
    return go_to("products", said="recalled")


def lift(visit: ConsoleVisit) -> Response:
    """Let a product be offered again."""
    name = _product(visit)
    with visit.store.switching() as connection:
        if lift_recall(visit.store, name, now=visit.now):
            keep_record(connection, visit.act("recall_lifted", subject=name))
    return go_to("products", said="lifted")


def stop(visit: ConsoleVisit) -> Response:
    """Stop all personal offers."""
    with visit.store.switching() as connection:
        if stop_offers(visit.store, reason=visit.form.get("reason", ""), now=visit.now):
            keep_record(connection, visit.act("stopped"))
    return go_to("products", said="stopped")


def resume(visit: ConsoleVisit) -> Response:
    """Let all personal offers go on."""
    with visit.store.switching() as connection:
        if resume_offers(visit.store, now=visit.now):
            keep_record(connection, visit.act("resumed"))
    return go_to("products", said="resumed")


def _product(visit: ConsoleVisit) -> str:
    asked = visit.form.get("product", "").strip()
    if not is_id(asked):
        raise Refused("invalid_request", f"Expected a product's id: {ID_RULE}. Nothing was changed.")
    return product_known_as(visit.store, asked)
