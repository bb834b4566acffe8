"""`GET /v1/customers/{customer_id}/offers`: what a customer sees when he opens the app."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from engine.day.offers import LoginOffers, offers_at_login
from engine.domain.access import Scope
from engine.domain.errors import StoreUnreachable
from engine.serving.access import Caller, may
from engine.serving.dependencies import deployment
from engine.serving.login_route import LoginRoute
from engine.serving.metrics import STALE_READS_TOTAL
from engine.serving.problems import ACCESS, documented
from engine.serving.schemas import EMPTY_EXAMPLE, OFFERS_EXAMPLE, CustomerId, Offers

router = APIRouter(prefix="/v1", tags=["offers"], route_class=LoginRoute)

_CACHE = "private, no-cache"  # keep it, and ask with If-None-Match before showing it again
_AGE = {"description": "Seconds since `as_of`; absent before the first night.", "schema": {"type": "integer"}}
_ETAG = {"description": "Fingerprint of the body for If-None-Match.", "schema": {"type": "string"}}


@router.get(
    "/customers/{customer_id}/offers",
    response_model=Offers,
    summary="A customer's offers",
    responses={
        200: {
            "description": "The customer's offers; an empty list for anybody who has none.",
            "headers": {"Age": _AGE, "ETag": _ETAG},
            "content": {
                "application/json": {
                    "examples": {"bundle": {"value": OFFERS_EXAMPLE}, "none": {"value": EMPTY_EXAMPLE}}
                }
            },
        },
        304: {
            "description": "Nothing has changed since the ETag in If-None-Match.",
            "headers": {"ETag": _ETAG},
        },
        **documented(*ACCESS),
    },
)
async def get_offers(
    customer_id: CustomerId, request: Request, _caller: Annotated[Caller, may(Scope.APP)]
) -> Response:
    """Return the body that the night made for the customer.

    A customer without offers gets 200 and an empty list, an id that nobody knows as well. While the store is away
    a customer whom this process served within the hour gets what he got then, with its age, and the header
    Cache-Status says so.
    """
    here = deployment(request)
    now = here.now()
    try:
        offers = offers_at_login(here.store, customer_id, now)
    except StoreUnreachable:
        known = here.last_known.offers(customer_id, now)
        if known is None:
            raise
        STALE_READS_TOTAL.inc()
        return _response(request, known, {"Cache-Status": "abonement; hit; detail=store_unreachable"})
    here.last_known.remember(customer_id, offers, now)
    return _response(request, offers, {})


def _response(request: Request, offers: LoginOffers, headers: dict[str, str]) -> Response:
    body, age_seconds, etag = offers
    headers |= {"ETag": etag, "Cache-Control": _CACHE}
    if age_seconds is not None:
        headers["Age"] = str(age_seconds)
    if _matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _matches(if_none_match: str | None, etag: str) -> bool:
    if if_none_match is None:
        return False
    known = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return etag in known or "*" in known
