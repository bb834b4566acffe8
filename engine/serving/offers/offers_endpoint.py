"""`GET /v1/customers/{customer_id}/offers`: what a customer sees when they open the app."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header

from engine.day.offers_at_login import LoginOffers, offers_at_login
from engine.domain.access_keys import Scope
from engine.serving.access.gate import Caller, may
from engine.serving.http.answer_shapes import EMPTY_EXAMPLE, OFFERS_EXAMPLE, CustomerId, Offers
from engine.serving.http.counters import STALE_READS_TOTAL
from engine.serving.http.deployment import Deployment, deployment
from engine.serving.http.problems import ACCESS, documented
from engine.serving.offers.login_route import LoginRoute, ReadyAnswer
from models.ground.errors import StoreUnreachable

router = APIRouter(prefix="/v1", tags=["offers"], route_class=LoginRoute)

# Keep it, and ask with If-None-Match before showing it again.
_CACHE = (b"cache-control", b"private, no-cache")
_STALE = (b"cache-status", b"abonement; hit; detail=store_unreachable")  # RFC 9211
IfNoneMatch = Annotated[
    str | None, Header(description="The ETag of what the phone has; 304 if that is still it.")
]
_AGE = {"description": "Seconds since `as_of`; absent before the first night.", "schema": {"type": "integer"}}
_STATUS = {"description": "Only while the store is away.", "schema": {"type": "string"}}
_ETAG = {"description": "Fingerprint of the body for If-None-Match.", "schema": {"type": "string"}}


@router.get(
    "/customers/{customer_id}/offers",
    response_model=Offers,
    summary="A customer's offers",
    responses={
        200: {
            "description": "The customer's offers; an empty list for anybody who has none.",
            "headers": {"Age": _AGE, "ETag": _ETAG, "Cache-Status": _STATUS},
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
def get_offers(
    customer_id: CustomerId,
    here: Annotated[Deployment, Depends(deployment)],
    _caller: Annotated[Caller, may(Scope.APP)],
    if_none_match: IfNoneMatch = None,
) -> ReadyAnswer:
    """Return the body that the night made for the customer.

    A customer without offers gets 200 and an empty list, an id that nobody knows as well. While the store is away
    a customer whom this process served within the hour gets what he got then, with its age, and the header
    Cache-Status says so.
    """
    now = here.now()
    try:
        offers = offers_at_login(here.store, customer_id, now)
    except StoreUnreachable:
        known = here.last_known.offers(customer_id, now)
        if known is None:
            raise
        STALE_READS_TOTAL.inc()
        return _ready(known, if_none_match, [_STALE])
    here.last_known.remember(customer_id, offers, now)
    return _ready(offers, if_none_match, [])


def _ready(offers: LoginOffers, if_none_match: str | None, headers: list[tuple[bytes, bytes]]) -> ReadyAnswer:
    body, age_seconds, etag = offers
    headers += ((b"etag", etag.encode()), _CACHE)
    if age_seconds is not None:
        headers.append((b"age", b"%d" % age_seconds))
    if if_none_match is not None and _matches(if_none_match, etag):
        return ReadyAnswer(304, headers, b"")
    return ReadyAnswer(200, headers, body)


def _matches(if_none_match: str, etag: str) -> bool:
    known = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return etag in known or "*" in known
