"""`/v1/stock`: what is left of products, as the shop's stock system tells the day."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.day.tell_stock import StockRow, tell_stock
from engine.domain.access_keys import Scope
from engine.serving.access.idempotent_writes import Write, writes
from engine.serving.http.outside_ids import Id
from engine.serving.http.problems import WRITES, documented

router = APIRouter(prefix="/v1/stock", tags=["stock"])

MOST_ROWS = 1_000
_MOST_UNITS = 10**9


class StockOf(BaseModel):
    """What is left of one product, in one store or in all."""

    model_config = ConfigDict(extra="forbid")

    product_id: Id
    store_id: Id | None = Field(None, description="Of this store only; without it, of all stores.")
    quantity: int | None = Field(
        None, ge=0, le=_MOST_UNITS, strict=True, description="Units that are left; 0 is sold out."
    )
    state: Literal["sold_out", "back"] | None = Field(
        None, description="Instead of a quantity: nothing is left, or enough, which nobody counts."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.quantity is None) == (self.state is None):
            raise ValueError("expected either quantity or state; write one of them.")
        return self

    @property
    def row(self) -> StockRow:
        """The row as the day takes it."""
        units = 0 if self.state == "sold_out" else self.quantity
        return StockRow(self.product_id, self.store_id, units)


class StockRequest(BaseModel):
    """What is left."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "rows": [
                        {"product_id": "1082185", "state": "sold_out"},
                        {"product_id": "995242", "store_id": "330", "quantity": 12},
                    ]
                }
            ]
        },
    )

    rows: list[StockOf] = Field(min_length=1, max_length=MOST_ROWS)


class StockKept(BaseModel):
    """What became of the rows."""

    accepted: int = Field(
        description="Rows that were kept; of two about one product and store the later counts."
    )
    unknown_products: list[str] = Field(
        description="Products that no night has published lately; their rows were left out."
    )


_EXAMPLE: dict[str, Any] = {"accepted": 2, "unknown_products": []}
_OK: dict[int | str, dict[str, Any]] = {
    200: {"description": "They are kept.", "content": {"application/json": {"example": _EXAMPLE}}}
}


@router.put(
    "",
    response_model=StockKept,
    summary="Tell what is left of products",
    responses={**_OK, **documented(*WRITES, "no_current_run")},
)
def put_stock(body: StockRequest, write: Annotated[Write, writes(Scope.STOCK)]) -> Response:
    """The last word on each product and store counts, until a night's own stock is newer.

    Within a minute customers whose offer is on something sold out see what stands in for it, where the programme has
    `[shelf] substitutes`; what is there again comes back.
    """

    def tell(store: Any, now: datetime) -> StockKept:
        told = tell_stock(store, [one.row for one in body.rows], now=now)
        return StockKept(accepted=told.accepted, unknown_products=list(told.unknown))

    return write.once("stock_told", None, tell)
