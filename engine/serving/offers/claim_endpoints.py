"""`POST /v1/customers/{customer_id}/bundle/claim`, `/refresh`, `/swap`: what of a pool counts today."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from engine.day.claim_bundle import claim, refresh, swap
from engine.domain.access_keys import Scope
from engine.serving.access.idempotent_writes import Write, writes
from engine.serving.http.answer_shapes import CLAIM_EXAMPLE, OFFERS_EXAMPLE, CustomerId, Offers
from engine.serving.http.outside_ids import OwnId
from engine.serving.http.problems import WRITES, documented

router = APIRouter(prefix="/v1/customers/{customer_id}/bundle", tags=["offers"])

_DRAWS = (*WRITES, "idempotency_key_missing", "no_current_run", "offers_stopped", "nothing_to_claim")
_MOST_SETS = 2**31 - 1


class RefreshRequest(BaseModel):
    """Which set is to be replaced."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"set": 1}]})

    set: Annotated[StrictInt, Field(ge=1, le=_MOST_SETS)] | None = Field(
        None,
        description="The number of the set that the phone shows: where another phone has drawn meanwhile nothing is drawn. "
        "Without it whichever set is shown is replaced.",
    )


class SwapRequest(BaseModel):
    """Which offer is given."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"offer_id": "o_1"}]})

    offer_id: OwnId = Field(description="An unused offer of the set that is shown.")


def _example(description: str, **claim_now: Any) -> dict[int | str, dict[str, Any]]:
    bundle = OFFERS_EXAMPLE["bundle"] | {"claim": CLAIM_EXAMPLE | claim_now}
    after = OFFERS_EXAMPLE | {"bundle": bundle}
    return {200: {"description": description, "content": {"application/json": {"example": after}}}}


@router.post(
    "/claim",
    response_model=Offers,
    summary="Claim today's offers",
    responses={
        **_example("The customer's offers as a login shows them now.", claimed=True, set=1),
        **documented(*_DRAWS),
    },
)
def post_claim(
    customer_id: CustomerId, write: Annotated[Write, writes(Scope.APP, key_required=True)]
) -> Response:
    """Draw the set that counts at the till from now on; one that is claimed stays as it is."""
    customer_id = write.customer(customer_id)
    return write.once("claimed", customer_id, lambda store, now: claim(store, customer_id, now))


@router.post(
    "/refresh",
    response_model=Offers,
    summary="Draw other offers",
    responses={
        **_example("The other set.", claimed=True, set=2, refreshes_left=2),
        **documented(
            *_DRAWS, "not_claimed", "set_outdated", "set_in_use", "no_refresh_left", "no_other_offer"
        ),
    },
)
def post_refresh(
    customer_id: CustomerId,
    write: Annotated[Write, writes(Scope.APP, key_required=True)],
    body: Annotated[RefreshRequest | None, Body(examples=[{"set": 1}])] = None,
) -> Response:
    """Draw another set in the place of the one that is shown, while nothing of it is used or held at a till."""
    customer_id, seen = write.customer(customer_id), None if body is None else body.set
    return write.once(
        "refreshed", customer_id, lambda store, now: refresh(store, customer_id, now, seen=seen)
    )


@router.post(
    "/swap",
    response_model=Offers,
    summary="Give one offer for another",
    responses={
        **_example("The set with another offer.", claimed=True, set=2, swaps_left=0),
        **documented(
            *_DRAWS,
            "not_claimed",
            "offer_not_found",
            "offer_redeemed",
            "offer_reserved",
            "no_swap_left",
            "no_other_offer",
        ),
    },
)
def post_swap(
    customer_id: CustomerId,
    body: SwapRequest,
    write: Annotated[Write, writes(Scope.APP, key_required=True)],
) -> Response:
    """Exchange one unused offer of the set for another one, which the shop draws."""
    customer_id = write.customer(customer_id)
    return write.once(
        "swapped",
        customer_id,
        lambda store, now: swap(store, customer_id, body.offer_id, now),
        subject=body.offer_id,
    )
