"""One night from the workspace's data to published bundles.

    1 snapshot   what the store holds: open bundles and committed money
    2 items      every bucket's item statistics, merged
    3 plan       every bucket: features, candidates, scores, options, bundles at every depth cap
    4 price      the budget's one price, from the buckets' summed cost vectors
    5 settle     every bucket: final bundles, reasons, the slot log
    6 publish    describe in the manifest, stage in the store, switch in one transaction

Steps 2, 3 and 5 run `jobs` buckets side by side and leave files; a night that was killed takes those files up
when it is started again with the same request. The result depends neither on `jobs` nor on interruptions.
"""

import importlib.metadata
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from joblib import Parallel, delayed

from engine.domain.budget import allowance_milli, period_around, remaining_nights
from engine.domain.view import render
from engine.nightly.allocation import find_price, price_per_minor
from engine.nightly.describe import describe
from engine.nightly.folder import RunFolder, write_parquet
from engine.nightly.plan import BucketPlan
from engine.nightly.policy import Policy
from engine.nightly.scene import Scene, item_part_of, plan_of, scene_of, settle_of
from engine.nightly.settle import bundles_of
from engine.programme import Programme, parse_programme
from engine.store import Store
from engine.store.bundles import StagedBundle, committed_milli, open_bundles_of, stage_bundles
from engine.store.runs import Run, begin_run, discard_staged, next_attempt, publish
from models import registry
from models.console import Progress
from models.features.items import merge_parts
from models.moment import Moment
from models.sources import open_data


@dataclass(frozen=True)
class NightResult:
    """What a night did: the published run's name, its manifest, and how many buckets it took over."""

    run_id: str
    manifest: dict[str, Any]
    resumed_buckets: int


def run(
    workspace: Path,
    as_of: Moment,
    programme_text: str,
    policy: Policy,
    store: Store,
    *,
    now: datetime,
    jobs: int,
    progress: Progress,
) -> NightResult:
    """Run one night and publish it.

    Args:
        workspace: holds loaded data and a current model version; the run folder goes there.
        as_of: nothing at or after it is known to the night.
        programme_text: the rules, as TOML.
        policy: what an offer is worth at each depth (`engine.nightly.policy`).
        store: where bundles are published.
        now: when the night runs, for the record only.
        jobs: buckets side by side.
        progress: told what is being done.

    Raises:
        BadInput, BadArtifact: no usable data or model.
        BadProgramme: the rules are impossible, or not those the model was fitted for.
        StoreUnreachable, CannotWrite: nothing was published.
    """
    programme = parse_programme(programme_text, "the programme")
    data = open_data(workspace)
    discard_staged(store)
    run_id = f"{as_of.day.isoformat()}.{next_attempt(store, as_of.day)}"
    request = {
        "run_id": run_id,
        "as_of": as_of.as_of.isoformat(),
        "timezone": as_of.timezone,
        "load": data.load_id,
        "data": data.fingerprint,
        "model": _model_for(workspace, programme),
        "programme": programme.fingerprint(),
        "policy": policy.__name__,
        "code": importlib.metadata.version("abonement"),
    }
    folder = RunFolder.of(workspace, run_id)
    folder.begin(request, programme_text)
    scene = scene_of(workspace, run_id, json.dumps(request, sort_keys=True))

    committed = _take_snapshot(store, scene, progress)
    _read_items(scene, jobs, progress)
    planned = _plan(scene, policy, jobs, progress)
    budget = _price(scene, committed)
    _settle(scene, budget["price_index"], jobs, progress)
    manifest = folder.finish(request | {"budget": budget, "result": describe(folder)})
    _publish(store, scene, manifest, now, progress)
    return NightResult(run_id, manifest, data.buckets - planned)


def _model_for(workspace: Path, programme: Programme) -> str:
    """The current version, refused where the programme asks for something else."""
    about = registry.open_current(registry.registry_folder(workspace))
    programme.require_model(
        item_level=about.manifest.item_level,
        window_days=about.manifest.window_days,
        churn_horizon_days=about.manifest.churn_horizon_days,
    )
    return about.version


