"""One night from the workspace's data to published bundles.

    1 snapshot   merged cards become their owners'; what the store holds: open bundles, favourites, committed money
    2 items      every bucket's item statistics, merged
    3 plan       every bucket: features, candidates, scores, options, bundles at every depth cap
    4 price      the budget's shadow price, from the buckets' summed cost vectors
    5 assign     every bucket: final bundles, reasons, the slot log
    6 guard      measure the night, compare it with the ones before, go on or refuse
    7 publish    stage bundles, rules, products and suggestions in the store, switch in one transaction

Steps 2 to 5 (`engine.nightly.passes`) leave files; a night that was killed takes those files up when it is started
again with the same request. The result depends neither on `jobs` nor on interruptions. One night runs in a
workspace at a time.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from engine.nightly import passes
from engine.nightly.arms_tonight import keep_arms
from engine.nightly.begun_night import NightRules, begin_night
from engine.nightly.choosing.favourite_budget import look_at_favourites
from engine.nightly.choosing.policies import policy_of
from engine.nightly.choosing.policy import Policy
from engine.nightly.context import NightContext
from engine.nightly.folder.learning_figures import learning_figures
from engine.nightly.folder.rotation_figures import rotation_figures
from engine.nightly.folder.rule_figures import rule_figures
from engine.nightly.folder.run_folder import tidy
from engine.nightly.folder.run_summary import describe, kinds_tonight
from engine.nightly.folder.served_nights import mark_served
from engine.nightly.folder.shelf_figures import shelf_figures
from engine.nightly.guard import require_known
from engine.nightly.guard.night_inspection import inspect_night
from engine.nightly.in_force.funders_promised import given_so_far
from engine.nightly.in_force.holdout_in_force import (
    HoldoutInForce,
    begin_holdout,
    end_holdout,
    holdout_tonight,
)
from engine.nightly.in_force.programmes_in_force import InForce, programmes_beside
from engine.nightly.in_force.tried_tonight import end_those_over, rules_of_arms, trials_tonight
from engine.nightly.prices.budget_price import lots_that_count, shadow_price
from engine.nightly.prices.gifts_tonight import gifts_tonight
from engine.nightly.publishing.cards_taken_over import take_over_cards
from engine.nightly.publishing.consent_withdrawals import (
    end_bundles_of_those_who_refused,
    end_favourites_of_those_who_refused,
)
from engine.nightly.publishing.shelf_rows import ready_sharers, ready_suggestions, shelf_rows
from engine.nightly.publishing.stand_in_rows import look_again, stage_stand_ins
from engine.nightly.shelf.assigned_customers import require_arm
from engine.nightly.snapshot import take_snapshot
from engine.programme import parse_programme
from engine.store import Store
from engine.store.choices.favourites import stage_suggestions
from engine.store.choices.recall_rendering import render_recalled
from engine.store.grants.grants_of_nights import give_of_night
from engine.store.nights.bundle_records import (
    stage_bundles,
)
from engine.store.nights.publication import publish
from engine.store.nights.published_products import drop_old_products, stage_products
from engine.store.nights.recalls import recalled_now, render_anew
from engine.store.nights.retention import discard_staged
from engine.store.nights.run_records import all_runs, begin_run, next_attempt, run_name
from engine.store.nights.shared_bundles import stage_sharers
from engine.store.nights.stops import refuse_to_publish
from engine.wording.language_files import OwnWording, load_sentences
from models.ground.locks import only_writer
from models.ground.moment import Moment
from models.ground.progress import Progress
from models.response.exposure import Exposure
from models.sources import open_data


@dataclass(frozen=True)
class NightResult:
    """What a night did: the published run's name, its manifest, how many buckets there are and were taken over."""

    run_id: str
    manifest: dict[str, Any]
    buckets: int
    resumed_buckets: int


