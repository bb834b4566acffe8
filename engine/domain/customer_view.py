"""The JSON a customer sees, made once by the night and handed out as it is.

    {"customer_id", "as_of", "bundle": {...} or null, "offers": [...]}

Keys stand in a fixed order without spaces, text is UTF-8, moments are UTC with whole seconds, so the same
bundle is the same bytes. A customer without a bundle has `"bundle": null` and no offers, and it does not show
why: unknown, held out and between two bundles are one body. `as_of` is null before the first night. What the
programme does not have (a favourite) is an absent key, not a null one. Offers on a recalled product stand under
`withdrawn` with the shop's reason instead of among the offers, a recalled favourite under `favourite_withdrawn`. An offer whose item is sold out may show another product,
and the item under `substitute_for`. What its law does not
ask for (`disclosure`, an offer's `lowest_price_30_days_minor`) is absent, too, and so are `grants` of who has none.

Where a shop runs several programmes side by side, a customer may have several bundles. They are one list: `together` joins
their bodies, `bundles` has all of them and each offer says its `bundle_id`; `bundle` is the one that ends first, so that who
reads only that never shows an offer for longer than it holds. A shop with one programme without a name has neither key.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from engine.domain.bundle import Bundle, Offer, OfferState
from engine.domain.favourite_promise import Promise
from engine.domain.grants import Grant, GrantState
from engine.domain.money import offer_price_minor

# The reason code of an offer that the shop took back because of its product.
RECALLED = "recalled"
_OF_BUNDLES = ("customer_id", "as_of", "bundle", "offers", "withdrawn")
# ... and of one in which another product stands in for the item, which is sold out.
SUBSTITUTE = "substitute"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def render(
    bundle: Bundle,
    *,
    as_of: datetime,
    currency: str,
    shown: Mapping[str, Mapping[str, str]] | None = None,
    lowest_minor: Mapping[str, int] | None = None,
    disclosure: str | None = None,
    programme: str = "",
) -> bytes:
    """Return the body of a customer who has a bundle.

    Args:
        bundle: whose, and the offers.
        as_of: the data's cut.
        currency: of all amounts.
        shown: what else the shop says of an item, such as its barcode, by item id; what it does not say is absent.
        lowest_minor: the lowest price at which everybody could buy an item in the last 30 days, by item id; an offer that
            has none there does not speak of it.
        disclosure: who set the prices; absent where nothing has to be said of it.
        programme: its name; absent where it has none.

    """
    return _encode(
        {
            "customer_id": bundle.customer_id,
            "as_of": moment_text(as_of),
            "bundle": {
                "id": bundle.id,
                "run_id": bundle.run_id,
                **({"programme": programme} if programme else {}),
                "valid_from": moment_text(bundle.valid_from),
                "valid_to": moment_text(bundle.valid_to),
                "slots_total": bundle.slots_total,
                "slots_used": bundle.slots_used,
            },
            "offers": [_offer(offer, currency, shown or {}, lowest_minor or {}) for offer in bundle.offers],
            **({} if disclosure is None else {"disclosure": disclosure}),
        }
    ).encode()


def render_empty(customer_id: str, *, as_of: datetime | None, reason: str | None = None) -> bytes:
    """Return the body of a customer who has no bundle; a reason is one that holds for everybody."""
    cut = None if as_of is None else moment_text(as_of)
    view: dict[str, Any] = {"customer_id": customer_id, "as_of": cut, "bundle": None, "offers": []}
    return _encode(view if reason is None else view | {"reason": reason}).encode()


def together(bodies: Sequence[bytes]) -> bytes:
    """Return the bodies of a customer's bundles as one list; the first one's bundle is `bundle`, too."""
    views: list[dict[str, Any]] = [json.loads(body) for body in bodies]
    rest = {key: value for view in reversed(views) for key, value in view.items() if key not in _OF_BUNDLES}
    withdrawn = [gone for view in views for gone in view.get("withdrawn", ())]
    whole = {
        "customer_id": views[0]["customer_id"],
        "as_of": max(view["as_of"] for view in views),
        "bundle": views[0]["bundle"],
        "bundles": [view["bundle"] for view in views],
        "offers": [_of_bundle(offer, view["bundle"]["id"]) for view in views for offer in view["offers"]],
        **({"withdrawn": withdrawn} if withdrawn else {}),
    }
    return _encode(whole | rest).encode()


def by_bundle(view: Mapping[str, Any]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return each bundle of a body with its offers, the one that ends first before the others; none where it has none."""
    several = view.get("bundles") or [one for one in (view["bundle"],) if one is not None]
    return [
        (one, [offer for offer in view["offers"] if offer.get("bundle_id", one["id"]) == one["id"]])
        for one in several
    ]


