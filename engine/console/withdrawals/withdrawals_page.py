"""What is withdrawn now, and the forms that withdraw something and let it come back."""

from starlette.responses import Response

from engine.console.frame.shown_page import page
from engine.console.frame.visit import ConsoleVisit, zone_of
from engine.day.nights_shown import current_night
from engine.day.recall_product import standing_recalls
from engine.day.said_reason import MAX_REASON
from engine.domain.console_users import Role
from engine.store.nights.stops import current_stop

PAGE = "engine/console/withdrawals/withdrawals.html"


def withdrawals(visit: ConsoleVisit) -> Response:
    """Show recalled products and whether all offers are stopped."""
    texts, stop = visit.texts, current_stop(visit.store)
    night = current_night(visit.store, visit.now)
    zone = zone_of(None if night is None else night.timezone)
    return page(
        visit,
        PAGE,
        texts("places.products"),
        recalls=[
            (one.product_id, one.reason, texts.moment(one.recalled_at.astimezone(zone)), one.is_rendered)
            for one in standing_recalls(visit.store, visit.now)
        ],
        stop=None if stop is None else (stop.reason, texts.moment(stop.since.astimezone(zone))),
        may_withdraw=visit.may(Role.EDITOR),
        may_resume=visit.may(Role.APPROVER),
        longest=MAX_REASON,
    )
