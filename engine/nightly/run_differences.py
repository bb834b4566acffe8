"""What a run computed again has otherwise: in its files, and in the bundles that the store holds of it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from engine.domain.claim_view import without_claim
from engine.nightly import passes
from engine.nightly.context import NightContext
from engine.store import Store
from engine.store.nights.bundle_records import KeptBundle, StagedBundle, bundles_of_run
from engine.store.nights.run_records import all_runs
from engine.store.schema import STAGED, WITHDRAWN
from models.ground.errors import AbonementError
from models.ground.progress import Progress

_NAMED = 3  # differences spelled out in a sentence


class NotReproduced(AbonementError):
    """Computing the run again gives something else, or what it was made from has changed."""


def not_reproduced(run_id: str, different: list[str], other: Sequence[str] = ()) -> NotReproduced:
    """Say what differs, the first few of it; and what computed it now and did not then, all of that."""
    more = f", and {len(different) - _NAMED} more" if len(different) > _NAMED else ""
    why = "; ".join(other)
    return NotReproduced(
        f"Run {run_id} is not reproduced: {'; '.join(different[:_NAMED])}{more}."
        + (f" {why[0].upper()}{why[1:]}." if why else "")
    )


def difference(run: Path, again: Path) -> str:
    """Say where a file of the run differs from the one computed again."""
    name = (
        f"{run.parent.name}/{run.name}"
        if run.parent.name in {"people", "suggestions", "slots", "shadow", "outcomes"}
        else run.name
    )
    before, now = pd.read_parquet(run), pd.read_parquet(again)
    if list(before.columns) != list(now.columns):
        return f"{name} has other columns"
    if len(before) != len(now):
        return f"{name} has {len(before):,} rows, computed again {len(now):,}"
    unequal = ~((before == now) | (before.isna() & now.isna()))
    rows, columns = int(unequal.any(axis=1).sum()), unequal.columns[unequal.any()].tolist()
    if not rows:
        return f"{name} has the same rows in other bytes"
    return f"{name} differs in {rows:,} of {len(before):,} rows ({', '.join(map(str, columns[:_NAMED]))})"


def compare_store(
    store: Store,
    context: NightContext,
    manifest: dict[str, Any],
    progress: Progress,
    other: Sequence[str] = (),
) -> tuple[int, int, list[str]]:
    """Compare each bundle the store holds of the run with the one computed again, both in the order of staging.

    `other` says what computed it now and did not then.
    """
    run = next((run for run in all_runs(store) if run.run_id == context.run_id), None)
    if run is None or run.state == STAGED:
        return 0, 0, ["the run is not published; there is nothing of it in the store to compare."]
    if run.manifest != manifest:
        raise not_reproduced(run.run_id, ["manifest.json is not the one that was published"])
    computed = iter(passes.ready_bundles(context, progress, "comparing bundles", currency=run.currency))
    stored = 0
    for kept in bundles_of_run(store, run):
        match = next((one for one in computed if one.bundle.id == kept.bundle_id), None)
        if match is None:
            raise not_reproduced(
                run.run_id, [f"the store holds bundle {kept.bundle_id}, which it did not make"], other
            )
        if not _same(kept, match, withdrawn=run.state == WITHDRAWN):
            raise not_reproduced(run.run_id, [f"bundle {kept.bundle_id} reads otherwise in the store"], other)
        stored += 1
    return stored, run.bundles - stored, []


def _same(kept: KeptBundle, made: StagedBundle, *, withdrawn: bool) -> bool:
    """Byte for byte; of a touched bundle, all but the marks that customer and till have left on it."""
    if not kept.touched:
        return kept.body == made.body
    stored, computed = json.loads(kept.body), json.loads(made.body)
    if made.pool is not None:
        stored, computed = without_claim(stored), without_claim(computed) | {"offers": [*made.pool.rendered]}
    offers = {offer["id"]: offer for offer in _unmarked(computed)}
    now = _unmarked(stored)
    return (
        stored == computed
        and all(offers.get(offer["id"]) == offer for offer in now)
        and (withdrawn or made.pool is not None or len(now) == len(offers))
    )


def _unmarked(view: dict[str, Any]) -> list[dict[str, Any]]:
    """Take the offers out of a view, without their states and the slots they used."""
    for mark in ("slots_used", "slots_total"):
        del view["bundle"][mark]
    offers: list[dict[str, Any]] = view.pop("offers")
    for offer in offers:
        del offer["state"]
    return offers
