"""The shapes of the answers, for the OpenAPI page and for the clients generated from it.

The night writes offers as ready-made JSON, so nothing passes through these classes on its way out; a test
holds the two together.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from engine.serving.http.outside_ids import Id

CustomerId = Annotated[Id, Path(description="The customer's id as the shop names it.", examples=["1029"])]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClaimNow(_Shape):
    """Of a bundle of which the customer draws what counts: what can be claimed, or what was."""

    claimed: bool = Field(description="False: there are no offers before the customer claims a set.")
    set: int | None = Field(None, description="Number of the set that is shown; absent before a claim.")
    shown: int = Field(description="Offers of a set.")
    of: int = Field(description="Offers that it is drawn of.")
    until: datetime = Field(description="End of the set, or up to when one can be claimed.")
    refreshes_left: int = Field(description="Other sets that can be drawn on this local day.")
    swaps_left: int = Field(description="Offers that can be exchanged on this local day.")


class Bundle(_Shape):
    """Under which window and limits the offers stand."""

    id: str
    run_id: str = Field(description="The night that made it.")
    programme: str | None = Field(
        None, description="The programme that it is of; absent where it has no name."
    )
    valid_from: datetime
    valid_to: datetime = Field(description="First moment after the end.")
    slots_total: int = Field(
        description="How many distinct items can be redeemed and, where the customer activates, be active."
    )
    slots_used: int = Field(description="How many of them are redeemed; several units of one item use one.")
    claim: ClaimNow | None = Field(
        None, description="Absent where all offers of the bundle count by themselves."
    )


class Item(_Shape):
    """A product, or a family of products."""

    id: str
    name: str


class OfferedItem(Item):
    """An item of an offer, with what else the shop says of it; what it does not say is absent."""

    unit: Literal["piece", "kg"] | None = Field(None, description="What the price is of.")
    barcode: str | None = Field(None, description="As a scanner reads it.")
    image: str | None = Field(None, description="Address of a picture, as the shop gave it.")


class Reason(_Shape):
    """Why the item was chosen."""

    code: str
    text: str = Field(description="For the customer, in the programme's language.")


class SubstituteFor(_Shape):
    """What an offer was made for, while it is sold out and another product stands in."""

    item: Item
    reason: Reason


class Offer(_Shape):
    """One discounted item."""

    id: str
    bundle_id: str | None = Field(None, description="Its bundle's; absent where `bundles` is.")
    item: OfferedItem
    kind: Literal["preferred", "novelty", "cold_start"]
    state: Literal["offered", "activated", "reserved", "redeemed"]
    discount_bp: int = Field(description="Basis points: 1500 is 15 %.")
    price_minor: int | None = Field(description="Price of one unit in minor units; null for a family.")
    offer_price_minor: int | None = Field(
        description="Price of one unit with the discount; null for a family."
    )
    currency: str
    max_units: int = Field(description="Units of the item that get the discount.")
    reason: Reason
    lowest_price_30_days_minor: int | None = Field(
        None,
        description="Lowest price of one unit at which everybody could buy it in the last 30 days: to be shown beside the "
        "reduced price. Absent where the programme's law does not ask for it.",
    )
    substitute_for: SubstituteFor | None = Field(
        None,
        description="What the offer was made for, while it is sold out and `item` stands in for it: tills take either, once. "
        "Absent otherwise.",
    )


class Withdrawn(_Shape):
    """An offer or a favourite that the shop took back, because its product is recalled."""

    id: str = Field(description="As the offer was named.")
    item: Item
    reason: Reason


class Favourite(_Shape):
    """The product that the customer has picked."""

    id: str = Field(description="Named like an offer by the till's answers.")
    item: Item
    discount_bp: int
    price_minor: int = Field(description="Price of one unit when it was picked; the till takes its own.")
    offer_price_minor: int
    currency: str
    max_units_a_day: int = Field(description="Units that get the discount on one of the shop's days.")
    effective_from: datetime = Field(
        description="May lie ahead: then it is announced and does not count yet."
    )
    valid_to: datetime = Field(description="First moment after the end.")


class OpenGrant(_Shape):
    """Money that a till takes off what the customer still has to pay, whatever they buy."""

    id: str
    kind: Literal["compensation", "thank_you"]
    state: Literal["open", "reserved"] = Field(description="Reserved while a till keeps it for a basket.")
    amount_minor: int = Field(description="As given.")
    left_minor: int = Field(description="What is left of it for the next purchase.")
    currency: str
    valid_from: datetime
    valid_to: datetime = Field(description="First moment after the end.")
    reason: Reason


class Offers(_Shape):
    """A customer's offers; without any, `bundle` is null and `offers` is empty."""

    customer_id: str
    as_of: datetime | None = Field(
        description="What was bought before this moment is known; null before the first night."
    )
    bundle: Bundle | None = Field(description="Of several the one that ends first.")
    bundles: list[Bundle] | None = Field(
        None,
        description="All bundles of the customer, the one that ends first before the others; absent where the shop runs one "
        "programme without a name, and where they have none.",
    )
    offers: list[Offer] = Field(description="Of all bundles.")
    disclosure: str | None = Field(
        None,
        description="To be shown beside the prices: that an algorithm set them. Absent where the law does not ask for it.",
    )
    favourite: Favourite | None = Field(
        None, description="Absent where there is none: in effect, or else the one to come."
    )
    withdrawn: list[Withdrawn] | None = Field(
        None, description="Offers on recalled products, with the shop's reason; absent where there are none."
    )
    reason: Literal["offers_stopped"] | None = Field(
        None, description="Only while the shop has stopped all personal offers: nobody has any."
    )
    favourite_withdrawn: Withdrawn | None = Field(
        None, description="In the place of `favourite` while its product is recalled."
    )
    grants: list[OpenGrant] | None = Field(
        None,
        description="Money given without a condition, what ends first before the others; absent where there is none.",
    )


