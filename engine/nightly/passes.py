"""The passes of a night over its buckets, from its snapshot to its final slots; a verification makes the same ones.

Each leaves files in the run folder and does only what is not there yet. None of them opens the store.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from engine.domain.claim_view import as_pool
from engine.domain.customer_view import render
from engine.nightly.bucket_work import (
    assign_of,
    household_part_of,
    item_part_of,
    plan_of,
    product_part_of,
    sold_part_of,
)
from engine.nightly.choosing.assignment import bundles_of
from engine.nightly.choosing.funded_slots import fundings_by_bundle
from engine.nightly.choosing.policy import Policy
from engine.nightly.context import NightContext
from engine.nightly.folder.run_folder import write_parquet
from engine.nightly.prices.budget_price import settled_at
from engine.nightly.prices.gifts_tonight import keep_gifts
from engine.nightly.shelf.one_a_household import other_members, sharing_members
from engine.nightly.shelf.sold_lately import asks_what_was_sold, merge_sold
from engine.store.nights.bundle_records import NOBODY_PAYS, StagedBundle
from engine.store.nights.claimed_sets import StagedPool
from models.features.catalogue import PRODUCT_LEVEL
from models.features.item_statistics import merge_parts
from models.features.promoted_weeks import read_promoted_weeks
from models.ground.locks import Fence
from models.ground.progress import Progress
from models.running.cluster import map_buckets
from models.tables import BUNDLE_ID


def read_items(context: NightContext, fence: Fence, jobs: int, progress: Progress) -> None:
    """Every bucket's item statistics, merged, and what is promoted; where items are families, those of the products too."""
    buckets = range(context.data.buckets)
    if not context.folder.items.exists():
        parts = _each(context, fence, item_part_of, buckets, jobs, progress, "reading items")
        write_parquet(context.folder.items, merge_parts(context.catalogue, parts).reset_index())
    if asks_what_was_sold(context.night.programme.shelf, context.stock) and not context.folder.sold.exists():
        parts_sold = _each(context, fence, sold_part_of, buckets, jobs, progress, "reading stores")
        write_parquet(context.folder.sold, merge_sold(parts_sold))
    if context.night.programme.eligibility.one_a_household:
        members = list(
            _each(context, fence, household_part_of, buckets, jobs, progress, "reading households")
        )
        _keep_households(context, context.folder.households, other_members(members))
        if context.night.programme.eligibility.household_shares:
            _keep_households(context, context.folder.sharers, sharing_members(members))
    promotions = context.data.promotions
    if promotions is not None and not context.folder.promoted.exists():
        found = read_promoted_weeks(promotions, context.catalogue, context.moment, context.unit_minor)
        write_parquet(context.folder.promoted, found.rows)
    if lowest := context.lowest_prices():
        context.folder.keep_lowest_prices(lowest)
    if context.shown_of_products:
        context.folder.keep_shown(context.shown_of_products)
    of_families = context.catalogue.item_level != PRODUCT_LEVEL
    if of_families and not context.folder.products.exists():
        parts = _each(context, fence, product_part_of, buckets, jobs, progress, "reading products")
        write_parquet(context.folder.products, merge_parts(context.product_catalogue, parts).reset_index())


def _keep_households(context: NightContext, file: Path, members: pd.DataFrame) -> None:
    """Write who goes without, or who shares; where a resumed night finds that changed, all buckets are planned anew."""
    if file.exists() and pd.read_parquet(file).equals(members):
        return
    for bucket in range(context.data.buckets):
        context.folder.forget(bucket)
    write_parquet(file, members)


def plan(
    context: NightContext,
    fence: Fence,
    policy: Policy,
    jobs: int,
    progress: Progress,
    *,
    every_plan: bool = False,
) -> int:
    """Plan the buckets that are not planned yet; returns how many those were. `every_plan` as in `plan_bucket`."""
    left = [bucket for bucket in range(context.data.buckets) if not context.folder.plan(bucket).exists()]
    for _ in _each(context, fence, plan_of, left, jobs, progress, "scoring and planning", policy, every_plan):
        pass
    return len(left)


def assign(
    context: NightContext, fence: Fence, budget: Mapping[str, Any], jobs: int, progress: Progress
) -> None:
    """Assign the buckets that have no final bundles yet, at the prices that `shadow_price` found, and say who is given money.

    The stage is called "settling" in logs and metrics.
    """
    keep_gifts(context, budget)
    prices = settled_at(budget), budget.get("staples"), budget.get("funders")
    left = [bucket for bucket in range(context.data.buckets) if not context.folder.outcomes(bucket).exists()]
    for _ in _each(context, fence, assign_of, left, jobs, progress, "settling", *prices):
        pass


def ready_bundles(
    context: NightContext, progress: Progress, what: str, *, currency: str | None = None
) -> Iterator[StagedBundle]:
    """Stream the final bundles with the JSON their customers will read, in the order of buckets and slots.

    `currency` is the load's, where that is not there any more.
    """
    files, shown = context.folder.slot_files(), context.folder.shown
    lowest, rules = context.folder.lowest_prices, context.night.programme
    terms = None if rules.claim is None else rules.claim.terms(rules.rotation)
    for place, file in enumerate(files):
        progress(what, place, len(files))
        slots = pd.read_parquet(file)
        paid = context.folder.fundings_beside(file)
        fundings = {} if paid is None else fundings_by_bundle(pd.read_parquet(paid))
        families = {} if terms is None else slots.groupby(BUNDLE_ID)["reason_family"].agg(list).to_dict()
        arms = slots.drop_duplicates(BUNDLE_ID)["arm"]
        lines = context.folder.lines_beside(file)
        for bundle, arm in zip(bundles_of(slots, rules.activation), arms, strict=True):
            money = currency or context.data.currency
            body = render(
                bundle,
                as_of=context.night.as_of,
                currency=money,
                shown=shown,
                lowest_minor=lowest,
                disclosure=context.disclosure,
                programme=context.night.programme.name,
            )
            pool = None
            if terms is not None:
                body, rendered = as_pool(body, terms)
                pool = StagedPool(terms, rendered, families[bundle.id])
            paid_by = fundings.get(bundle.id, NOBODY_PAYS)
            yield StagedBundle(bundle, arm, body, paid_by, lines.get(bundle.customer_id), pool)


def _each(
    context: NightContext,
    fence: Fence,
    step: Callable[..., Any],
    buckets: Sequence[int],
    jobs: int,
    progress: Progress,
    what: str,
    *arguments: Any,
) -> Iterator[Any]:
    """Do one step for each bucket, results in the order of the buckets."""
    tasks = [(context.workspace, context.run_id, context.request, bucket, *arguments) for bucket in buckets]
    return map_buckets(step, tasks, jobs=jobs, what=what, progress=progress, fence=fence)
