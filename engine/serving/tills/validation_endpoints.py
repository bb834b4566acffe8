"""`POST /v1/validations`: what does this basket save? `DELETE /v1/sessions/{key}`: the basket is given up."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Request, Response

from engine.day.shops_ids import as_the_shop_names_it
from engine.day.till.held_basket import customer_of_session
from engine.day.till.release_session import release
from engine.day.till.validate import validate
from engine.domain.access_keys import Scope
from engine.serving.access.idempotent_writes import Write, writes
from engine.serving.http.deployment import deployment
from engine.serving.http.outside_ids import Id
from engine.serving.http.problems import WRITES, documented
from engine.serving.tills.till_shapes import (
    VALIDATION_DRY,
    VALIDATION_HELD,
    VALIDATION_REQUEST,
    ValidationAnswer,
    ValidationRequest,
    validation_answer,
)

router = APIRouter(prefix="/v1", tags=["checkout"])


@router.post(
    "/validations",
    response_model=ValidationAnswer,
    summary="What a basket saves",
    responses={
        200: {
            "description": "What applies to each line, and why the other offers do not.",
            "content": {
                "application/json": {
                    "examples": {"held": {"value": VALIDATION_HELD}, "dry": {"value": VALIDATION_DRY}}
                }
            },
        },
        **documented(*WRITES, "basket_impossible", "session_taken", "basket_outdated", "no_current_run"),
    },
)
def post_validation(
    body: Annotated[ValidationRequest, Body(examples=[VALIDATION_REQUEST])],
    write: Annotated[Write, writes(Scope.TILL)],
    request: Request,
) -> Response:
    """Price a basket; with a session, hold what applies until it is redeemed, released or expires."""
    here = deployment(request)
    basket, hold = as_the_shop_names_it(here.store, body.basket()), body.hold()
    if hold is None:
        answer = validation_answer(validate(here.store, basket, now=here.now()))
        return Response(answer.model_dump_json(), media_type="application/json")
    return write.once(
        "held",
        basket.customer_id,
        lambda store, now: validation_answer(validate(store, basket, now=now, hold=hold)),
        subject=hold.key,
    )


@router.delete(
    "/sessions/{session_key}",
    status_code=204,
    response_class=Response,
    summary="Give a held basket up",
    responses={
        204: {"description": "What it held is free."},
        **documented(*WRITES, "session_not_found"),
    },
)
def delete_session(
    session_key: Annotated[Id, Path(description="As the till named it.", examples=["330-7-8812"])],
    write: Annotated[Write, writes(Scope.TILL)],
    request: Request,
) -> Response:
    """Free what a session holds at once; without it, the session expires by itself."""
    customer_id = customer_of_session(deployment(request).store, session_key)
    return write.once(
        "released",
        customer_id,
        lambda store, now: release(store, session_key, now=now),
        status=204,
        subject=session_key,
    )
