"""The steps of a night from its snapshot to its settled slots; a verification takes the same ones again.

Each leaves files in the run folder and does only what is not there yet. None of them knows the store.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd
from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from engine.domain.budget import allowance_milli, remaining_nights
from engine.domain.errors import WorkerLost
from engine.domain.view import render
from engine.nightly.allocation import find_price, price_per_minor
from engine.nightly.folder import write_parquet
from engine.nightly.plan import BucketPlan
from engine.nightly.policy import Policy
from engine.nightly.scene import Scene, item_part_of, plan_of, product_part_of, settle_of
from engine.nightly.settle import bundles_of
from engine.store.bundles import StagedBundle
from models.console import Progress
from models.features.catalogue import PRODUCT_LEVEL
from models.features.items import merge_parts
from models.locks import as_worker


def read_items(scene: Scene, jobs: int, progress: Progress) -> None:
    """Every bucket's item statistics, merged; where items are families, those of the products too."""
    buckets = range(scene.data.buckets)
    if not scene.folder.items.exists():
        parts = _each(scene, item_part_of, buckets, jobs, progress, "reading items")
        write_parquet(scene.folder.items, merge_parts(scene.catalogue, parts).reset_index())
    of_families = scene.catalogue.item_level != PRODUCT_LEVEL
    if of_families and not scene.folder.products.exists():
        parts = _each(scene, product_part_of, buckets, jobs, progress, "reading products")
        write_parquet(scene.folder.products, merge_parts(scene.product_catalogue, parts).reset_index())


def plan(scene: Scene, policy: Policy, jobs: int, progress: Progress) -> int:
    """Plan the buckets that are not planned yet; returns how many those were."""
    left = [bucket for bucket in range(scene.data.buckets) if not scene.folder.plan(bucket).exists()]
    for _ in _each(scene, plan_of, left, jobs, progress, "scoring and planning", policy):
        pass
    return len(left)


def price(scene: Scene, committed_milli: int) -> dict[str, Any]:
    """Find the price at which tonight's bundles cost no more than tonight's share of the budget."""
    night, rules = scene.night, scene.night.programme.budget
    nights = remaining_nights(night.valid_from, rules.period, night.days)
    allowance = allowance_milli(rules.amount_minor, committed_milli, nights)
    vectors = [BucketPlan.load(scene.folder.plan(bucket)).cost_milli for bucket in range(scene.data.buckets)]
    total = sum(vectors[1:], start=vectors[0])
    price_index = find_price(total, allowance)
    value_per_minor = price_per_minor(price_index)
    return {
        "amount_minor": rules.amount_minor,
        "period": rules.period.value,
        "committed_milli": committed_milli,
        "nights_left": nights,
        "allowance_milli": allowance,
        "wanted_milli": int(total[0]),
        "planned_milli": int(total[price_index]),
        "price_index": price_index,
        "value_per_minor": value_per_minor if value_per_minor < float("inf") else None,
    }


def settle(scene: Scene, price_index: int, jobs: int, progress: Progress) -> None:
    """Settle the buckets that are not settled yet."""
    left = [bucket for bucket in range(scene.data.buckets) if not scene.folder.outcomes(bucket).exists()]
    for _ in _each(scene, settle_of, left, jobs, progress, "settling", price_index):
        pass


def ready_bundles(
    scene: Scene, progress: Progress, what: str, *, currency: str | None = None
) -> Iterator[StagedBundle]:
    """Stream the settled bundles with the JSON their customers will read, in the order of buckets and slots.

    `currency` is the load's, where that is not there any more.
    """
    files = scene.folder.slot_files()
    for place, file in enumerate(files):
        progress(what, place, len(files))
        slots = pd.read_parquet(file)
        arms = slots.drop_duplicates("bundle_id")["arm"]
        for bundle, arm in zip(bundles_of(slots, scene.night.programme.activation), arms, strict=True):
            body = render(bundle, as_of=scene.night.as_of, currency=currency or scene.data.currency)
            yield StagedBundle(bundle, arm, body)


def _each(
    scene: Scene,
    step: Callable[..., Any],
    buckets: Sequence[int],
    jobs: int,
    progress: Progress,
    what: str,
    *arguments: Any,
) -> Iterator[Any]:
    """Do one step for each bucket, `jobs` at a time, results in the order of the buckets.

    Where the system ends a worker (most often because memory ran out), the buckets that are left are done one at a
    time; WorkerLost where that does not help either.
    """

    def work(some: Sequence[int]) -> Iterator[Any]:
        one = delayed(as_worker)
        tasks = (
            one(
                scene.workspace,
                os.getpid(),
                step,
                scene.workspace,
                scene.run_id,
                scene.request,
                bucket,
                *arguments,
            )
            for bucket in some
        )
        yield from Parallel(n_jobs=jobs, return_as="generator")(tasks)

    done = 0
    try:
        for result in work(buckets):
            done += 1
            progress(what, done, len(buckets))
            yield result
    except TerminatedWorkerError:
        for bucket in buckets[done:]:
            try:
                (result,) = work([bucket])
            except TerminatedWorkerError as error:
                raise WorkerLost(
                    f"The system ended the worker of bucket {bucket} while {what}, most often because memory ran "
                    "out; what is finished is kept. Start the night again with fewer --jobs, or load with more "
                    "--buckets."
                ) from error
            done += 1
            progress(what, done, len(buckets))
            yield result
