"""Find a customer by their id or by a card."""

from starlette.responses import Response

from engine.console.frame.shown_page import go_to, page
from engine.console.frame.visit import ConsoleVisit
from engine.day.shops_ids import customer_known_as
from models.ground.shop_ids import is_id

PAGE = "engine/console/customers/find_customer.html"


def find_customer(visit: ConsoleVisit) -> Response:
    """Show the form, or send to the customer whom it names."""
    asked = visit.query.get("id", "").strip()
    if is_id(asked):
        return go_to("customers", customer_known_as(visit.store, asked))
    texts = visit.texts
    return page(
        visit, PAGE, texts("places.customers"), wrong=texts("find.no_id") if asked else "", asked=asked
    )
