"""`POST /v1/redemptions`: the basket is paid. `GET`: what became of it. `POST .../rollback`: goods come back."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Request, Response

from engine.day.shops_ids import as_the_shop_names_it
from engine.day.till.held_basket import customer_of_session
from engine.day.till.look_up import redemption_of
from engine.day.till.redeem import redeem, redeem_session
from engine.day.till.rollback import customer_of, rollback
from engine.domain.access_keys import Scope
from engine.serving.access.gate import Caller, may
from engine.serving.access.idempotent_writes import Write, writes
from engine.serving.http.deployment import deployment
from engine.serving.http.outside_ids import Id
from engine.serving.http.problems import ACCESS, WRITES, documented
from engine.serving.tills.till_shapes import (
    FOUND_REDEMPTION,
    REDEMPTION,
    REDEMPTION_REQUESTS,
    ROLLBACK,
    FoundRedemptionAnswer,
    RedemptionAnswer,
    RedemptionRequest,
    RollbackAnswer,
    RollbackRequest,
    found_answer,
    redemption_answer,
    rollback_answer,
)

router = APIRouter(prefix="/v1", tags=["checkout"])

_OPENAPI = {name: {"value": value} for name, value in REDEMPTION_REQUESTS.items()}


@router.post(
    "/redemptions",
    response_model=RedemptionAnswer,
    status_code=201,
    summary="Redeem a basket's offers",
    responses={
        201: {
            "description": "Used, once; a retry with the same Idempotency-Key gets the same answer.",
            "content": {"application/json": {"example": REDEMPTION}},
        },
        **documented(
            *WRITES,
            "idempotency_key_missing",
            "basket_impossible",
            "session_taken",
            "session_not_found",
            "session_expired",
            "nothing_to_redeem",
            "product_recalled",
            "offers_stopped",
            "offer_taken",
            "no_current_run",
        ),
    },
)
def post_redemption(
    body: Annotated[RedemptionRequest, Body(openapi_examples=_OPENAPI)],
    write: Annotated[Write, writes(Scope.TILL, key_required=True)],
    request: Request,
) -> Response:
    """Use the offers of a session as they were priced, or price a basket and use what applies, in one step."""
    basket, session_key = body.basket(), None if body.session is None else body.session.key
    if basket is None:
        held = session_key or ""
        return write.once(
            "redeemed",
            customer_of_session(deployment(request).store, held),
            lambda store, now: redemption_answer(redeem_session(store, held, now=now)),
            status=201,
            subject=held,
        )
    basket = as_the_shop_names_it(deployment(request).store, basket)
    return write.once(
        "redeemed",
        basket.customer_id,
        lambda store, now: redemption_answer(redeem(store, basket, now=now, session_key=session_key)),
        status=201,
        subject=session_key,
    )


@router.get(
    "/redemptions/{redemption_id}",
    response_model=FoundRedemptionAnswer,
    summary="Look a redemption up",
    responses={
        200: {
            "description": "What was redeemed, and what of it still stands.",
            "content": {"application/json": {"example": FOUND_REDEMPTION}},
        },
        **documented(*ACCESS, "redemption_not_found"),
    },
)
def get_redemption(
    redemption_id: Annotated[Id, Path(description="As the redemption was answered.", examples=["r_5d0c"])],
    request: Request,
    _caller: Annotated[Caller, may(Scope.TILL)],
) -> Response:
    """Tell a till what it redeemed: after a restart, and before goods come back. It names no customer."""
    found = redemption_of(deployment(request).store, redemption_id)
    return Response(found_answer(found).model_dump_json(), media_type="application/json")


@router.post(
    "/redemptions/{redemption_id}/rollback",
    response_model=RollbackAnswer,
    summary="Take a redemption back, whole or by line",
    responses={
        200: {
            "description": "What was taken back; its offers and slots are free again.",
            "content": {"application/json": {"example": ROLLBACK}},
        },
        **documented(
            *WRITES,
            "idempotency_key_missing",
            "redemption_not_found",
            "line_not_found",
            "already_rolled_back",
        ),
    },
)
def post_rollback(
    redemption_id: Annotated[Id, Path(description="As the redemption was answered.", examples=["r_5d0c"])],
    write: Annotated[Write, writes(Scope.TILL, key_required=True)],
    request: Request,
    body: Annotated[RollbackRequest | None, Body(examples=[{"line_ids": ["1"]}])] = None,
) -> Response:
    """Book what came back: the lines that are named, or all that stand."""
    customer_id = customer_of(deployment(request).store, redemption_id)
    line_ids = None if body is None else body.line_ids
    return write.once(
        "rolled_back",
        customer_id,
        lambda store, now: rollback_answer(rollback(store, redemption_id, now=now, line_ids=line_ids)),
        subject=redemption_id,
    )