def run(
    workspace: Path,
    as_of: Moment,
    programme_text: str,
    store: Store,
    *,
    now: datetime,
    jobs: int,
    progress: Progress,
    policy: Policy | None = None,
    wording: OwnWording | None = None,
    wait_seconds: float = 0,
    accepted: Collection[str] = (),
    tell_learning: Callable[[dict[str, Any]], object] = bool,
) -> NightResult:
    """Run one night and publish it.

    Args:
        workspace: holds loaded data and a current model version; the run folder goes there.
        as_of: nothing at or after it is known to the night.
        programme_text: the rules, as TOML; kept in the run folder with what a preset says of them.
        store: where bundles are published.
        now: when the night runs, for the record only.
        jobs: buckets side by side.
        progress: told what is being done.
        policy: what an offer is worth at each depth, where it is not the one that the programme chooses.
        wording: the shop's own sentences for customers in the programme's language, where it has some.
        wait_seconds: how long to wait while another process writes into the workspace.
        accepted: checks of the guard whose failure the operator answers for, by name.
        tell_learning: told, before anything is published, what a policy that learns by lot does tonight and may lose, as the
            manifest has it under `learning`.

    Raises:
        BadInput, BadArtifact: no usable data or model.
        BadProgramme: the rules are impossible, or not those the model was fitted for, or choose a policy,
            parameters of it or a language that do not exist, or a sentence of the shop's own is wrong, or the holdout
            in force is another one, or another programme's in force differs in what a shop has once, or a store is unknown, or a bundle has more places than the shop has items.
        Busy: another process still writes into the workspace.
        GuardRefused: the night looks wrong; the former offers stay.
        OffersStopped: the shop has stopped all personal offers, before or during the night.
        BadInput: no check of the guard has such a name, or the policy needs what no night knows, or a response and none is in
            use.
        StoreUnreachable, CannotWrite: nothing was published.
    """
    require_known(accepted)
    programme = parse_programme(programme_text, "the programme")
    policy = policy or policy_of(programme)
    policy.require_inputs()
    load_sentences(programme.language, wording)  # a wrong one is said before anything begins
    with only_writer(workspace, f"the night of {as_of.day.isoformat()}", wait_seconds=wait_seconds) as fence:
        data = open_data(workspace)
        trials = trials_tonight(store, as_of.as_of)
        tried = [policy_of(rules) for rules in rules_of_arms(programme_text, trials.running)]
        for one in tried:
            one.require_inputs()
        needs = policy.needs.union(*(one.needs for one in tried))
        beside = programmes_beside(store, programme, as_of)
        require_arm(programme.assigned, trials.running)
        holdout = holdout_tonight(store, programme, as_of, others_run=bool(trials.running))
        discard_staged(store)
        tidy(workspace, {earlier.run_id for earlier in all_runs(store)})
        mark_served(workspace, store)
        run_id = run_name(as_of.day, next_attempt(store, as_of.day), programme.name)
        with store.reading() as connection:
            refuse_to_publish(connection)
        context, request, response = begin_night(
            workspace,
            run_id,
            as_of,
            NightRules(programme_text, programme, policy, wording),
            store,
            trials,
            read_from=workspace,
        )
        folder = context.folder

        take_over_cards(store, context, now)
        use = take_snapshot(store, context, holdout, needs, progress)
        passes.read_items(context, fence, jobs, progress)
        planned = passes.plan(context, fence, policy, jobs, progress)
        budget = shadow_price(context, use.committed_milli, use.factor_bp)
        passes.assign(context, fence, budget, jobs, progress)
        learning = _learning(context, response, budget)
        if learning:
            tell_learning(learning["learning"])
        about = request | {
            "budget": budget,
            "favourite": look_at_favourites(store, context.night),
            "holdout": None if holdout is None else holdout.as_dict(),
            "result": describe(folder, context.vat)
            | {"overspend_chance": use.overspend_chance(budget["amount_minor"], kinds_tonight(folder))},
            **learning,
            **rotation_figures(folder, data.buckets, budget),
            **rule_figures(folder, programme.rules),
            **shelf_figures(folder, context.assortment, context.sold, programme.shelf),
            **given_so_far(store, data),
            **_side_by_side(context, beside),
        }
        manifest = folder.finish(inspect_night(store, context, about, accepted, progress))
        _publish(store, context, holdout, manifest, now, progress)
        mark_served(workspace, store)
        end_those_over(store, trials, as_of.as_of)
        folder.drop_plans()
    return NightResult(run_id, manifest, data.buckets, data.buckets - planned)


def _side_by_side(context: NightContext, beside: Sequence[InForce]) -> dict[str, Any]:
    """What the manifest says of a shop's programmes; nothing for one that runs alone and has no name."""
    rules = context.night.programme
    if not rules.name and not beside:
        return {}
    served = {
        "name": rules.name,
        "validity_days": [rules.validity.min_days, rules.validity.max_days],
        "model_window_days": list(context.artifact.manifest.window_days),
    }
    return {"side_by_side": served | {"beside": {one.name: one.as_dict() for one in beside}}}


def _learning(
    context: NightContext, response: Mapping[str, Any], budget: Mapping[str, Any]
) -> dict[str, Any]:
    explore = context.night.programme.explore
    if explore is None or not response:
        return {}
    mine = context.night.policy_name
    beside = [label for label in budget.get("cells", ()) if context.cell(label).night.policy_name != mine]
    lots = lots_that_count(budget, beside)
    exposure = Exposure.read(response["exposure"])
    found = learning_figures(context.folder, exposure, lots, beside)
    return {"learning": found | {"visits_margin": explore.visits_margin}}


def _publish(
    store: Store,
    context: NightContext,
    holdout: HoldoutInForce | None,
    manifest: dict[str, Any],
    now: datetime,
    progress: Progress,
) -> None:
    moment, run_id = context.moment, context.run_id
    progress("publishing", 0, len(context.folder.slot_files()))
    holdout_no = None if holdout is None else begin_holdout(store, holdout)
    keep_arms(store, context, holdout_no)
    staged = begin_run(
        store,
        night=moment.day,
        attempt=int(run_id.rpartition(".")[2]),
        as_of=moment.as_of,
        timezone=moment.timezone,
        currency=context.data.currency,
        now=now,
        ids=context.data.ids,
        programme=context.night.programme.name,
    )
    stage_products(
        store,
        staged,
        item_level=context.night.programme.prediction.item_level,
        programme=context.folder.programme.read_text(encoding="utf-8"),
        stocked=shelf_rows(context),
        holdout_no=holdout_no,
    )
    stage_suggestions(store, staged, ready_suggestions(context))
    stage_sharers(store, staged, ready_sharers(context))
    stage_bundles(store, staged, passes.ready_bundles(context, progress, "publishing"))
    stage_stand_ins(store, staged, context)
    _withdraw_recalled(store, context)
    tonight = gifts_tonight(context)

    def give(connection: Connection) -> None:
        give_of_night(connection, moment.day, context.night.programme.name, tonight, moment.as_of)

    publish(store, run_id, now=now, manifest=manifest, also=give)
    look_again(store, staged, context)
    if holdout is None:
        end_holdout(store, moment.as_of)
    drop_old_products(store)
    end_bundles_of_those_who_refused(store, context)
    end_favourites_of_those_who_refused(store, context, now)


def _withdraw_recalled(store: Store, context: NightContext) -> None:
    """What was recalled since the night began may stand in bundles that are only staged: nobody sees it there either."""
    at = context.moment.as_of
    if not context.recalled.issuperset(recalled_now(store, at)):
        with store.switching() as connection:
            render_anew(connection, at)
    render_recalled(store, at)