class Live(_Shape):
    """The process answers."""

    status: Literal["live"]


class Ready(_Shape):
    """The store answers and a night has been published."""

    status: Literal["ready"]
    run_id: str
    as_of: datetime
    age_seconds: int = Field(description="Age of the data behind the current run.")
    model: str | None = Field(description="The model version behind it; null where the night does not say.")
    model_age_days: int | None = Field(description="Days that it has learnt nothing of.")
    offers_stopped_since: datetime | None = Field(
        description="From when on the shop has stopped all personal offers; null while they go on."
    )
    model_is_old: bool = Field(description="More days than `ABONEMENT_MODEL_DAYS`: fit a new one.")


class Problem(_Shape):
    """An error as RFC 9457 describes it."""

    type: str
    title: str
    status: int
    detail: str
    key: str = Field(description="Stable; programs compare this.")
    request_id: str = Field(description="Quote it when asking for help; it is also in the log.")


FAVOURITE_EXAMPLE: dict[str, Any] = {
    "id": "f_c41",
    "item": {"id": "1082185", "name": "BANANAS"},
    "discount_bp": 3000,
    "price_minor": 96,
    "offer_price_minor": 67,
    "currency": "USD",
    "max_units_a_day": 4,
    "effective_from": "2017-12-05T00:00:00Z",
    "valid_to": "2017-12-15T00:00:00Z",
}
CLAIM_EXAMPLE: dict[str, Any] = {
    "claimed": False,
    "shown": 6,
    "of": 18,
    "until": "2017-12-05T00:00:00Z",
    "refreshes_left": 3,
    "swaps_left": 1,
}
OFFERS_EXAMPLE: dict[str, Any] = {
    "customer_id": "1029",
    "as_of": "2017-12-04T00:00:00Z",
    "bundle": {
        "id": "b_7f3",
        "run_id": "2017-12-04.1",
        "valid_from": "2017-12-04T00:00:00Z",
        "valid_to": "2017-12-10T00:00:00Z",
        "slots_total": 6,
        "slots_used": 1,
    },
    "offers": [
        {
            "id": "o_1",
            "item": {
                "id": "995242",
                "name": "FLUID MILK WHITE ONLY 1 GA",
                "unit": "piece",
                "barcode": "0041303001806",
            },
            "kind": "preferred",
            "state": "activated",
            "discount_bp": 1500,
            "price_minor": 299,
            "offer_price_minor": 254,
            "currency": "USD",
            "max_units": 4,
            "reason": {"code": "due_now", "text": "You usually buy it every 6 days"},
        }
    ],
    "favourite": FAVOURITE_EXAMPLE,
}
_DAILY: dict[str, Any] = {
    "id": "b_2c9",
    "run_id": "2017-12-05.daily.2",
    "programme": "daily",
    "valid_from": "2017-12-05T00:00:00Z",
    "valid_to": "2017-12-06T00:00:00Z",
    "slots_total": 6,
    "slots_used": 0,
}
SEVERAL_EXAMPLE: dict[str, Any] = OFFERS_EXAMPLE | {
    "as_of": "2017-12-05T00:00:00Z",
    "bundle": _DAILY,
    "bundles": [_DAILY, OFFERS_EXAMPLE["bundle"] | {"programme": "weekly", "run_id": "2017-12-04.weekly.1"}],
    "offers": [
        OFFERS_EXAMPLE["offers"][0]
        | {"id": "o_9", "bundle_id": "b_2c9", "item": {"id": "1082185", "name": "BANANAS", "unit": "kg"}},
        OFFERS_EXAMPLE["offers"][0] | {"bundle_id": "b_7f3"},
    ],
}
EMPTY_EXAMPLE: dict[str, Any] = {
    "customer_id": "4711",
    "as_of": "2017-12-04T00:00:00Z",
    "bundle": None,
    "offers": [],
}
