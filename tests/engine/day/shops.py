"""A shop as a night leaves it for the day: three customers, six products, and rules in Berlin."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.domain.bundle import OfferState
from engine.programme import programme_text
from engine.store import Store
from engine.store.choices.favourites import EVERYBODY, stage_suggestions
from engine.store.nights.bundle_records import stage_bundles
from engine.store.nights.publication import publish
from engine.store.nights.published_products import PublishedProduct, stage_products
from engine.store.nights.run_records import begin_run
from tests.engine.bundles import bundle, staged

BERLIN = ZoneInfo("Europe/Berlin")
BANANAS = PublishedProduct(
    "1082185", "BANANAS", None, "PRODUCE", "FRUIT", None, None, "FRUIT", 96, None, None, ""
)
ORGANIC = BANANAS._replace(product_id="1082186", name="BANANAS ORGANIC", price_minor=110)
KIWIS = BANANAS._replace(product_id="1082187", name="KIWIS", price_minor=99, stock=0)
MILK = BANANAS._replace(
    product_id="995240", name="FLUID MILK", family_1="DAIRY", family_2="MILK", family="MILK", price_minor=299
)
WINE = BANANAS._replace(
    product_id="5",
    name="WINE",
    family_1="DRINKS",
    family_2="WINE",
    family="WINE",
    price_minor=999,
    flags="alcohol",
)
SHELF = (BANANAS, ORGANIC, KIWIS, MILK, WINE)
# What the night advised: c1 of their own, c3 has refused; c2 and everybody else were not seen.
ADVICE: Mapping[str, Any] = {EVERYBODY: ["1082185"], "c1": ["995240", "1082185"], "c3": None}

HOLDOUT = ("\nshare = 0.0 ", "\nshare = 0.5 ")
CHOOSE = ('mode = "automatic"', 'mode = "choose"')


def at(text: str) -> datetime:
    """A moment of December 2017 by the shop's clock: "04 09:00"."""
    return datetime.strptime(f"2017-12-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=BERLIN)


def rules(*changes: tuple[str, str]) -> str:
    """The shipped programme with pieces of its text replaced; nobody is held out unless asked for."""
    text = programme_text().replace("share = 0.10", "share = 0.0")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def open_shop(
    store: Store,
    *changes: tuple[str, str],
    night: int = 4,
    attempt: int = 1,
    state: OfferState = OfferState.ACTIVATED,
    slots: int = 5,
    shelf: tuple[PublishedProduct, ...] = SHELF,
    holdout_no: int | None = None,
    advice: Mapping[str, Any] = ADVICE,
) -> None:
    """Publish the night of a day of December 2017: shelf, advice, and a bundle of five for c1."""
    as_of = at(f"{night:02d} 00:00").astimezone(UTC)
    run = begin_run(
        store,
        night=at(f"{night:02d} 00:00").date(),
        attempt=attempt,
        as_of=as_of,
        timezone="Europe/Berlin",
        currency="EUR",
        now=as_of,
    )
    stage_products(
        store,
        run,
        item_level="product",
        programme=rules(*changes),
        stocked=sorted(shelf, key=lambda one: one.product_id),
        holdout_no=holdout_no,
    )
    stage_suggestions(store, run, sorted((name, json.dumps(items)) for name, items in advice.items()))
    made = bundle("c1", run.run_id, starts=as_of, state=state, slots=slots)
    stage_bundles(store, run, [staged(made)])
    publish(store, run.run_id, now=as_of, manifest={})
