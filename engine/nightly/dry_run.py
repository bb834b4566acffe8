"""A night that is planned and not published: what tonight would be by some programmes, and by other budgets.

It is planned in a folder of its own that is gone afterwards, from the loaded data, the models in use and what the store says. Nothing is
written to the workspace or the store, no run number is taken and nobody waits for it. Cards that were merged since the last night are
taken over as the real night does it, and the guard's checks are made, for what is looked at only.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from engine.domain.budget import MILLI, allowance_milli
from engine.domain.budget_lines import line_of
from engine.nightly import passes
from engine.nightly.begun_night import NightRules, begin_night
from engine.nightly.choosing.allocation import shadow_price_per_minor
from engine.nightly.choosing.budget_curve import BudgetCurve, budget_curve
from engine.nightly.choosing.cell_plans import CellPlans
from engine.nightly.choosing.policies import policy_of
from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.staples_exchanged import at_item_prices
from engine.nightly.context import NightContext
from engine.nightly.folder.offers_compared import by_family, by_rule, by_rung, compared, offers_of, people_of
from engine.nightly.folder.rule_figures import rule_names
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.folder.run_summary import describe
from engine.nightly.guard.night_inspection import look_at_night
from engine.nightly.in_force.holdout_in_force import holdout_tonight
from engine.nightly.in_force.programmes_in_force import programmes_beside
from engine.nightly.in_force.tried_tonight import rules_of_arms, trials_tonight
from engine.nightly.prices.budget_price import shadow_price
from engine.nightly.prices.staples_tonight import prices_of
from engine.nightly.publishing.cards_taken_over import as_if_taken_over
from engine.nightly.shelf.assigned_customers import require_arm
from engine.nightly.shelf.assortment import REMOVALS
from engine.nightly.snapshot import take_snapshot
from engine.programme import Programme, parse_programme
from engine.store import Store
from engine.store.nights.published_products import published_shop, published_shops
from engine.store.nights.run_records import next_attempt, run_name
from engine.wording.language_files import OwnWording
from models.ground.locks import only_writer
from models.ground.moment import Moment
from models.ground.progress import Progress
from models.tables import BUNDLE_ID


@dataclass(frozen=True)
class AskedProgramme:
    """A programme to plan a night by: what it is called, its rules as TOML, its policy and its own wording."""

    name: str
    programme_text: str
    policy: Policy
    wording: OwnWording | None = None


@dataclass(frozen=True)
class DryNight:
    """What a night would be.

    Attributes:
        name: of the programme.
        policy: its name.
        result: as the manifest of a published night has it.
        budget: as there.
        curve: of [budget], cost, worth, uses and bundles by budget, at tonight's prices of items, as plain content; with `knee`, `tonight` and `asked`.
        against: the run that it is compared with, and who gains and loses; empty where there is none.
        rungs, families: by segment.
        ruled: by the rule of the programme's [rules] that counts; empty where it has none.
        rules: what rules kept out, most first.
        guard: the guard's checks, as the manifest has them.
        offers: what customers would have, for comparing two programmes.
    """

    name: str
    policy: str
    result: Mapping[str, Any]
    budget: Mapping[str, Any]
    curve: Mapping[str, Any]
    against: Mapping[str, Any]
    ruled: Sequence[Mapping[str, Any]]
    rungs: Sequence[Mapping[str, Any]]
    families: Sequence[Mapping[str, Any]]
    rules: Sequence[Mapping[str, Any]]
    guard: Mapping[str, Any]
    offers: pd.DataFrame


def dry_run(
    workspace: Path,
    as_of: Moment,
    asked: Sequence[AskedProgramme],
    store: Store,
    *,
    budgets: Sequence[int] = (),
    jobs: int,
    progress: Progress,
) -> tuple[DryNight, ...]:
    """Plan a night by each programme and look at it beside the last published one.

    Args:
        workspace: holds loaded data and a current model version; only read.
        as_of: nothing at or after it is known to the night.
        asked: the programmes.
        store: only read.
        budgets: amounts of the programme's period, minor units, to look up on the curve.
        jobs: buckets side by side.
        progress: told what is being done.

    Raises:
        BadInput, BadArtifact, BadProgramme, StoreUnreachable: as `engine.nightly.run.run`.
    """
    last, newest = published_shop(store), published_shops(store)

    def before(asked: AskedProgramme) -> RunFolder | None:
        """The last night of the programme, or of any where it has none."""
        shop = newest.get(parse_programme(asked.programme_text, asked.name).name, last)
        return None if shop is None else RunFolder.of(workspace, shop.run_id)

    return tuple(
        _planned(workspace, as_of, one, store, before(one), budgets=budgets, jobs=jobs, progress=progress)
        for one in asked
    )


def side_by_side(nights: Sequence[DryNight]) -> list[dict[str, Any]]:
    """Each later programme beside the first: who gains and who loses, and how many offers of both are the same."""
    return [
        {"programme": one.name, "beside": nights[0].name} | compared(one.offers, nights[0].offers)
        for one in nights[1:]
    ]


def _planned(
    workspace: Path,
    as_of: Moment,
    asked: AskedProgramme,
    store: Store,
    before: RunFolder | None,
    *,
    budgets: Sequence[int],
    jobs: int,
    progress: Progress,
) -> DryNight:
    text, policy = asked.programme_text, asked.policy
    programme = parse_programme(text, asked.name)
    with (
        TemporaryDirectory(prefix="abonement-dry-run-") as scratch,
        only_writer(Path(scratch), "a dry run") as fence,
    ):
        context = _begun(workspace, Path(scratch), as_of, programme, asked, store)
        programmes_beside(store, programme, as_of)
        holdout = holdout_tonight(store, programme, as_of, others_run=bool(context.trials))
        needs = policy.needs.union(*(policy_of(rules).needs for rules in rules_of_arms(text, context.trials)))
        with as_if_taken_over(store, context, Path(scratch)) as seen:
            use = take_snapshot(seen, context, holdout, needs, progress)
        passes.read_items(context, fence, jobs, progress)
        passes.plan(context, fence, policy, jobs, progress)
        budget = shadow_price(context, use.committed_milli, use.factor_bp)
        passes.assign(context, fence, budget, jobs, progress)
        plans = (
            at_item_prices(
                plan, prices_of(context, budget.get("staples"), label), context.cell(label).min_items
            )
            for bucket in range(context.data.buckets)
            for label, plan in CellPlans.load(context.folder.plan(bucket)).plans.items()
            if line_of(label) is None
        )
        curve = budget_curve(plans, use.factor_bp)
        offers, people = offers_of(context.folder), people_of(context.folder)
        then = None if before is None or not before.slot_files() else offers_of(before)
        found = {} if before is None or then is None else {"run_id": before.run_id} | compared(offers, then)
        result = describe(context.folder, context.vat)
        assortment = context.assortment
        looked_at, _ = look_at_night(store, context, budget)
        family = dict(zip(assortment.item_id.tolist(), assortment.family.tolist(), strict=True))
        return DryNight(
            asked.name,
            policy.name,
            result,
            budget,
            _curve_content(curve, budget, budgets),
            found,
            by_rule(offers, people, rule_names(context.folder), then),
            by_rung(offers, people, then),
            by_family(offers, family, then),
            _rules(context, result),
            looked_at["guard"],
            offers,
        )


def _begun(
    workspace: Path, scratch: Path, as_of: Moment, programme: Programme, asked: AskedProgramme, store: Store
) -> NightContext:
    """A workspace with the same data, models and former runs, in which a night has begun."""
    for name in ("data", "registry"):
        (scratch / name).symlink_to((workspace / name).absolute(), target_is_directory=True)
    (scratch / "runs").mkdir()
    for earlier in (workspace / "runs").glob("[!.]*"):
        if (earlier / "manifest.json").exists():
            (scratch / "runs" / earlier.name).symlink_to(earlier.absolute(), target_is_directory=True)
    run_id = run_name(as_of.day, next_attempt(store, as_of.day), programme.name)
    (scratch / "runs" / run_id).unlink(missing_ok=True)  # finished and not published: begun anew
    trials = trials_tonight(store, as_of.as_of)
    require_arm(programme.assigned, trials.running)
    rules = NightRules(asked.programme_text, programme, asked.policy, asked.wording)
    return begin_night(scratch, run_id, as_of, rules, store, trials, read_from=workspace).context


def _curve_content(curve: BudgetCurve, budget: Mapping[str, Any], budgets: Sequence[int]) -> dict[str, Any]:
    """Points with cost, worth, uses, bundles and the price that a minor unit must bring; budgets with what tonight may plan.

    The knee has the amount of the programme's period that would let tonight plan it.
    """

    def point(index: int) -> dict[str, Any]:
        price = shadow_price_per_minor(index)
        return {
            "cost_minor": round(int(curve.cost_milli[index]) / MILLI, 2),
            "worth": round(float(curve.worth[index]), 3),
            "uses": round(float(curve.uses[index]), 2),
            "bundles": int(curve.bundles[index]),
            "value_per_minor": price if np.isfinite(price) else None,
        }

    def of(amount_minor: int) -> dict[str, Any]:
        allowance = allowance_milli(amount_minor, budget["committed_milli"], budget["nights_left"])
        about = {"amount_minor": amount_minor, "allowance_minor": round(allowance / MILLI, 2)}
        return about | point(curve.at(allowance))

    knee = curve.knee()
    needed = int(curve.cost_milli[knee]) * budget["nights_left"] + budget["committed_milli"]
    return {
        "points": [point(index) for index in curve.corners()],
        "knee": {"amount_minor": -(-needed // MILLI)} | point(knee),
        "tonight": of(budget["amount_minor"]),
        "asked": [of(amount) for amount in budgets],
    }


def _rules(context: NightContext, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each rule kept out: customers, items with their buyers in four weeks, and the next best item of bundles."""
    assortment, lines = context.assortment, []
    buyers = context.item_table["buyers_28d"].fillna(0).to_numpy(dtype=np.float64)
    for code in np.unique(assortment.removed_by[assortment.removed_by > 0]).tolist():
        of = assortment.removed_by == code
        rule = REMOVALS[code]
        share = round(float(buyers[of].sum() / max(buyers.sum(), 1)), 4)
        lines.append({"what": "items", "rule": str(rule), "removed": int(of.sum()), "share_of_buys": share})
    customers = max(int(result["customers"]), 1)
    lines += [
        {
            "what": "customers",
            "rule": name,
            "removed": count,
            "share_of_customers": round(count / customers, 4),
        }
        for name, count in result["outcomes"].items()
        if name != "bundle"
    ]
    next_best = Counter[str]()
    for file in context.folder.slot_files():
        rows = pd.read_parquet(file, columns=[BUNDLE_ID, "runner_up", "runner_up_rule"]).dropna()
        next_best.update(rows.drop_duplicates([BUNDLE_ID, "runner_up"])["runner_up_rule"].tolist())
    lines += [
        {"what": "next best items", "rule": name, "removed": count} for name, count in next_best.items()
    ]
    return sorted(lines, key=lambda line: (line["what"], -int(line["removed"])))
