"""`POST /v1/customers/{customer_id}/offers/{offer_id}/activate` and `/deactivate`: which offers count at the till."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from engine.day.activate import activate, deactivate
from engine.domain.access_keys import Scope
from engine.serving.access.idempotent_writes import Write, writes
from engine.serving.http.answer_shapes import OFFERS_EXAMPLE, CustomerId, Offers
from engine.serving.http.outside_ids import OwnId
from engine.serving.http.problems import WRITES, documented

router = APIRouter(prefix="/v1/customers/{customer_id}/offers/{offer_id}", tags=["offers"])

OfferId = Annotated[OwnId, Path(description="An id from the customer's offers.", examples=["o_1"])]


def _example(state: str) -> dict[int | str, dict[str, Any]]:
    after = OFFERS_EXAMPLE | {"offers": [OFFERS_EXAMPLE["offers"][0] | {"state": state}]}
    return {
        200: {
            "description": "The customer's offers as a login shows them now.",
            "content": {"application/json": {"example": after}},
        }
    }


@router.post(
    "/activate",
    response_model=Offers,
    summary="Activate an offer",
    responses={
        **_example("activated"),
        **documented(*WRITES, "offer_not_found", "slots_full", "offers_stopped"),
    },
)
def post_activate(
    customer_id: CustomerId, offer_id: OfferId, write: Annotated[Write, writes(Scope.APP)]
) -> Response:
    """Let an offer count at the till; one that does already stays as it is."""
    customer_id = write.customer(customer_id)
    return write.once(
        "activated",
        customer_id,
        lambda store, now: activate(store, customer_id, offer_id, now),
        subject=offer_id,
    )


@router.post(
    "/deactivate",
    response_model=Offers,
    summary="Put an offer back",
    responses={
        **_example("offered"),
        **documented(
            *WRITES,
            "no_current_run",
            "offer_not_found",
            "offer_redeemed",
            "offer_reserved",
            "offers_stopped",
            "activation_is_automatic",
            "activation_is_final",
        ),
    },
)
def post_deactivate(
    customer_id: CustomerId, offer_id: OfferId, write: Annotated[Write, writes(Scope.APP)]
) -> Response:
    """Free the slot of an offer that has not been used; one that is not active stays as it is."""
    customer_id = write.customer(customer_id)
    return write.once(
        "deactivated",
        customer_id,
        lambda store, now: deactivate(store, customer_id, offer_id, now),
        subject=offer_id,
    )
