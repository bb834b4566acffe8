"""One customer's data: handed out as a whole, and erased."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from engine.day.customer_rights import LOGIC, erase, explain, hand_out
from engine.domain.access_keys import Scope
from engine.serving.access.idempotent_writes import ERASED, Write, audited, writes
from engine.serving.http.answer_shapes import CustomerId
from engine.serving.http.deployment import Deployment, deployment
from engine.serving.http.problems import ACCESS, WRITES, documented

router = APIRouter(prefix="/v1/customers/{customer_id}", tags=["a customer's data"])


class CustomerData(BaseModel):
    """Everything that the store holds about one customer, by table."""

    customer_id: str
    data: dict[str, list[dict[str, Any]]]
    logic: str = Field(description="How offers come about, for whoever asks why.")
    explanations: list[dict[str, Any]] = Field(description="Why they have, or had, each offer that is kept.")


class Erasure(BaseModel):
    """What became of a customer's rows in the store."""

    removed: int = Field(description="Rows that are gone, or that say nothing of anybody any more.")
    kept: int = Field(description="Redemptions that stay under a random name: the money was given.")
    workspace: str = Field(description="waiting: data and runs of the nights follow with the next night.")


_DATA = {
    "customer_id": "1029",
    "data": {
        "bundles": [{"run_no": 1, "customer_id": "1029", "bundle_id": "b_7f3", "arm": "treated"}],
        "contacts": [{"customer_id": "1029", "found": "moved", "channel": "call", "note": "to the sea"}],
        "redemptions": [],
    },
    "logic": LOGIC,
    "explanations": [
        {
            "offer_id": "o_1",
            "item": "FLUID MILK WHITE ONLY 1 GA",
            "valid_from": "2017-12-04T00:00:00Z",
            "valid_to": "2017-12-10T00:00:00Z",
            "discount_bp": 1500,
            "price_minor": 299,
            "reason": "due_now",
            "reason_text": "You usually buy it every 6 days",
        }
    ],
}
_ERASURE = {"removed": 9, "kept": 1, "workspace": "waiting"}


@router.get(
    "/export",
    response_model=CustomerData,
    summary="Everything the store holds about a customer",
    responses={200: {"content": {"application/json": {"example": _DATA}}}, **documented(*ACCESS)},
)
def get_export(customer_id: CustomerId, write: Annotated[Write, audited(Scope.ADMIN)]) -> Response:
    """For their right to know. That it was handed out is itself in the audit trail.

    What the workspace holds, their purchases as the shop delivered them, is the shop's own data.
    """
    customer_id = write.customer(customer_id)
    return write.once(
        "exported",
        customer_id,
        lambda store, _now: CustomerData(
            customer_id=customer_id,
            data=hand_out(store, customer_id),
            logic=LOGIC,
            explanations=list(explain(store, customer_id)),
        ),
    )


@router.delete(
    "/data",
    response_model=Erasure,
    summary="Erase a customer",
    responses={200: {"content": {"application/json": {"example": _ERASURE}}}, **documented(*WRITES)},
)
def delete_data(
    customer_id: CustomerId,
    write: Annotated[Write, writes(Scope.ADMIN)],
    here: Annotated[Deployment, Depends(deployment)],
) -> Response:
    """Gone from the store when this answers; erasing them again finds nothing more.

    From now on nothing is offered to them or written for them. Their purchases, and what the nights' run folders say of
    them, go with the next night, or with `abonement erase` at once. Take them out of the shop's own deliveries
    before: a later delivery that names them is a new customer.
    """
    asked, customer_id = customer_id, write.customer(customer_id)
    answer = write.once(
        ERASED,
        None,
        lambda store, _now: Erasure(
            **erase(store, customer_id, asked_at=datetime.now(UTC))._asdict(), workspace="waiting"
        ),
    )
    for name in (asked, customer_id):
        here.last_known.forget(name)
    return answer
