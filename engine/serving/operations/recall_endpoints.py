"""`/v1/recalls`: products that the shop withdraws from all offers at once."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from engine.day.recall_product import lift_recall, recall_product, standing_recalls
from engine.day.said_reason import MAX_REASON
from engine.domain.access_keys import Scope
from engine.serving.access.gate import Caller, may
from engine.serving.access.idempotent_writes import Write, writes
from engine.serving.http.deployment import Deployment, deployment
from engine.serving.http.outside_ids import Id
from engine.serving.http.problems import ACCESS, WRITES, documented

router = APIRouter(prefix="/v1/recalls", tags=["recalls"])

ProductId = Annotated[Id, Path(description="A product, by the shop's id.", examples=["1082185"])]
_REASON = "Recalled by its maker. Please bring it back: we refund it."


class RecallRequest(BaseModel):
    """Why, and until when."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": _REASON}]})

    reason: str = Field(
        min_length=1, max_length=MAX_REASON, description="Customers read it in the place of the offer."
    )
    until: AwareDatetime | None = Field(
        None, description="When it ends by itself; without it, when it is lifted."
    )
    beforehand: bool = Field(
        default=False,
        description="Also a product that is in no published night yet, so that none ever offers it.",
    )


class StandingRecall(BaseModel):
    """A product that is in no offer now."""

    product_id: str
    reason: str
    recalled_at: datetime
    until: datetime | None
    is_rendered: bool = Field(
        description="Every customer's offers show it; tills give nothing for it from the first moment."
    )


class Recalls(BaseModel):
    """What is withdrawn now."""

    recalls: list[StandingRecall]


_EXAMPLE: dict[str, Any] = {
    "recalls": [
        {
            "product_id": "1082185",
            "reason": _REASON,
            "recalled_at": "2017-12-04T09:00:00Z",
            "until": None,
            "is_rendered": True,
        }
    ]
}
_OK: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What is withdrawn now.",
        "content": {"application/json": {"example": _EXAMPLE}},
    }
}


@router.get(
    "",
    response_model=Recalls,
    summary="What is recalled",
    responses={**_OK, **documented(*ACCESS)},
)
def get_recalls(
    _caller: Annotated[Caller, may(Scope.ADMIN)], here: Annotated[Deployment, Depends(deployment)]
) -> Response:
    """Tell what is withdrawn from all offers, what was withdrawn first before the others."""
    shown = _standing(here, here.now())
    return Response(shown.model_dump_json(), media_type="application/json")


@router.put(
    "/{product_id}",
    response_model=Recalls,
    summary="Withdraw a product from all offers",
    responses={**_OK, **documented(*WRITES, "product_not_found")},
)
def put_recall(
    product_id: ProductId,
    body: RecallRequest,
    write: Annotated[Write, writes(Scope.ADMIN)],
    here: Annotated[Deployment, Depends(deployment)],
) -> Response:
    """Tills give nothing for it from now on; within a minute no customer sees it offered, nor does a night offer it.

    Again with the same words it changes nothing; another reason or end replaces the first.
    """
    product_id = write.product(product_id)

    def withdraw(store: Any, now: datetime) -> Recalls:
        recall_product(
            store,
            product_id,
            reason=body.reason,
            until=body.until,
            now=now,
            beforehand=body.beforehand,
        )
        return _standing(here, now)

    return write.once("recalled", None, withdraw, subject=product_id)


@router.delete(
    "/{product_id}",
    response_model=Recalls,
    summary="Let a product be offered again",
    responses={**_OK, **documented(*WRITES, "product_not_found")},
)
def delete_recall(
    product_id: ProductId,
    write: Annotated[Write, writes(Scope.ADMIN)],
    here: Annotated[Deployment, Depends(deployment)],
) -> Response:
    """Put its offers back into the bundles that are still open, and let the nights offer it again."""
    product_id = write.product(product_id)

    def lift(store: Any, now: datetime) -> Recalls:
        lift_recall(store, product_id, now=now)
        return _standing(here, now)

    return write.once("recall_lifted", None, lift, subject=product_id)


def _standing(here: Deployment, now: datetime) -> Recalls:
    return Recalls(
        recalls=[
            StandingRecall(
                product_id=one.product_id,
                reason=one.reason,
                recalled_at=one.recalled_at,
                until=one.until,
                is_rendered=one.is_rendered,
            )
            for one in standing_recalls(here.store, now)
        ]
    )