def with_customer(body: bytes, customer_id: str) -> bytes:
    """Return the body as another customer's, to whom the card now belongs."""
    view: dict[str, Any] = json.loads(body)
    return _encode(view | {"customer_id": customer_id}).encode()


def renamed(body: bytes, customer_id: str, names: Mapping[str, str]) -> bytes:
    """Return a bundle's body as another customer's, with other ids of the bundle and of its offers."""
    view: dict[str, Any] = json.loads(body)
    view["customer_id"] = customer_id
    view["bundle"]["id"] = names[view["bundle"]["id"]]
    for offer in view["offers"]:
        offer["id"] = names[offer["id"]]
    return _encode(view).encode()


def with_states(body: bytes, states: Mapping[str, OfferState], *, slots_used: int) -> bytes:
    """Return a bundle's body with its offers, by their ids, in these states."""
    view: dict[str, Any] = json.loads(body)
    for offer in view["offers"]:
        offer["state"] = states[offer["id"]].value
    view["bundle"]["slots_used"] = slots_used
    return _encode(view).encode()


def with_favourite(body: bytes, favourite: bytes | None) -> bytes:
    """Return the body with a favourite's ready-made part, such as `"favourite":{...}`, at its end."""
    return body if favourite is None else b"%b,%b}" % (body[:-1], favourite)


def with_grants(body: bytes, grants: bytes | None) -> bytes:
    """Return the body with the ready-made part `"grants":[...]` at its end; unchanged where there are none."""
    return b"%b,%b}" % (body[:-1], grants) if grants else body


def keep_offers(body: bytes, offer_ids: Collection[str]) -> bytes:
    """Return the body with only the named offers, and no more slots than are left of them."""
    view: dict[str, Any] = json.loads(body)
    view["offers"] = [offer for offer in view["offers"] if offer["id"] in offer_ids]
    view["bundle"]["slots_total"] = min(view["bundle"]["slots_total"], len(view["offers"]))
    return _encode(view).encode()


def without_offers(body: bytes, reasons: Mapping[str, str]) -> bytes:
    """Return the body with the named offers under `withdrawn`, each with the shop's reason, by the offers' ids."""
    view: dict[str, Any] = json.loads(body)
    gone = [offer for offer in view["offers"] if offer["id"] in reasons]
    view["offers"] = [offer for offer in view["offers"] if offer["id"] not in reasons]
    view["withdrawn"] = [_withdrawn(one["id"], one["item"], reasons[one["id"]]) for one in gone]
    return _encode(view).encode()


@dataclass(frozen=True)
class StandIn:
    """A product that is shown in the place of an offer's item; money in minor units of one unit."""

    product_id: str
    name: str
    price_minor: int
    lowest_minor: int | None  # of the last 30 days, where the law wants it told
    text: str  # why, in the customer's language


def with_stand_ins(body: bytes, stand_ins: Mapping[str, StandIn]) -> bytes:
    """Return the body with other products in the place of the items of some offers, by the offers' ids.

    Discount, slot and state stay; the item it was made for, and why, stand under `substitute_for`.
    """
    view: dict[str, Any] = json.loads(body)
    view["offers"] = [
        offer if (other := stand_ins.get(offer["id"])) is None else _with_stand_in(offer, other)
        for offer in view["offers"]
    ]
    return _encode(view).encode()


def prices_shown(body: bytes) -> dict[str, int]:
    """Return what a body shows each item to cost without its discount, by item id; items without a price are left out."""
    view: dict[str, Any] = json.loads(body)
    shown = [*view["offers"], *([view["favourite"]] if "favourite" in view else [])]
    return {one["item"]["id"]: one["price_minor"] for one in shown if one["price_minor"] is not None}


