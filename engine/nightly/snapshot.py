"""What a night reads of the store, kept in its run folder: open bundles, arms, favourites, committed money, what was offered before.

Everything that follows is made from it, so that a verification makes the same again whatever the store holds by then.
"""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from engine.domain.budget import MILLI, period_around
from engine.domain.budget_lines import WIN_BACK, as_booked
from engine.domain.contacts import contact_state
from engine.nightly.arms_tonight import read_arms, served_elsewhere
from engine.nightly.choosing.customer_facts import OFFERS_SEEN, OFFERS_USED
from engine.nightly.context import NightContext
from engine.nightly.folder.run_folder import RunFolder, write_parquet
from engine.nightly.folder.running_shadows import running_shadows
from engine.nightly.in_force.budget_use import BudgetUse, look_at_use
from engine.nightly.in_force.gifts_before import gift_lines, gifts_of, gives
from engine.nightly.in_force.holdout_in_force import HoldoutInForce
from engine.nightly.night import Night
from engine.nightly.offers_remembered import offers_remembered, sections_of
from engine.nightly.shelf.offered_beside import BESIDE
from engine.nightly.shelf.who_is_asked import OTHER_ENGINE
from engine.store import Store
from engine.store.choices.contact_log import contacts_of
from engine.store.choices.favourites import favourites_between
from engine.store.grants.grants_of_nights import given_minor
from engine.store.nights.bundle_records import (
    committed_milli,
    committed_to,
    offers_lately,
    open_bundles_of,
)
from engine.store.nights.offers_beside import open_items_of
from engine.store.nights.run_records import Run, all_runs
from engine.store.schema import PUBLISHED
from models.ground.progress import Progress
from models.tables import CUSTOMER_ID, ITEM_ID

# How far back a customer's own offers are told to a policy that asks for them.
_LOOK_BACK = timedelta(days=56)
# A bundle lasts 60 days at most, and begins within one of its night's cut.
_LONGEST_WINDOW = timedelta(days=62)
_LATELY = (OFFERS_SEEN, OFFERS_USED)


