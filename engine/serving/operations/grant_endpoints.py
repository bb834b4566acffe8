"""`/v1/customers/{customer_id}/grants`: the service desk gives money without a condition, sees and takes back what was given."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from engine.day.give_grant import (
    MOST_DAYS,
    Given,
    SeenGrant,
    Wish,
    cancel_grant,
    customer_of_grant,
    give_grant,
    grants_given,
    with_key,
)
from engine.day.said_reason import MAX_REASON
from engine.day.shops_ids import customer_known_as
from engine.domain.access_keys import Scope
from engine.domain.grants import MOST_MINOR, GrantKind, GrantState
from engine.domain.ids import grant_id as id_of
from engine.domain.offer_errors import Refused
from engine.serving.access.gate import Caller, may
from engine.serving.access.idempotent_writes import Write, writes
from engine.serving.http.answer_shapes import CustomerId
from engine.serving.http.deployment import Deployment, deployment
from engine.serving.http.outside_ids import Id
from engine.serving.http.problems import ACCESS, PROBLEMS, WRITES, documented

router = APIRouter(prefix="/v1/customers/{customer_id}/grants", tags=["grants"])

GrantId = Annotated[Id, Path(description="As it was given.", examples=["g_7d0c"])]
_WISH: dict[str, Any] = {
    "kind": "compensation",
    "amount_minor": 500,
    "reason": "The milk you bought on Saturday was sour. We are sorry.",
}
_GRANT: dict[str, Any] = {
    "id": "g_7d0c",
    "key": "desk_1c0f",
    "kind": "compensation",
    "state": "open",
    "is_held": False,
    "amount_minor": 500,
    "left_minor": 500,
    "used_minor": 0,
    "currency": "USD",
    "reason": _WISH["reason"],
    "valid_from": "2017-12-04T09:00:00Z",
    "valid_to": "2018-01-01T00:00:00Z",
    "budget_line": "compensation",
    "given_by": "k_5d0c",
    "given_at": "2017-12-04T09:00:00Z",
    "note": None,
}


class GrantRequest(BaseModel):
    """What to give, and why."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_WISH]})

    kind: GrantKind
    amount_minor: int = Field(strict=True, ge=1, le=MOST_MINOR, description="Minor units.")
    reason: str = Field(min_length=1, max_length=MAX_REASON, description="The customer reads it.")
    days: int | None = Field(
        None,
        strict=True,
        ge=1,
        le=MOST_DAYS,
        description="Local days, today the first; the programme's without it.",
    )
    key: Id | None = Field(
        None,
        description="Your own name for it, such as the complaint's: the same key is the same grant, for good.",
    )


class DeskGrant(BaseModel):
    """A grant as the service desk sees it."""

    id: str
    key: str
    kind: GrantKind
    state: GrantState
    is_held: bool = Field(description="A till keeps it for a basket.")
    amount_minor: int
    left_minor: int
    used_minor: int = Field(description="What stands as used; what came back is not in it.")
    currency: str
    reason: str
    valid_from: datetime
    valid_to: datetime = Field(description="First moment after the end.")
    budget_line: str
    given_by: str = Field(description="A key's id, a command, or a night.")
    given_at: datetime
    note: str | None = Field(description="Why it was taken back.")


class DeskGrants(BaseModel):
    """All that a customer ever had, what ends first before the others."""

    grants: list[DeskGrant]


@router.get(
    "",
    response_model=DeskGrants,
    summary="A customer's grants",
    responses={
        200: {"content": {"application/json": {"example": {"grants": [_GRANT]}}}},
        **documented(*ACCESS),
    },
)
def get_grants(
    customer_id: CustomerId,
    _caller: Annotated[Caller, may(Scope.DESK)],
    here: Annotated[Deployment, Depends(deployment)],
) -> Response:
    """Tell what was given to a customer, and what became of it."""
    found = grants_given(here.store, customer_known_as(here.store, customer_id), here.now())
    return Response(
        DeskGrants(grants=[_shown(one) for one in found]).model_dump_json(), media_type="application/json"
    )


@router.post(
    "",
    response_model=DeskGrant,
    status_code=201,
    summary="Give a customer money",
    responses={
        201: {
            "description": "Given, once; with a key that was given before, that grant.",
            "content": {"application/json": {"example": _GRANT}},
        },
        **documented(
            *WRITES,
            "idempotency_key_missing",
            "grants_not_offered",
            "grant_impossible",
            "grant_key_taken",
            "grant_above_limit",
            "grant_month_used",
            "grant_budget_used",
            "grant_not_available",
            "no_current_run",
        ),
    },
)
def post_grant(
    customer_id: CustomerId,
    body: GrantRequest,
    write: Annotated[Write, writes(Scope.DESK, key_required=True)],
) -> Response:
    """It counts at once, at every till, and the customer reads it with their offers."""
    customer_id = write.customer(customer_id)
    wish = with_key(Wish(body.kind, body.amount_minor, body.reason, body.days, body.key))

    def given(store: Any, now: datetime) -> DeskGrant:
        done: Given = give_grant(store, customer_id, wish, given_by=write.caller.key_id, now=now)
        return _shown(done.seen)

    return write.once("grant_given", customer_id, given, status=201, subject=id_of(wish.key or ""))


@router.delete(
    "/{grant_id}",
    response_model=DeskGrant,
    summary="Take back what is left of a grant",
    responses={
        200: {"content": {"application/json": {"example": _GRANT | {"state": "cancelled", "left_minor": 0}}}},
        **documented(*WRITES, "grant_not_found", "grant_over", "grant_held"),
    },
)
def delete_grant(
    customer_id: CustomerId,
    grant_id: GrantId,
    reason: Annotated[
        str,
        Query(
            min_length=1, max_length=MAX_REASON, description="For your own people.", examples=["given twice"]
        ),
    ],
    write: Annotated[Write, writes(Scope.DESK)],
    request: Request,
) -> Response:
    """What was used stays used."""
    customer_id, here = write.customer(customer_id), deployment(request)

    def taken_back(store: Any, now: datetime) -> DeskGrant:
        if customer_of_grant(store, grant_id, now) != customer_id:
            raise Refused("grant_not_found", PROBLEMS["grant_not_found"].example)
        return _shown(cancel_grant(store, grant_id, reason=reason, now=now))

    answer = write.once("grant_cancelled", customer_id, taken_back, subject=grant_id)
    here.last_known.forget(customer_id)
    return answer


def _shown(one: SeenGrant) -> DeskGrant:
    grant = one.grant
    return DeskGrant(
        id=grant.id,
        key=grant.key,
        kind=grant.kind,
        state=one.state,
        is_held=one.is_held,
        amount_minor=grant.amount_minor,
        left_minor=one.left_minor,
        used_minor=one.used_minor,
        currency=grant.currency,
        reason=grant.reason,
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
        budget_line=grant.budget_line,
        given_by=grant.given_by,
        given_at=grant.given_at,
        note=one.note,
    )