def favourite_part(
    promise: Promise, *, name: str, price_minor: int, discount_bp: int, max_units: int, currency: str
) -> bytes:
    """Return the part of a body that shows a favourite: `"favourite":{...}`, its price as it was when chosen."""
    shown = {
        "id": promise.id,
        "item": {"id": promise.item_id, "name": name},
        "discount_bp": discount_bp,
        "price_minor": price_minor,
        "offer_price_minor": offer_price_minor(price_minor, discount_bp),
        "currency": currency,
        "max_units_a_day": max_units,
        "effective_from": moment_text(promise.effective_from),
        "valid_to": moment_text(promise.valid_to),
    }
    return b'"favourite":' + _encode(shown).encode()


def withdrawn_favourite_part(promise: Promise, *, name: str, reason: str) -> bytes:
    """Return the part of a body that stands in a favourite's place while its product is recalled."""
    shown = _withdrawn(promise.id, {"id": promise.item_id, "name": name}, reason)
    return b'"favourite_withdrawn":' + _encode(shown).encode()


def grants_part(shown: Sequence[tuple[Grant, int, bool]]) -> bytes:
    """Return the part of a body that shows grants, each with what is left of it and whether a till holds it.

    Empty where there are none, so that the body is the same as without it.
    """
    if not shown:
        return b""
    return b'"grants":' + _encode([_grant(*one) for one in shown]).encode()


def encoded(view: Mapping[str, Any]) -> bytes:
    """Return a view as the bytes that are handed out."""
    return _encode(view).encode()


@lru_cache(maxsize=4096)
def moment_text(moment: datetime) -> str:
    """Return `2017-12-04T00:00:00Z`; ValueError for a moment without time zone."""
    if moment.tzinfo is None:
        raise ValueError(
            f"expected a moment with a time zone, got {moment.isoformat()}; add one, for example +00:00"
        )
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:-6] + "Z"


def _of_bundle(offer: Mapping[str, Any], bundle_id: str) -> dict[str, Any]:
    return {"id": offer["id"], "bundle_id": bundle_id} | dict(offer)


def _with_stand_in(offer: Mapping[str, Any], other: StandIn) -> dict[str, Any]:
    told = {key: value for key, value in offer.items() if key != "lowest_price_30_days_minor"}
    return {
        **told,
        "item": {"id": other.product_id, "name": other.name},
        "price_minor": other.price_minor,
        "offer_price_minor": offer_price_minor(other.price_minor, offer["discount_bp"]),
        "reason": {"code": SUBSTITUTE, "text": other.text},
        **({} if other.lowest_minor is None else {"lowest_price_30_days_minor": other.lowest_minor}),
        "substitute_for": {
            "item": {"id": offer["item"]["id"], "name": offer["item"]["name"]},
            "reason": offer["reason"],
        },
    }


def _withdrawn(offer_id: str, item: Mapping[str, str], reason: str) -> dict[str, Any]:
    return {
        "id": offer_id,
        "item": {"id": item["id"], "name": item["name"]},
        "reason": {"code": RECALLED, "text": reason},
    }


def _grant(grant: Grant, left_minor: int, is_held: bool) -> dict[str, Any]:
    return {
        "id": grant.id,
        "kind": grant.kind.value,
        "state": OfferState.RESERVED.value if is_held else GrantState.OPEN.value,
        "amount_minor": grant.amount_minor,
        "left_minor": left_minor,
        "currency": grant.currency,
        "valid_from": moment_text(grant.valid_from),
        "valid_to": moment_text(grant.valid_to),
        "reason": {"code": grant.kind.value, "text": grant.reason},
    }


def _offer(
    offer: Offer, currency: str, shown: Mapping[str, Mapping[str, str]], lowest_minor: Mapping[str, int]
) -> dict[str, Any]:
    price = offer.item.price_minor
    lowest = lowest_minor.get(offer.item.id)
    return {
        "id": offer.id,
        "item": {"id": offer.item.id, "name": offer.item.name, **shown.get(offer.item.id, {})},
        "kind": offer.kind.value,
        "state": offer.state.value,
        "discount_bp": offer.discount_bp,
        "price_minor": price,
        "offer_price_minor": None if price is None else offer_price_minor(price, offer.discount_bp),
        "currency": currency,
        "max_units": offer.max_units,
        "reason": {"code": offer.reason.code, "text": offer.reason.text},
        **({} if lowest is None else {"lowest_price_30_days_minor": lowest}),
    }
