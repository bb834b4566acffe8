"""`POST /v1/events` and `GET /v1/events`: what was shown and opened, and everything that happened, in one feed."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from engine.day.app_events import Told, origins_of, tell
from engine.day.event_feed import NEVER, FeedPage, feed_page
from engine.day.shops_ids import customers_known_as
from engine.domain.access_keys import Scope
from engine.domain.offer_errors import Refused
from engine.serving.access.gate import Caller, Gate, may
from engine.serving.access.idempotent_writes import Write, writes
from engine.serving.http.deployment import Deployment, deployment
from engine.serving.http.outside_ids import Id, OwnId
from engine.serving.http.problems import ACCESS, WRITES, documented

router = APIRouter(prefix="/v1", tags=["events"])

MOST_EVENTS = 200
MOST_EVENTS_OF_A_PHONE = 50


class ToldEvent(BaseModel):
    """Something that only the app can see."""

    model_config = ConfigDict(extra="forbid")

    id: OwnId = Field(description="The app's own; told again, it changes nothing.")
    kind: Literal["shown", "opened"]
    customer_id: Id
    offer_id: OwnId | None = Field(None, description="Absent: the whole bundle.")
    at: AwareDatetime = Field(description="When, as the phone's clock says. Kept beside ours.")


class ToldEvents(BaseModel):
    """A batch, so that a phone can wait for a better connection."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "events": [
                        {
                            "id": "a81f-1",
                            "kind": "shown",
                            "customer_id": "1029",
                            "offer_id": "o_1",
                            "at": "2017-12-04T08:59:30Z",
                        }
                    ]
                }
            ]
        },
    )

    events: list[ToldEvent] = Field(max_length=MOST_EVENTS)


class Counted(BaseModel):
    """What became of a batch."""

    accepted: int
    duplicates: int = Field(description="Known already by their id.")


class FeedEvent(BaseModel):
    """One thing that happened."""

    id: str
    kind: str
    at: datetime = Field(description="Our clock, when it reached us.")
    told_at: datetime | None = Field(description="The phone's clock, for what the app told.")
    customer_id: str | None = Field(description="null once the customer was erased.")
    run_id: str | None
    bundle_id: str | None
    offer_id: str | None
    item_id: str | None
    details: dict[str, Any]


class Page(BaseModel):
    """A stretch of the feed."""

    events: list[FeedEvent]
    next: str = Field(description="Send it as `after` to go on; the same as before while nothing is new.")


_COUNTED = {"accepted": 1, "duplicates": 0}
_PAGE = {
    "events": [
        {
            "id": "a81f-1",
            "kind": "shown",
            "at": "2017-12-04T09:00:00Z",
            "told_at": "2017-12-04T08:59:30Z",
            "customer_id": "1029",
            "run_id": "2017-12-04.1",
            "bundle_id": "b_7f3",
            "offer_id": "o_1",
            "item_id": "995242",
            "details": {},
        }
    ],
    "next": "1",
}


@router.post(
    "/events",
    response_model=Counted,
    summary="Tell what was shown and opened",
    responses={200: {"content": {"application/json": {"example": _COUNTED}}}, **documented(*WRITES)},
)
async def post_events(
    body: ToldEvents,
    write: Annotated[Write, writes(Scope.APP)],
    here: Annotated[Deployment, Depends(deployment)],
    request: Request,
) -> Response:
    """Each id counts once, whoever sends it how often; an event of an offer that is not the customer's is kept as told.

    Nothing is withdrawn or earned by it: it is what training and measurement learn from. A phone tells at most 50 at
    once and 300 a minute; batches wait for each other, never a till for more than a few of them.
    """
    gate: Gate = request.app.state.gate
    for customer_id in {event.customer_id for event in body.events}:
        await gate.check_customer(write.caller, customer_id)
    if write.caller.customer_id is not None and len(body.events) > MOST_EVENTS_OF_A_PHONE:
        said = f"body.events: a phone tells at most {MOST_EVENTS_OF_A_PHONE} events at once, not {len(body.events)}"
        raise Refused("invalid_request", said)
    gate.count_told(write.caller, len(body.events))
    return await asyncio.wrap_future(here.event_writers.submit(_told, body, write, here))


def _told(body: ToldEvents, write: Write, here: Deployment) -> Response:
    known = customers_known_as(here.store, {event.customer_id for event in body.events})
    told = [
        Told(event.id, event.kind, known[event.customer_id], event.offer_id, event.at)
        for event in body.events
    ]
    customer_id = told[0].customer_id if len({event.customer_id for event in told}) == 1 else None
    origins = origins_of(here.store, told, now=here.now())
    return write.once("told", customer_id, lambda store, now: tell(store, told, origins, now=now)._asdict())


@router.get(
    "/events",
    response_model=Page,
    summary="Everything that happened, in order",
    responses={200: {"content": {"application/json": {"example": _PAGE}}}, **documented(*ACCESS)},
)
def get_events(
    _caller: Annotated[Caller, may(Scope.ANALYST)],
    here: Annotated[Deployment, Depends(deployment)],
    after: Annotated[str, Query(pattern=r"^[0-9]{1,18}$", description="`next` of the page before.")] = NEVER,
    limit: Annotated[int, Query(ge=1, le=1000, description="Events of one page, at most.")] = 100,
) -> Response:
    """Who goes on from `next` misses nothing and gets nothing twice, also while others write."""
    page = _shown(feed_page(here.store, after, at_most=limit))
    return Response(page.model_dump_json(), media_type="application/json")


def _shown(page: FeedPage) -> Page:
    events = [
        FeedEvent(
            id=event.event_id or "", **{n: getattr(event, n) for n in FeedEvent.model_fields if n != "id"}
        )
        for event in page.events
    ]
    return Page(events=events, next=page.next)
