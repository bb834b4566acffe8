"""Look at a settled night, compare it with the nights before, and let the guard decide whether it is published."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import duckdb

from engine.domain.budget import amount_for
from engine.nightly.context import NightContext
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.guard import Earlier, Tonight, enforce, judge
from engine.nightly.guard.arm_inspection import inspect_arms
from engine.nightly.guard.guard_check import GuardCheck
from engine.nightly.guard.night_measures import Measures, measure
from engine.store import Store
from engine.store.nights.run_records import published_before
from models.ground.progress import Progress
from models.versions.shop_likeness import Likeness, item_marks, known_basket_share, look


def inspect_night(
    store: Store, context: NightContext, about: dict[str, Any], accepted: Collection[str], progress: Progress
) -> dict[str, Any]:
    """Measure the night, make the guard's checks and keep both, whether the night is published or not.

    Args:
        store: where earlier published runs left their measures.
        context: a settled night.
        about: what the manifest says so far; returned with `arms`, `measures`, `guard` and `compared_with` added.
        accepted: checks whose failure the operator answers for.
        progress: told what is being done.

    Raises:
        GuardRefused: a check failed that was not accepted.
    """
    progress("checking the night", 0, 1)
    found, checks = look_at_night(store, context, about["budget"], accepted)
    about = about | found
    context.folder.keep_sight("night.json", about)
    progress("checking the night", 1, 1)
    enforce(context.run_id, checks)
    return about


def look_at_night(
    store: Store, context: NightContext, budget: Mapping[str, Any], accepted: Collection[str] = ()
) -> tuple[dict[str, Any], tuple[GuardCheck, ...]]:
    """What the guard finds of a settled night, and its checks; whether they let it pass `enforce` says."""
    arms = inspect_arms(store, context)
    tonight = _tonight(store, context, budget, arms)
    checks = judge(tonight, context.night.programme.guard, accepted)
    return {
        "arms": arms,
        "measures": tonight.measures.as_dict(),
        "guard": {check.name: check.as_dict() for check in checks},
        "compared_with": [run.run_id for run in tonight.earlier],
    }, checks


def _tonight(
    store: Store, context: NightContext, budget: Mapping[str, Any], arms: Mapping[str, Any]
) -> Tonight:
    data, moment, artifact = context.data, context.moment, context.artifact
    earlier = earlier_runs(store, context)
    shop = artifact.manifest.data.get("shop")
    model = None if shop is None else Likeness.from_dict(shop)
    likeness = look(data, context.catalogue, context.item_table, moment)
    return Tonight(
        as_of=moment.as_of,
        measures=measure(context.folder, data, likeness, context.night.model_version),
        item_prices=item_marks(context.catalogue, context.item_table),
        earlier=earlier,
        model=model,
        model_basket_share=None if model is None else known_basket_share(model, data),
        known_customer_share=_known_customer_share(context, earlier[-1].run_id) if earlier else None,
        currency=data.currency,
        budget_binds=budget["price_index"] > 0,
        budget_for_all_minor=amount_for(
            budget["wanted_milli"], budget["committed_milli"], budget["nights_left"]
        ),
        arms=arms,
    )


def earlier_runs(store: Store, context: NightContext) -> list[Earlier]:
    """Runs to compare with, oldest first: of this programme, for nights before this one, and not rolled back."""
    limits, night = context.night.programme.guard, context.moment.day
    runs = published_before(
        store,
        night,
        since=night - timedelta(days=limits.compare_days),
        limit=limits.compare_runs,
        programme=context.night.programme.name,
    )
    return [
        Earlier(run.run_id, Measures.from_dict(run.manifest["measures"]))
        for run in runs
        if "measures" in run.manifest  # made by a release without a guard
    ]


def _known_customer_share(context: NightContext, run_id: str) -> float | None:
    last = RunFolder.of(context.workspace, run_id)
    if not last.outcome_files():
        return None
    with duckdb.connect(config={"threads": 1}) as connection:
        known, scored = connection.execute(
            f"""
            SELECT count(*), count(*) FILTER (customer_id IN (
                SELECT customer_id FROM read_parquet('{context.folder.path}/outcomes/*.parquet')))
            FROM read_parquet('{last.path}/outcomes/*.parquet')
            """
        ).fetchall()[0]
    return scored / known if known else None