def _take_snapshot(store: Store, scene: Scene, progress: Progress) -> int:
    """Keep what the night reads of the store; returns the money committed, thousandths of a minor unit.

    Where a resumed night finds the store changed (an offer was touched meanwhile), the plans made from the
    former snapshot are dropped.
    """
    night, folder, data = scene.night, scene.folder, scene.data
    replacing = scene.moment.day
    starts, ends = period_around(night.valid_from, night.programme.budget.period, night.days)
    committed = committed_milli(store, starts, ends, replacing=replacing)
    if folder.committed_milli != committed:
        folder.unsettle()
        folder.keep_committed(committed)
    for bucket in range(data.buckets):
        progress("reading open bundles", bucket, data.buckets)
        ids = pd.read_parquet(data.customers(bucket), columns=["customer_id"])["customer_id"].tolist()
        kept = sorted(open_bundles_of(store, ids, night.valid_from, replacing=replacing))
        snapshot = pd.DataFrame({"customer_id": pd.Series(kept, dtype="str")})
        file = folder.open_customers(bucket)
        if not file.exists() or not pd.read_parquet(file).equals(snapshot):
            folder.forget(bucket)
            write_parquet(file, snapshot)
    return committed


def _read_items(scene: Scene, jobs: int, progress: Progress) -> None:
    if scene.folder.items.exists():
        return
    parts = _each(scene, item_part_of, range(scene.data.buckets), jobs, progress, "reading items")
    write_parquet(scene.folder.items, merge_parts(scene.catalogue, parts).reset_index())


def _plan(scene: Scene, policy: Policy, jobs: int, progress: Progress) -> int:
    """Plan the buckets that are not planned yet; returns how many those were."""
    left = [bucket for bucket in range(scene.data.buckets) if not scene.folder.plan(bucket).exists()]
    for _ in _each(scene, plan_of, left, jobs, progress, "scoring and planning", policy):
        pass
    return len(left)


def _price(scene: Scene, committed: int) -> dict[str, Any]:
    """Find the price at which tonight's bundles cost no more than tonight's share of the budget."""
    night, rules = scene.night, scene.night.programme.budget
    nights = remaining_nights(night.valid_from, rules.period, night.days)
    allowance = allowance_milli(rules.amount_minor, committed, nights)
    vectors = [BucketPlan.load(scene.folder.plan(bucket)).cost_milli for bucket in range(scene.data.buckets)]
    total = sum(vectors[1:], start=vectors[0])
    price_index = find_price(total, allowance)
    price = price_per_minor(price_index)
    return {
        "amount_minor": rules.amount_minor,
        "period": rules.period.value,
        "committed_milli": committed,
        "nights_left": nights,
        "allowance_milli": allowance,
        "wanted_milli": int(total[0]),
        "planned_milli": int(total[price_index]),
        "price_index": price_index,
        "value_per_minor": price if price < float("inf") else None,
    }


def _settle(scene: Scene, price_index: int, jobs: int, progress: Progress) -> None:
    left = [bucket for bucket in range(scene.data.buckets) if not scene.folder.outcomes(bucket).exists()]
    for _ in _each(scene, settle_of, left, jobs, progress, "settling", price_index):
        pass


def _publish(store: Store, scene: Scene, manifest: dict[str, Any], now: datetime, progress: Progress) -> None:
    moment, run_id = scene.moment, scene.run_id
    staged = begin_run(
        store,
        night=moment.day,
        attempt=int(run_id.rpartition(".")[2]),
        as_of=moment.as_of,
        timezone=moment.timezone,
        currency=scene.data.currency,
        now=now,
    )
    stage_bundles(store, staged, _ready_bundles(scene, staged, progress))
    publish(store, run_id, now=now, manifest=manifest)


def _ready_bundles(scene: Scene, staged: Run, progress: Progress) -> Iterator[StagedBundle]:
    files = scene.folder.slot_files()
    for place, file in enumerate(files):
        progress("publishing", place, len(files))
        slots = pd.read_parquet(file)
        arms = slots.drop_duplicates("bundle_id")["arm"]
        for bundle, arm in zip(bundles_of(slots), arms, strict=True):
            yield StagedBundle(bundle, arm, render(bundle, as_of=staged.as_of, currency=staged.currency))


def _each(
    scene: Scene,
    step: Callable[..., Any],
    buckets: Sequence[int],
    jobs: int,
    progress: Progress,
    what: str,
    *arguments: Any,
) -> Iterator[Any]:
    """Do one step for each bucket, `jobs` at a time, results in the order of the buckets."""
    work = (
        delayed(step)(scene.workspace, scene.run_id, scene.request, bucket, *arguments) for bucket in buckets
    )
    for done, result in enumerate(Parallel(n_jobs=jobs, return_as="generator")(work)):
        progress(what, done + 1, len(buckets))
        yield result
