"""Whether the holdout and the experiments are what they should be: asked of the store and of the night's snapshot every night.

Numbers that would make a comparison worth nothing. What went wrong already does not get better by keeping a night back, so
a lot that came out lopsided, arms that were not alike before or mixed ones are alarms; a leak and arms that are not those drawn are checks of the guard.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import duckdb

from engine.domain.arms import Arm
from engine.nightly.context import NightContext
from engine.nightly.guard.alike_before import AT_MOST, FIGURES, alike_before
from engine.store import Store
from engine.store.nights.assigned_arms import counted_in_arms, units_in_arms
from engine.store.nights.holdout_leaks import leaks
from engine.store.nights.kept_experiments import (
    HOLDOUT_LAYER,
    KeptExperiment,
    holdout_in_force,
    unended_experiments,
)
from engine.store.nights.redrawn_arms import redrawn
from models.effects.sample_ratio import ratio_p_values

ALARM_LEVEL = 0.01  # over all nights together: the p-value may be looked at every night
MOST_MIXED = (
    0.05  # of an arm's customers: more than that, and the difference between arms is diluted noticeably
)
LATELY = timedelta(days=7)


def inspect_arms(store: Store, context: NightContext) -> dict[str, Any]:
    """Look at every experiment that runs, the holdout too.

    Returns:
        Plain JSON content: `experiments` by name, each with `customers`, `units`, `erased` and `crossed` by arm,
        `ratio_p` (always valid), `balance` (as `alike_before` gives it), `redrawn` and, where somebody is held out, `leaks`; `tonight` with the night's own
        leaks, households in two arms and customers who are drawn under another name today; `alarms` in sentences.
    """
    kept = holdout_in_force(store)
    begun = [one for one in unended_experiments(store) if one.started <= context.night.as_of]
    counted = counted_in_arms(store)
    experiments = {
        one.name: _facts(store, context, one, counted.get(one.number, {}))
        for one in ([] if kept is None else [kept]) + begun
        if one.number in counted
    }
    tonight = _tonight(context)
    return {
        "experiments": experiments,
        "tonight": tonight,
        "alarms": [
            *(alarm for name, facts in experiments.items() for alarm in _alarms(name, facts)),
            *_household_alarms(tonight),
        ],
    }


def in_words(arms: Mapping[str, Any]) -> list[str]:
    """A line an experiment: `holdout-1: holdout 218, treated 2,007; ...` with what is not as it should be."""
    lines = []
    for name, facts in arms["experiments"].items():
        said = ", ".join(f"{arm} {number:,}" for arm, number in facts["customers"].items())
        mixed = [
            f"{sum(facts[key].values()):,} {what}"
            for key, what in (("erased", "erased since"), ("crossed", "with a card of another arm"))
            if sum(facts[key].values())
        ]
        before = facts.get("balance", {"arms": {}})["arms"]  # of a night of an earlier release
        alike = [
            f"{arm} {'not alike' if found['p'] <= AT_MOST / len(before) else 'alike'} before (p = {found['p']:.3f})"
            for arm, found in before.items()
        ]
        lines.append("; ".join([f"{name}: {said}", *mixed, *alike]))
    return lines


def _facts(
    store: Store, context: NightContext, one: KeptExperiment, counted: Mapping[str, Any]
) -> dict[str, Any]:
    shares = _shares(one)
    units = units_in_arms(store, one.number)
    facts: dict[str, Any] = {
        what: {arm: getattr(counted[arm], what) if arm in counted else 0 for arm in shares}
        for what in ("customers", "erased", "crossed")
    }
    facts["units"] = {arm: units.get(arm, 0) for arm in shares}
    facts["shares"] = shares
    told = one.definition.get("shares_told", True)
    facts["ratio_p"] = _ratio_p(facts["units"], shares) if told else 1.0
    facts["erased_p"] = _ratio_p(facts["erased"], shares)
    seen_days = context.night.programme.eligibility.seen_days
    facts["balance"] = alike_before(context.workspace, store, one, list(shares), seen_days)
    facts["redrawn"] = redrawn(store, one)
    if Arm.HOLDOUT in shares:
        night = context.night
        found = leaks(
            store,
            one.number,
            covers=night.programme.holdout.covers,
            since=night.as_of - LATELY,
            programme=night.programme.name,
        )
        facts["leaks"] = found._asdict()
    return facts


def _shares(one: KeptExperiment) -> dict[str, float]:
    if one.layer == HOLDOUT_LAYER:
        share = one.definition["share"]
        return {Arm.HOLDOUT.value: share, Arm.TREATED.value: 1 - share}
    whole = sum(arm["share"] for arm in one.definition["arms"])
    return {arm["name"]: arm["share"] / whole for arm in one.definition["arms"]}


def _ratio_p(counts: Mapping[str, int], shares: Mapping[str, float]) -> float:
    return round(float(ratio_p_values([[counts[arm] for arm in shares]], list(shares.values()))[0]), 6)


def _tonight(context: NightContext) -> dict[str, int]:
    path = context.folder.path
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"CREATE VIEW arms AS FROM read_parquet('{path}/snapshot/arms/*.parquet')")
        (served,) = connection.execute(
            f"SELECT count(DISTINCT customer_id) FROM read_parquet('{path}/slots/*.parquet') "
            "WHERE customer_id IN (SELECT customer_id FROM arms WHERE arm = 'holdout')"
        ).fetchall()[0]
        split, households = connection.execute(
            "SELECT count(*) FILTER (arms > 1), count(*) FROM (SELECT count(DISTINCT arm) AS arms FROM arms "
            "WHERE starts_with(unit, 'household/') GROUP BY unit)"
        ).fetchall()[0]
        moved, customers = connection.execute(
            "SELECT count(*) FILTER (seen_as <> unit), count(*) FROM arms"
        ).fetchall()[0]
    covered = "bundle" in context.night.programme.holdout.covers
    return {
        "served": int(served) if covered else 0,
        "split_households": int(split),
        "households": int(households),
        "moved": int(moved),
        "customers": int(customers),
    }


def _alarms(name: str, facts: Mapping[str, Any]) -> Sequence[str]:
    alarms = []
    for what, key, noun in (("units", "ratio_p", "drawn"), ("erased", "erased_p", "erased since")):
        if facts[key] <= ALARM_LEVEL:
            counts = ", ".join(f"{arm} {number:,}" for arm, number in facts[what].items())
            meant = ", ".join(f"{share:.1%}" for share in facts["shares"].values())
            alarms.append(
                f"{name}: {counts} {noun}, {meant} were meant; chance makes that less than once in "
                f"{1 / max(facts[key], 1e-6):,.0f} experiments. Trust no difference between its arms until the cause is found."
            )
    alarms += _unlike_before(name, facts)
    customers = sum(facts["customers"].values())
    mixed = sum(facts["crossed"].values())
    if mixed > MOST_MIXED * max(customers, 1):
        alarms.append(
            f"{name}: {mixed:,} of {customers:,} customers have had another arm by a merged card; what the arms differ by is "
            "diluted by about as much."
        )
    return alarms


def _unlike_before(name: str, facts: Mapping[str, Any]) -> list[str]:
    """All comparisons of an experiment together have the level of one."""
    before, (first, *_) = facts["balance"]["arms"], facts["shares"]
    return [
        f"{name}: {arm} and {first} were not alike before it began, furthest apart in {FIGURES[worst]}, by "
        f"{found['apart'][worst]:+.2f} standard deviations of its logarithm; chance makes that less than once in "
        f"{1 / max(found['p'], 1e-6):,.0f} experiments. Trust no difference between its arms until the cause is found."
        for arm, found in before.items()
        if found["p"] <= AT_MOST / len(before)
        for worst in [max(FIGURES, key=lambda figure: abs(found["apart"][figure]))]
    ]


def _household_alarms(tonight: Mapping[str, int]) -> list[str]:
    split, households = tonight["split_households"], tonight["households"]
    if split <= MOST_MIXED * households:
        return []
    return [
        (
            f"{split:,} of {households:,} households have members in two arms, because they were drawn before the shop named "
            "their household; a holdout that begins anew or rotates draws households as one."
        )
    ]