def take_snapshot(
    store: Store,
    context: NightContext,
    holdout: HoldoutInForce | None,
    needs: Collection[str],
    progress: Progress,
) -> BudgetUse:
    """Keep what the night reads of the store; returns what it says of the budget.

    Where a resumed night finds the store changed (an offer was touched meanwhile), what was made from the former
    snapshot is dropped before the new one is written.
    """
    night, folder, data = context.night, context.folder, context.data
    replacing, mine = context.moment.day, night.programme.name
    starts, ends = period_around(night.valid_from, night.programme.budget.period, night.days)
    use = look_at_use(store, night, replacing)
    earlier = _runs_lately(store, context)
    shadows = running_shadows(
        context.workspace, [run.run_id for run in earlier if run.programme == mine], night.valid_from
    )
    rotation = sections_of(context)
    in_cells = Counter[str]()
    for bucket in range(data.buckets):
        progress("reading open bundles", bucket, data.buckets)
        ids = pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_ID])[CUSTOMER_ID].tolist()
        kept = sorted(open_bundles_of(store, ids, night.valid_from, replacing=replacing, programme=mine))
        latest_end = night.days.after(night.valid_from, night.programme.validity.max_days)
        favourites = favourites_between(store, ids, night.valid_from, latest_end)
        shadowed = [(name,) for name in sorted(shadows.intersection(ids))]
        drawn = read_arms(store, context, holdout, bucket)
        _keep(folder, bucket, folder.arms(bucket), drawn)
        if context.trials:
            theirs = committed_to(store, ids, starts, ends, replacing=replacing, programme=mine)
            for name, cell in zip(drawn[CUSTOMER_ID], drawn["cell"], strict=True):
                in_cells[cell] += theirs.get(name, 0)
        read: list[tuple[Path, Sequence[tuple[str, ...]], list[str]]] = [
            (folder.open_customers(bucket), [(name,) for name in kept], [CUSTOMER_ID]),
            (folder.favourites(bucket), favourites, [CUSTOMER_ID, ITEM_ID]),
            (folder.open_shadows(bucket), shadowed, [CUSTOMER_ID]),
            (
                folder.paused(bucket),
                [
                    *_paused(store, night, ids),
                    *((name, OTHER_ENGINE) for name in served_elsewhere(context.trials, drawn)),
                ],
                [CUSTOMER_ID, "why"],
            ),
        ]
        if not set(_LATELY).isdisjoint(needs):  # of a million customers these are many bundles to look at
            lately = offers_lately(store, ids, night.valid_from - _LOOK_BACK, night.valid_from)
            counted = [(name, *map(str, of)) for name, of in sorted(lately.items())]
            read.append((folder.offers_lately(bucket), counted, [CUSTOMER_ID, *_LATELY]))
        if gives(night):
            _keep(folder, bucket, folder.gifts(bucket), gifts_of(store, night, ids, replacing))
        if rotation:
            remembered = offers_remembered(store, context, ids, earlier, rotation)
            _keep(folder, bucket, folder.offered_before(bucket), remembered)
        beside = open_items_of(store, ids, night.valid_from, latest_end, besides=mine)
        if beside or folder.offered_beside(bucket).exists():
            read.append((folder.offered_beside(bucket), beside, list(BESIDE)))
        for file, rows, columns in read:
            _keep(folder, bucket, file, pd.DataFrame(rows, columns=columns).astype("str"))
    in_lines = _committed_in_lines(store, night, replacing)
    told = (use.committed_milli, dict(in_cells), in_lines, json.loads(json.dumps(use.as_dict())))
    if (
        folder.committed_milli,
        folder.committed_in_cells,
        folder.committed_in_lines,
        folder.use(),
    ) != told:
        folder.unsettle()
        folder.keep_committed(use.committed_milli, in_cells, in_lines)
        folder.keep_use(use.as_dict())
    return use


def _committed_in_lines(store: Store, night: Night, replacing: date) -> dict[str, int]:
    """What each line of the programme's budget has promised in its period, thousandths of a minor unit."""
    rules = night.programme.rules
    if rules is None:
        return {}
    committed, mine = {}, night.programme.name
    for name, line in ((WIN_BACK, rules.win_back), *gift_lines(rules)):
        if line is not None:
            starts, ends = period_around(night.valid_from, line.period, night.days)
            committed[name] = (
                committed_milli(store, starts, ends, replacing=replacing, programme=mine, line=name)
                if name == WIN_BACK
                else MILLI
                * given_minor(store, as_booked(name), starts, ends, programme=mine, replacing=replacing)
            )
    return committed


def _runs_lately(store: Store, context: NightContext) -> list[Run]:
    """Published runs whose shadow bundles may still run, or are remembered."""
    remembered = timedelta(days=max((section.memory_days for section in sections_of(context)), default=0))
    return [
        run
        for run in all_runs(store)
        if run.state == PUBLISHED
        and run.night < context.moment.day
        and context.night.as_of - run.as_of < _LONGEST_WINDOW + remembered
    ]


def _paused(store: Store, night: Night, ids: Sequence[str]) -> list[tuple[str, ...]]:
    """Who of the customers gets no bundle for what contacts found out, and why."""
    paused: list[tuple[str, ...]] = []
    for name, held in sorted(contacts_of(store, ids).items()):
        known = contact_state(held, night.as_of, night.programme.outreach.quiet_days)
        if known is not None and known.complaint:
            paused.append((name, "complaint"))
        if known is not None and known.moved:
            paused.append((name, "moved"))
    return paused


def _keep(folder: RunFolder, bucket: int, file: Path, snapshot: pd.DataFrame) -> None:
    """Write a part of the snapshot; where it has changed, the bucket is planned anew."""
    if not file.exists() or not pd.read_parquet(file).equals(snapshot):
        folder.forget(bucket)
        write_parquet(file, snapshot)
