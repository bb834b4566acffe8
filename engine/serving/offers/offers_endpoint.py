"""`GET /v1/customers/{customer_id}/offers`: what a customer sees when they open the app."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header

from engine.day.offers_at_login import LoginOffers, offers_at_login
from engine.domain.access_keys import Scope
from engine.serving.access.gate import Caller, may
from engine.serving.http.answer_shapes import (
    EMPTY_EXAMPLE,
    OFFERS_EXAMPLE,
    SEVERAL_EXAMPLE,
    CustomerId,
    Offers,
)
from engine.serving.http.counters import STALE_READS_TOTAL
from engine.serving.http.deployment import Deployment, deployment
from engine.serving.http.etags import CACHE, ETAG_HEADER, NOT_MODIFIED, etag_of, is_known
from engine.serving.http.problems import ACCESS, documented
from engine.serving.offers.login_route import LoginRoute, ReadyAnswer
from models.ground.errors import StoreUnreachable

router = APIRouter(prefix="/v1", tags=["offers"], route_class=LoginRoute)

_CACHE = (b"cache-control", CACHE.encode())
_STALE = (b"cache-status", b"abonement; hit; detail=store_unreachable")  # RFC 9211
IfNoneMatch = Annotated[
    str | None, Header(description="The ETag of what the phone has; 304 if that is still it.")
]
_AGE = {"description": "Seconds since `as_of`; absent before the first night.", "schema": {"type": "integer"}}
_STATUS = {"description": "Only while the store is away.", "schema": {"type": "string"}}


@router.get(
    "/customers/{customer_id}/offers",
    response_model=Offers,
    operation_id="get_offers",  # the app names the others; this route does not pass through it
    summary="A customer's offers",
    responses={
        200: {
            "description": "The customer's offers; an empty list for anybody who has none.",
            "headers": {"Age": _AGE, **ETAG_HEADER, "Cache-Status": _STATUS},
            "content": {
                "application/json": {
                    "examples": {
                        "bundle": {"value": OFFERS_EXAMPLE},
                        "several": {"value": SEVERAL_EXAMPLE},
                        "none": {"value": EMPTY_EXAMPLE},
                    }
                }
            },
        },
        **NOT_MODIFIED,
        **documented(*ACCESS),
    },
)
async def get_offers(
    customer_id: CustomerId,
    here: Annotated[Deployment, Depends(deployment)],
    _caller: Annotated[Caller, may(Scope.APP)],
    if_none_match: IfNoneMatch = None,
) -> ReadyAnswer:
    """Return the body that the night made for the customer.

    A customer without offers gets 200 and an empty list, an id that nobody knows as well. While the store is away
    a customer whom this process served within the hour gets what they got then, with its age, and the header
    Cache-Status says so.
    """
    now, endings = here.now(), here.last_known.endings
    try:
        offers = await here.login_reads.answered(lambda: offers_at_login(here.store, customer_id, now))
    except StoreUnreachable:
        here.last_known.missed()
        known = here.last_known.offers(customer_id, now)
        if known is None:
            raise
        STALE_READS_TOTAL.inc()
        return _ready(known, if_none_match, [_STALE])
    here.last_known.remember(customer_id, offers, now, read_at=endings)
    return _ready(offers, if_none_match, [])


def _ready(offers: LoginOffers, if_none_match: str | None, headers: list[tuple[bytes, bytes]]) -> ReadyAnswer:
    etag = etag_of(offers.body)
    headers += ((b"etag", etag.encode()), _CACHE)
    if offers.age_seconds is not None:
        headers.append((b"age", b"%d" % offers.age_seconds))
    if is_known(etag, if_none_match):
        return ReadyAnswer(304, headers, b"")
    return ReadyAnswer(200, headers, offers.body)
