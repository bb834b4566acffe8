"""What a night keeps of its customers' earlier bundles, where the programme or an arm says what may return."""

from collections.abc import Collection, Sequence
from datetime import timedelta

import pandas as pd

from engine.nightly.context import NightContext
from engine.nightly.folder.past_shadows import past_shadows
from engine.nightly.shelf.offered_before import COLUMNS
from engine.programme.experiment_file import changed_programme
from engine.programme.rotation_section import Rotation
from engine.store import Store
from engine.store.nights.run_records import Run
from engine.store.nights.seen_offers import offers_seen
from models.tables import CUSTOMER_ID, ITEM_ID

_DAY = timedelta(days=1)
_PROGRAMME = "programme"


def sections_of(context: NightContext) -> list[Rotation]:
    """What is asked of rotation tonight, by the programme and by each arm; none where nothing is asked of what was offered."""
    text = context.folder.programme.read_text(encoding="utf-8")
    rules = [context.night.programme] + [
        changed_programme(text, [arm.changes], f"arm {arm.name} of {trial.name}")
        for trial in context.trials
        for arm in trial.arms
        if "rotation" in (arm.changes or {})
    ]
    return [one.rotation for one in rules if one.rotation is not None and one.rotation.remembers]


def offers_remembered(
    store: Store,
    context: NightContext,
    customer_ids: Sequence[str],
    earlier_runs: Collection[Run],
    sections: Sequence[Rotation],
) -> pd.DataFrame:
    """COLUMNS of `shelf.offered_before` for some customers, as far back as any of the sections asks.

    Args:
        store: where bundles were published.
        context: the night.
        customer_ids: of a bucket.
        earlier_runs: whose shadow logs tell of those who get nothing by lot.
        sections: at least one.
    """
    night = context.night
    since = night.valid_from - _DAY * max(section.memory_days for section in sections)
    by_days = [
        max(one.item_days, one.family_days, one.staple_days, one.memory_days if one.fatigue_offers else 0)
        for one in sections
    ]
    seen = offers_seen(
        store,
        customer_ids,
        since,
        before=context.moment.day,
        last_bundles=max(section.memory_bundles for section in sections),
        also_since=night.valid_from - _DAY * max(by_days),
    )
    served = pd.DataFrame(seen, columns=[CUSTOMER_ID, ITEM_ID, "valid_from", "valid_to", "used", _PROGRAMME])
    shadows = [
        past_shadows(
            context.workspace,
            [run.run_id for run in earlier_runs if run.programme == name],
            customer_ids,
            since,
            night.valid_from,
        ).assign(used=False, shadow=True, programme=name)
        for name in sorted({run.programme for run in earlier_runs} | {night.programme.name})
    ]
    rows = pd.concat([served.assign(shadow=False), *shadows], ignore_index=True)
    begun, ended = (
        (pd.Timestamp(night.valid_from) - pd.to_datetime(rows[name], utc=True)) / _DAY
        for name in ("valid_from", "valid_to")
    )
    order = pd.to_datetime(rows["valid_from"], utc=True)
    return (
        rows.assign(
            # of each programme: a bundle a day makes nobody's last weekly one older
            bundles_ago=order.groupby([rows[CUSTOMER_ID], rows[_PROGRAMME]])
            .rank(method="dense", ascending=False)
            .astype("int64"),
            begun_days=begun.round().astype("int64"),
            # what was withdrawn before its window was over rests from tonight on
            ended_days=ended.round().clip(lower=0).astype("int64"),
            **{name: rows[name].astype("str") for name in (CUSTOMER_ID, ITEM_ID)},
            **{name: rows[name].astype("bool") for name in ("used", "shadow")},
        )[list(COLUMNS)]
        .sort_values([CUSTOMER_ID, "bundles_ago", ITEM_ID], ignore_index=True)
        .drop_duplicates(ignore_index=True)
    )
