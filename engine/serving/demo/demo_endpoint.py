"""`/demo`: one page where a person types a customer number and sees the offers as the customer would.

Only with ABONEMENT_DEMO and only for browsers on this machine, as long as the server has no keys; anybody
else finds nothing here. It reads through the same use case as the phone does.
"""

import ipaddress
import json
from datetime import datetime

from fastapi import APIRouter, HTTPException, Request, Response

from engine.day.choose_favourite import FavouriteChoice, favourite_of
from engine.day.nights_shown import current_night
from engine.day.offers_at_login import customers_to_show, offers_at_login
from engine.day.shops_ids import customer_known_as
from engine.domain.offer_errors import Refused
from engine.serving.demo.demo_page import Visit, render_page
from engine.serving.http.deployment import Deployment, deployment
from engine.serving.http.outside_ids import check_id
from models.pages.rendering import style_hash

router = APIRouter(include_in_schema=False)

_SAMPLES = 6


@router.get("/demo")
def get_demo(request: Request, customer: str = "") -> Response:
    """Return the page, for one customer if a number was typed."""
    here = deployment(request)
    if not (here.settings.demo and _is_loopback(request)):
        raise HTTPException(404)
    now = here.now()
    night = current_night(here.store, now)
    customer_id = customer.strip()
    if customer_id:
        check_id(customer_id, "query.customer")
        customer_id = customer_known_as(here.store, customer_id)
    visit = Visit(
        now=now,
        clock_is_fixed=here.settings.clock_is_fixed,
        timezone="UTC" if night is None else night.timezone,
        has_run=night is not None,
        samples=customers_to_show(here.store, now, at_most=_SAMPLES),
        view=json.loads(offers_at_login(here.store, customer_id, now).body) if customer_id else None,
        choice=_choice(here, customer_id, now) if customer_id else None,
    )
    return Response(render_page(visit), headers=_headers(), media_type="text/html")


def _headers() -> dict[str, str]:
    """The page loads nothing from anywhere and runs no script."""
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src {style_hash()}; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }


def _choice(here: Deployment, customer_id: str, now: datetime) -> FavouriteChoice | None:
    """The customer's favourite; None before there are rules to judge it by."""
    try:
        return favourite_of(here.store, customer_id, now)
    except Refused:
        return None


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
