"""`/demo`: one page where a person types a customer number and sees the offers as the customer would.

It asks for no key, so it is there only with ABONEMENT_DEMO and only for a browser on this machine that asked for this
machine: what came through a proxy, or from a page of another name that was led here, finds nothing. It reads through the
same use case as the phone does.
"""

import ipaddress
import json
import re
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
_FORWARDED = {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"}


@router.get("/demo")
def get_demo(request: Request, customer: str = "") -> Response:
    """Return the page, for one customer if a number was typed."""
    here = deployment(request)
    if not (here.settings.demo and _is_at_this_machine(request)):
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


def _is_at_this_machine(request: Request) -> bool:
    if _FORWARDED & set(request.headers.keys()) or request.client is None:
        return False
    # Of several Host headers none is believed.
    hosts = request.headers.getlist("host")
    return _is_loopback(request.client.host) and len(hosts) == 1 and _is_loopback(_name(hosts[0]))


def _name(host: str) -> str:
    """What a Host header names, without the port."""
    return re.sub(r":\d*\Z", "", host).removeprefix("[").removesuffix("]")


def _is_loopback(name: str) -> bool:
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
