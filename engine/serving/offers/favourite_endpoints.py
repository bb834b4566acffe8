"""`/v1/customers/{customer_id}/favourite`: the one product that customers pick themselves."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from engine.day import choose_favourite as day
from engine.day.shops_ids import customer_known_as
from engine.domain.access_keys import Scope
from engine.domain.favourite_promise import PromisedFavourite
from engine.domain.favourite_rules import Product, Refusal
from engine.domain.money import offer_price_minor
from engine.serving.access.gate import Caller, may
from engine.serving.access.idempotent_writes import Write, writes
from engine.serving.http.answer_shapes import FAVOURITE_EXAMPLE, CustomerId, Favourite, Item
from engine.serving.http.deployment import deployment
from engine.serving.http.etags import ETAG_HEADER, NOT_MODIFIED, answer
from engine.serving.http.outside_ids import Id
from engine.serving.http.problems import ACCESS, WRITES, documented

router = APIRouter(prefix="/v1/customers/{customer_id}", tags=["favourite"])


class FavouriteRequest(BaseModel):
    """What the customer picks."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"item_id": "1082185"}]})

    item_id: Id = Field(description="A product, by the shop's id.")


class Suggestion(BaseModel):
    """A product to pick from, at today's price."""

    item: Item
    discount_bp: int
    price_minor: int
    offer_price_minor: int
    currency: str


class FavouriteAnswer(BaseModel):
    """What the customer has and could have."""

    customer_id: str
    current: Favourite | None = Field(description="In effect now.")
    upcoming: Favourite | None = Field(description="In effect from a later day on.")
    effective_from: datetime | None = Field(
        description="When what was picked last takes effect; after DELETE, from when there is none."
    )
    changeable_from: datetime | None = Field(
        description="The next choice is accepted from then on, which may have passed; null where there is none."
    )
    suggestions: list[Suggestion] = Field(description="What the customer is likely to want, best first.")
    substitutes: list[Item] = Field(
        description="What gets the discount while the current favourite is sold out."
    )


_SUGGESTION = {
    "item": {"id": "995242", "name": "FLUID MILK WHITE ONLY 1 GA"},
    "discount_bp": 3000,
    "price_minor": 299,
    "offer_price_minor": 209,
    "currency": "USD",
}
_PICKED: dict[str, Any] = {
    "customer_id": "1029",
    "current": None,
    "upcoming": FAVOURITE_EXAMPLE,
    "effective_from": "2017-12-05T00:00:00Z",
    "changeable_from": "2017-12-05T00:00:00Z",
    "suggestions": [_SUGGESTION],
    "substitutes": [],
}
_NONE = _PICKED | {
    "upcoming": None,
    "effective_from": None,
    "changeable_from": None,
    "suggestions": [],
}
_ENDED = _PICKED | {
    "current": FAVOURITE_EXAMPLE | {"valid_to": "2017-12-07T00:00:00Z"},
    "upcoming": None,
    "effective_from": "2017-12-07T00:00:00Z",
    "changeable_from": "2017-12-06T00:00:00Z",
}


def _ok(description: str, **examples: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"examples": {name: {"value": value} for name, value in examples.items()}}}
    return {200: {"description": description, "content": content}}


@router.get(
    "/favourite",
    response_model=FavouriteAnswer,
    summary="The customer's favourite product",
    responses={
        200: {
            **_ok("What the customer has and could have.", picked=_PICKED, none=_NONE)[200],
            "headers": ETAG_HEADER,
        },
        **NOT_MODIFIED,
        **documented(*ACCESS, "no_current_run"),
    },
)
def get_favourite(
    customer_id: CustomerId, request: Request, _caller: Annotated[Caller, may(Scope.APP)]
) -> Response:
    """Tell what is in effect, what follows, and what there is to pick from; no model runs for it.

    Nobody is told why they have nothing to pick from.
    """
    here = deployment(request)
    customer_id = customer_known_as(here.store, customer_id)
    found = day.favourite_of(here.store, customer_id, here.now())
    return answer(request, _shown(customer_id, found).model_dump_json().encode())


@router.put(
    "/favourite",
    response_model=FavouriteAnswer,
    summary="Pick the favourite product",
    responses={
        **_ok(
            "Promised, from `effective_from` on; the item that stands already is confirmed.", picked=_PICKED
        ),
        **documented(
            *WRITES,
            "no_current_run",
            day.NOT_AVAILABLE,
            day.TOO_SOON,
            "product_recalled",
            "offers_stopped",
            *(reason.value for reason in Refusal),
        ),
    },
)
def put_favourite(
    customer_id: CustomerId, body: FavouriteRequest, write: Annotated[Write, writes(Scope.APP)]
) -> Response:
    """Promise the discount on one product, from the shop's next day on; a new customer has it at once."""
    customer_id, item_id = write.customer(customer_id), write.product(body.item_id)
    return write.once(
        "favourite_chosen",
        customer_id,
        lambda store, now: _shown(customer_id, day.choose_favourite(store, customer_id, item_id, now)),
        subject=item_id,
    )


@router.delete(
    "/favourite",
    response_model=FavouriteAnswer,
    summary="End the favourite product",
    responses={
        **_ok(
            "It lasts to the end of the shop's day; one that had not begun is gone.", ended=_ENDED, none=_NONE
        ),
        **documented(*WRITES, "no_current_run"),
    },
)
def delete_favourite(customer_id: CustomerId, write: Annotated[Write, writes(Scope.APP)]) -> Response:
    """End it; a customer without one gets the same answer."""
    customer_id = write.customer(customer_id)
    return write.once(
        "favourite_ended",
        customer_id,
        lambda store, now: _shown(customer_id, day.end_favourite_of(store, customer_id, now)),
    )


def _shown(customer_id: str, found: day.FavouriteChoice) -> FavouriteAnswer:
    return FavouriteAnswer(
        customer_id=customer_id,
        current=_promised(found.current, found.currency),
        upcoming=_promised(found.upcoming, found.currency),
        effective_from=found.effective_from,
        changeable_from=found.changeable_from,
        suggestions=[_suggested(one, found) for one in found.suggestions],
        substitutes=[Item(id=one.id, name=one.name) for one in found.substitutes],
    )


def _promised(kept: PromisedFavourite | None, currency: str) -> Favourite | None:
    if kept is None:
        return None
    return Favourite(
        id=kept.promise.id,
        item=Item(id=kept.promise.item_id, name=kept.name),
        discount_bp=kept.discount_bp,
        price_minor=kept.price_minor,
        offer_price_minor=offer_price_minor(kept.price_minor, kept.discount_bp),
        currency=currency,
        max_units_a_day=kept.max_units,
        effective_from=kept.promise.effective_from,
        valid_to=kept.promise.valid_to,
    )


def _suggested(product: Product, found: day.FavouriteChoice) -> Suggestion:
    price = product.price_minor or 0
    return Suggestion(
        item=Item(id=product.id, name=product.name),
        discount_bp=found.discount_bp,
        price_minor=price,
        offer_price_minor=offer_price_minor(price, found.discount_bp),
        currency=found.currency,
    )
