"""Pools of eighteen offers of which customers claim six, written out for the tests of store, day and serving."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from engine.domain.bundle import Bundle, Item
from engine.domain.claim_rules import ClaimTerms
from engine.domain.claim_view import as_pool
from engine.domain.customer_view import render
from engine.store import Store
from engine.store.nights.bundle_records import StagedBundle, stage_bundles
from engine.store.nights.claimed_sets import StagedPool
from engine.store.nights.publication import Published, publish
from engine.store.nights.published_products import PublishedProduct, stage_products
from tests.engine.bundles import MONDAY, NIGHT, begin, bundle, offer
from tests.engine.shop import BANANAS, rules

SIZE = 18
TERMS = ClaimTerms(shown=6, days=1, refreshes_a_day=3, swaps_a_day=1)
STOCKED = tuple(
    PublishedProduct(
        str(995200 + number), f"MILK {number}", None, "DAIRY", "MILK", None, None, "MILK", 299, None, 9, ""
    )
    for number in range(SIZE)
)


def pool_of(
    customer_id: str,
    run_id: str = "2017-12-04.1",
    *,
    starts: datetime = MONDAY,
    days: int = 1,
    terms: ClaimTerms = TERMS,
) -> StagedBundle:
    """Offers `p_<customer>_<run>_<place>`, 15 % off 2.99, 100 thousandths expected each."""
    whole = replace(
        bundle(customer_id, run_id, starts=starts, days=days),
        offers=tuple(
            offer(
                number,
                id=f"p_{customer_id}_{run_id}_{number}",
                item=Item(STOCKED[number].product_id, STOCKED[number].name, 299),
                expected_cost_milli=100,
            )
            for number in range(SIZE)
        ),
        slots_total=terms.shown,
    )
    return staged_pool(whole, terms)


def staged_pool(whole: Bundle, terms: ClaimTerms = TERMS) -> StagedBundle:
    body, rendered = as_pool(render(whole, as_of=MONDAY, currency="USD"), terms)
    families = [f"family {number}" for number in range(len(whole.offers))]
    return StagedBundle(whole, "treated", body, pool=StagedPool(terms, rendered, families))


def publish_pools(
    store: Store,
    customers: Iterable[str],
    *,
    night: date = NIGHT,
    attempt: int = 1,
    days: int = 1,
    terms: ClaimTerms = TERMS,
    programme: str | None = None,
    of: str = "",
) -> Published:
    """Publish a night, of the programme named `of`, with its shelf and a pool for each customer, from the night's midnight."""
    run = begin(store, night, attempt, programme=of)
    stage_products(
        store,
        run,
        item_level="product",
        programme=rules(share="0.0") if programme is None else programme,
        stocked=sorted((*STOCKED, BANANAS)),
    )
    stage_bundles(
        store,
        run,
        [pool_of(name, run.run_id, starts=run.as_of, days=days, terms=terms) for name in customers],
    )
    return publish(store, run.run_id, now=run.as_of, manifest={})
